import { isOver } from './agent-keys.ts';
import type { AdmittedReceipt, EntryOf, PersonalReceipt } from './entry.ts';
import { TransitionError } from './errors.ts';

export type ReviewerAccessEntry = EntryOf<
  'account.linked' | 'account.unlinked' | 'reviewer.key_issued' | 'reviewer.key_revoked'
>;

/** An account elsewhere that a person said is theirs, proving who they are. `linked_at` is RFC 3339, UTC. */
export interface LinkedAccount {
  readonly person: string;
  readonly channel: 'slack';
  readonly team: string;
  readonly user: string;
  readonly linked_at: string;
  /** The passkey by which it was linked: what it is revoked for may have been done by whoever had it. */
  readonly credential_id?: string;
}

/** A key by which a person's own programs speak for them at the API. Times are RFC 3339, UTC. */
export interface ReviewerKey {
  readonly person: string;
  readonly key_id: string;
  /** Over the key, of which nothing else is kept. */
  readonly key_sha256: string;
  readonly name: string;
  readonly scope: 'read' | 'decide';
  readonly issued_at: string;
  readonly expires_at: string;
  readonly revoked_at?: string;
  /** The passkey by which it was made. */
  readonly credential_id?: string;
}

/** What begins a reviewer's key, so that those who look for leaked secrets know one, and nobody takes it for an agent's. */
export const REVIEWER_KEY_PREFIX = 'plr_';

export interface ReviewerAccessState {
  readonly accounts: readonly LinkedAccount[];
  readonly keys: readonly ReviewerKey[];
  /** Digests of what Slack signed and was counted, with when. */
  readonly payloads: readonly (readonly [string, string])[];
}

export const NO_REVIEWER_ACCESS: ReviewerAccessState = { accounts: [], keys: [], payloads: [] };

/** Slack's signatures are refused after five minutes; what was counted is known for longer. */
const PAYLOADS_KEPT_MS = 24 * 60 * 60 * 1000;
/** Of each person so many keys stay known that were revoked, for lists and for clear refusals. */
const REVOKED_KEPT = 32;

/** What may speak for people beside their passkeys and sign-ons, where a rule admits it: a fold over the journal. */
export class ReviewerAccess {
  readonly #accounts = new Map<string, LinkedAccount>();
  /** By digest, oldest first. */
  readonly #keys = new Map<string, ReviewerKey>();
  readonly #payloads = new Map<string, string>();

  /** Whose account this is. */
  account(team: string, user: string): LinkedAccount | undefined {
    return this.#accounts.get(nameOf(team, user));
  }

