import {
  mayBeFollowed,
  wasMailed,
  type IdentitiesState,
  type Invitation,
  type Passkey,
  type Session,
} from './credentials.ts';
import type { Entry, EntryOf, PasskeyReceipt, PersonalReceipt } from './entry.ts';
import { TransitionError } from './errors.ts';
import type { SignOn } from './person.ts';

type OfIdentities = Extract<Entry, { readonly type: `passkey.${string}` | `session.${string}` }>;

/** A nonce is refused a second time for as long as its page can be posted, and longer. */
const NONCES_KEPT_MS = 24 * 60 * 60 * 1000;
/** Who revokes without a proof: on the command line, and by itself when a counter went back. No person has these ids. */
const WITHOUT_PROOF: ReadonlySet<string> = new Set(['operator', 'placet']);
const REPLAYED = ['replayed', 'This was signed and used before.'] as const;
const INVITATIONS_KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Who can prove who they are, and how: a fold over the journal. It grows with people and their keys, not with the
 * journal's length.
 */
export class Identities {
  readonly #passkeys = new Map<string, Passkey>();
  readonly #invitations = new Map<string, Invitation>();
  readonly #sessions = new Map<string, Session>();
  readonly #signOns = new Map<string, SignOn>();
  /** When each nonce was used. */
  readonly #nonces = new Map<string, string>();

  passkey(id: string): Passkey | undefined {
    return this.#passkeys.get(id);
  }

  /** Everybody's keys, revoked ones among them, oldest first. */
  passkeys(): IterableIterator<Passkey> {
    return this.#passkeys.values();
  }