  /** The accounts that a person linked, oldest first. */
  accountsOf(person: string): readonly LinkedAccount[] {
    return [...this.#accounts.values()].filter((account) => account.person === person);
  }

  /** The key with this digest, whether or not it still holds. */
  findKey(sha256: string): ReviewerKey | undefined {
    return this.#keys.get(sha256);
  }

  /** Of a person, oldest first, revoked ones among them. */
  keysOf(person: string): readonly ReviewerKey[] {
    return [...this.#keys.values()].filter((key) => key.person === person);
  }

  /** Whether what spoke for a person still does: the account is linked to them, the key was not revoked. */
  holds(person: string, receipt: AdmittedReceipt): boolean {
    if (receipt.kind === 'slack') return this.account(receipt.team, receipt.user)?.person === person;
    const key = this.#named(person, receipt.key_id);
    return key !== undefined && key.revoked_at === undefined;
  }

  /**
   * That an entry of linked accounts and keys may stand, but for what proves who the person is.
   *
   * @throws TransitionError `account_linked`, `unknown_account`, `reviewer_key_exists`, `reviewer_key_expired`,
   * `unknown_reviewer_key`, `revoked_reviewer_key`
   */
  #mustBePossible(entry: ReviewerAccessEntry): void {
    const { person } = entry;
    switch (entry.type) {
      case 'account.linked': {
        const known = this.account(entry.team, entry.user);
        if (known)
          throw refused(
            'account_linked',
            `This account is linked to ${known.person} already: unlink it first.`,
          );
        return;
      }
      case 'account.unlinked':
        if (this.account(entry.team, entry.user)?.person !== person)
          throw refused('unknown_account', `${person} has no such account that is linked.`);
        return;
      case 'reviewer.key_issued':
        if (this.#keys.has(entry.key_sha256) || this.#named(person, entry.key_id) !== undefined)
          throw refused('reviewer_key_exists', `The key ${entry.key_id} of ${person} was issued before.`);
        if (isOver(entry.expires_at, Date.parse(entry.time)))
          throw refused(
            'reviewer_key_expired',
            `The key ${entry.key_id} would have expired before it is issued.`,
          );
        return;
      case 'reviewer.key_revoked': {
        const key = this.#named(person, entry.key_id);
        if (!key) throw refused('unknown_reviewer_key', `${person} has no key ${entry.key_id}.`);
        if (key.revoked_at !== undefined)
          throw refused('revoked_reviewer_key', `The key ${entry.key_id} of ${person} was revoked before.`);
      }
    }
  }

  /**
   * Takes up an entry of linked accounts and keys, or throws and changes nothing.
   *
   * @param prove takes up what proves who the person is, once the rest may stand; it throws where that does not
   * @throws TransitionError
   */
  apply(entry: ReviewerAccessEntry, prove: () => void = () => undefined): void {
    this.#mustBePossible(entry);
    prove();
    switch (entry.type) {
      case 'account.linked':
        return this.#linked(entry);
      case 'account.unlinked':
        this.#accounts.delete(nameOf(entry.team, entry.user));
        return;
      case 'reviewer.key_issued':
        return this.#issued(entry);
      case 'reviewer.key_revoked':
        return this.#revoke(this.#named(entry.person, entry.key_id), entry.time);
    }
  }

  /** Whoever had a passkey that is revoked may have linked and made what it proved: none of that speaks any more. */
  passkeyRevoked({ credential_id: id, time }: EntryOf<'passkey.revoked'>): void {
    for (const [name, account] of this.#accounts)
      if (account.credential_id === id) this.#accounts.delete(name);
    for (const key of this.#keys.values())
      if (key.credential_id === id && key.revoked_at === undefined) this.#revoke(key, time);
  }

  /**
   * Takes up that an account or a key spoke for a person.
   *
   * @throws TransitionError `unknown_account`, `replayed`, `unknown_reviewer_key`, `revoked_reviewer_key`,
   * `reviewer_key_expired`, `reviewer_key_reads`
   */
  proven(person: string, receipt: AdmittedReceipt, time: string): void {
    if (receipt.kind === 'api') return this.#mustDecide(person, receipt.key_id, time);
    if (this.account(receipt.team, receipt.user)?.person !== person)
      throw refused('unknown_account', `This account in Slack is not linked to ${person}.`);
    if (this.#payloads.has(receipt.payload_sha256))
      throw refused('replayed', 'This press was counted before.');
    for (const [old, at] of this.#payloads) {
      if (Date.parse(at) >= Date.parse(time) - PAYLOADS_KEPT_MS) break;
      this.#payloads.delete(old);
    }
    this.#payloads.set(receipt.payload_sha256, time);
  }

  save(): ReviewerAccessState {
    return {
      accounts: [...this.#accounts.values()],
      keys: [...this.#keys.values()],
      payloads: [...this.#payloads],
    };
  }

  load(state: ReviewerAccessState): void {
    for (const map of [this.#accounts, this.#keys, this.#payloads]) map.clear();
    for (const account of state.accounts) this.#accounts.set(nameOf(account.team, account.user), account);
    for (const key of state.keys) this.#keys.set(key.key_sha256, key);
    for (const [payload, at] of state.payloads) this.#payloads.set(payload, at);
  }

  #linked({ person, channel, team, user, receipt, time }: EntryOf<'account.linked'>): void {
    this.#accounts.set(nameOf(team, user), {
      person,
      channel,
      team,
      user,
      linked_at: time,
      ...credentialOf(receipt),
    });
  }

  #issued(entry: EntryOf<'reviewer.key_issued'>): void {
    const { person, key_id, key_sha256, name, scope, expires_at, receipt, time: issued_at } = entry;
    const key = { person, key_id, key_sha256, name, scope, issued_at, expires_at };
    this.#keys.set(key_sha256, { ...key, ...credentialOf(receipt) });
  }

  #revoke(key: ReviewerKey | undefined, time: string): void {
    if (!key) return;
    this.#keys.set(key.key_sha256, { ...key, revoked_at: time });
    const revoked = this.keysOf(key.person).filter((each) => each.revoked_at !== undefined);
    for (const old of revoked.slice(0, -REVOKED_KEPT)) this.#keys.delete(old.key_sha256);
  }

  #mustDecide(person: string, keyId: string, time: string): void {
    const key = this.#named(person, keyId);
    if (!key) throw refused('unknown_reviewer_key', `${person} has no key ${keyId}.`);
    if (key.revoked_at !== undefined)
      throw refused('revoked_reviewer_key', `The key ${keyId} was revoked at ${key.revoked_at}.`);
    if (isOver(key.expires_at, Date.parse(time)))
      throw refused('reviewer_key_expired', `The key ${keyId} expired at ${key.expires_at}.`);
    if (key.scope !== 'decide')
      throw refused('reviewer_key_reads', `The key ${keyId} may read and not decide.`);
  }

  #named(person: string, keyId: string): ReviewerKey | undefined {
    for (const key of this.#keys.values()) if (key.person === person && key.key_id === keyId) return key;
    return undefined;
  }
}

export function isReviewerAccessEntry(entry: { readonly type: string }): entry is ReviewerAccessEntry {
  return /^(?:account\.(?:linked|unlinked)|reviewer\.key_(?:issued|revoked))$/.test(entry.type);
}

function credentialOf(receipt: PersonalReceipt): { readonly credential_id?: string } {
  return receipt.kind === 'passkey' ? { credential_id: receipt.credential_id } : {};
}

function nameOf(team: string, user: string): string {
  return JSON.stringify([team, user]);
}

function refused(code: string, message: string): TransitionError {
  return new TransitionError(code, message);
}