  /** All of a person's keys, revoked ones among them, oldest first. */
  passkeysOf(person: string): readonly Passkey[] {
    return [...this.#passkeys.values()].filter((key) => key.person === person);
  }

  activePasskeysOf(person: string): readonly Passkey[] {
    return this.passkeysOf(person).filter((key) => !key.revoked);
  }

  /** Whether the person has ever enrolled a key; from then on a mailbox no longer speaks for them. */
  hasEnrolled(person: string): boolean {
    return this.passkeysOf(person).length > 0;
  }

  invitation(id: string): Invitation | undefined {
    return this.#invitations.get(id);
  }

  invitations(): IterableIterator<Invitation> {
    return this.#invitations.values();
  }

  invitationOfLink(sha256: string): Invitation | undefined {
    return [...this.#invitations.values()].find((invitation) => invitation.links.includes(sha256));
  }

  session(sha256: string): Session | undefined {
    return this.#sessions.get(sha256);
  }

  sessionsOf(person: string): readonly Session[] {
    return [...this.#sessions.values()].filter((session) => session.person === person);
  }

  /** What identity providers last said of people. */
  signOns(): IterableIterator<SignOn> {
    return this.#signOns.values();
  }

  /**
   * Takes up an entry of people's keys, invitations and sessions.
   *
   * @throws TransitionError naming the rule that it breaks
   */
  apply(entry: OfIdentities): void {
    switch (entry.type) {
      case 'passkey.invited':
        return this.#invited(entry);
      case 'passkey.invitation_approved': {
        const invitation = this.#open(entry.invitation);
        if (!invitation.needs_approval || invitation.approved_by !== undefined)
          throw illegal('approval_not_needed', `The invitation ${invitation.id} needs no approval.`);
        if (entry.by === invitation.person || entry.by === invitation.by)
          throw illegal('self_approval', 'Nobody approves an invitation that is for them or by them.');
        this.proven(entry.by, entry.receipt, entry.time);
        this.#invitations.set(invitation.id, { ...invitation, approved_by: entry.by });
        return;
      }
      case 'passkey.invitation_linked': {
        const invitation = this.#ready(entry.invitation);
        this.#invitations.set(invitation.id, {
          ...invitation,
          links: [...invitation.links, entry.link_sha256],
        });
        return;
      }
      case 'passkey.invitation_sent': {
        const invitation = this.#ready(entry.invitation);
        this.#invitations.set(invitation.id, { ...invitation, expires_at: entry.expires_at });
        return;
      }
      case 'passkey.invitation_withdrawn': {
        const invitation = this.#open(entry.invitation);
        this.#invitations.set(invitation.id, { ...invitation, state: 'withdrawn' });
        return;
      }
      case 'passkey.enrolled':
        return this.#enrolled(entry);
      case 'passkey.revoked':
        return this.#revoked(entry);
      case 'session.opened':
        return this.#opened(entry);
      case 'session.closed':
        if (this.#sessions.get(entry.session_sha256)?.person !== entry.person)
          throw illegal('unknown_session', 'There is no such session.');
        this.#sessions.delete(entry.session_sha256);
    }
  }

  /**
   * Takes up that a person proved who they are: the key is theirs, was not revoked, its counter did not go back,
   * and its nonce is new; or the provider's answer was not used before.
   *
   * @throws TransitionError
   */
  proven(person: string, receipt: PersonalReceipt, time: string): void {
    if (receipt.kind === 'sso') {
      this.#useNonce(`sso ${receipt.id_token_sha256}`, time);
      this.#signOns.set(person, { person, groups: receipt.groups, at: receipt.auth_time });
      return;
    }
    const key = this.#usable(person, receipt);
    this.#useNonce(receipt.nonce, time);
    this.#passkeys.set(key.id, { ...key, sign_count: receipt.sign_count, used_at: time });
  }

  save(): IdentitiesState {
    return {
      passkeys: [...this.#passkeys.values()],
      invitations: [...this.#invitations.values()],
      sessions: [...this.#sessions.values()],
      sign_ons: [...this.#signOns.values()],
      nonces: [...this.#nonces],
    };
  }

  load(state: IdentitiesState): void {
    for (const map of [this.#passkeys, this.#invitations, this.#sessions, this.#signOns, this.#nonces])
      map.clear();
    for (const key of state.passkeys) this.#passkeys.set(key.id, key);
    for (const each of state.invitations) this.#invitations.set(each.id, each);
    for (const session of state.sessions) this.#sessions.set(session.sha256, session);
    for (const each of state.sign_ons) this.#signOns.set(each.person, each);
    for (const [nonce, at] of state.nonces) this.#nonces.set(nonce, at);
  }

  #invited(entry: EntryOf<'passkey.invited'>): void {
    if (this.#invitations.has(entry.invitation))
      throw illegal('invited_twice', `The invitation ${entry.invitation} was made before.`);
    if (this.hasEnrolled(entry.person) && !entry.needs_approval)
      throw illegal(
        'needs_approval',
        `${entry.person} had a passkey before, so a second person has to approve.`,
      );
    const { invitation: id, person, by, code_digest, needs_approval, time: invited_at } = entry;
    for (const other of this.#invitations.values()) {
      if (Date.parse(other.invited_at) < Date.parse(invited_at) - INVITATIONS_KEPT_MS)
        this.#invitations.delete(other.id);
      else if (other.person === person && other.state === 'open')
        this.#invitations.set(other.id, { ...other, state: 'withdrawn' });
    }
    this.#invitations.set(id, {
      id,
      person,
      by,
      code_digest,
      needs_approval,
      links: [],
      invited_at,
      state: 'open',
    });
  }

  #enrolled(entry: EntryOf<'passkey.enrolled'>): void {
    if (this.#passkeys.has(entry.credential_id))
      throw illegal('enrolled_twice', 'This passkey is enrolled already.');
    if ((entry.invitation === undefined) === (entry.receipt === undefined))
      throw illegal(
        'not_invited',
        'A passkey is enrolled by an invitation, or by another key of the same person.',
      );
    if (entry.receipt) this.proven(entry.person, entry.receipt, entry.time);
    if (entry.invitation !== undefined) {
      const invitation = this.#ready(entry.invitation);
      if (invitation.person !== entry.person)
        throw illegal('not_invited', `The invitation ${invitation.id} is for somebody else.`);
      if (!wasMailed(invitation) || !mayBeFollowed(invitation, Date.parse(entry.time)))
        throw illegal('invitation_over', `The invitation ${invitation.id} has expired.`);
      this.#invitations.set(invitation.id, { ...invitation, state: 'spent' });
    }
    this.#passkeys.set(entry.credential_id, {
      id: entry.credential_id,
      person: entry.person,
      public_key: entry.public_key,
      algorithm: entry.algorithm,
      sign_count: entry.sign_count,
      name: entry.name,
      transports: entry.transports,
      backed_up: entry.backed_up,
      rp_id: entry.rp_id,
      enrolled_at: entry.time,
    });
  }

  /** A revoked key takes the sessions with it that it opened: whoever has it may have those, too. */
  #revoked(entry: EntryOf<'passkey.revoked'>): void {
    const key = this.#passkeys.get(entry.credential_id);
    if (!key || key.person !== entry.person || key.revoked)
      throw illegal('unknown_passkey', `${entry.person} has no such passkey to revoke.`);
    const { time: at, by, reason, receipt } = entry;
    if (WITHOUT_PROOF.has(by) !== (receipt === undefined))
      throw illegal(
        'no_proof',
        'A person revokes a passkey by proving who they are, and an operator without.',
      );
    if (receipt) this.proven(by, receipt, at);
    // To prove it may have moved this very key's counter.
    this.#passkeys.set(key.id, { ...(this.#passkeys.get(key.id) ?? key), revoked: { at, by, reason } });
    for (const [sha256, session] of this.#sessions)
      if (session.credential_id === key.id) this.#sessions.delete(sha256);
  }

  #opened(entry: EntryOf<'session.opened'>): void {
    if (this.#sessions.has(entry.session_sha256))
      throw illegal('session_twice', 'This session was opened before.');
    this.proven(entry.person, entry.receipt, entry.time);
    for (const [sha256, session] of this.#sessions)
      if (Date.parse(session.expires_at) <= Date.parse(entry.time)) this.#sessions.delete(sha256);
    this.#sessions.set(entry.session_sha256, {
      sha256: entry.session_sha256,
      person: entry.person,
      verification: entry.receipt.kind,
      ...(entry.receipt.kind === 'passkey' ? { credential_id: entry.receipt.credential_id } : {}),
      opened_at: entry.time,
      expires_at: entry.expires_at,
    });
  }

  #open(id: string): Invitation {
    const invitation = this.#invitations.get(id);
    if (invitation?.state === 'open') return invitation;
    throw illegal('invitation_over', `The invitation ${id} is ${invitation?.state ?? 'not known'}.`);
  }

  #ready(id: string): Invitation {
    const invitation = this.#open(id);
    if (!invitation.needs_approval || invitation.approved_by !== undefined) return invitation;
    throw illegal('needs_approval', `The invitation ${id} waits for a second person's approval.`);
  }

  #usable(person: string, receipt: PasskeyReceipt): Passkey {
    const key = this.#passkeys.get(receipt.credential_id);
    if (!key || key.person !== person)
      throw illegal('unknown_passkey', `This passkey is not one of ${person}.`);
    if (key.revoked) throw illegal('revoked_passkey', `This passkey was revoked at ${key.revoked.at}.`);
    // Before the counter, which what is merely sent again does not raise either: that is no copy.
    if (this.#nonces.has(receipt.nonce)) throw illegal(...REPLAYED);
    const counts = key.sign_count > 0 || receipt.sign_count > 0;
    if (counts && receipt.sign_count <= key.sign_count)
      throw illegal('passkey_cloned', "The passkey's counter went back, as that of a copy does.");
    return key;
  }

  #useNonce(nonce: string, time: string): void {
    if (this.#nonces.has(nonce)) throw illegal(...REPLAYED);
    for (const [old, at] of this.#nonces) {
      if (Date.parse(at) >= Date.parse(time) - NONCES_KEPT_MS) break;
      this.#nonces.delete(old);
    }
    this.#nonces.set(nonce, time);
  }
}

function illegal(code: string, message: string): TransitionError {
  return new TransitionError(code, message);
}
