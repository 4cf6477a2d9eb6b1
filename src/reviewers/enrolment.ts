import type { Clock } from '../core/clock.ts';
import type { Invitation, Passkey } from '../core/credentials.ts';
import type { Draft, PersonalReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import { newId, type Random } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { IdentitiesView } from '../core/ledger.ts';
import { isAuditor, personOfSignOn, sameHuman, type People, type Person } from '../core/person.ts';
import { appendProven, identityErrorOf, type Append } from './append.ts';
import { codeDigest, newCode } from './invitation-code.ts';
import { createInvitationDoor } from './invitation-door.ts';
import { nameOfKey } from './key-name.ts';
import type { Passkeys } from './passkeys.ts';

/** How people get passkeys, and lose them. */
export interface Enrolment {
  /**
   * Invites a person. The code is returned here and nowhere else: the inviter passes it on by another way than mail.
   *
   * @param by a person's id, or `operator`
   * @throws IdentityError `unknown_person`
   */
  invite(person: string, by: string): Promise<{ readonly invitation: Invitation; readonly code: string }>;
  /** Invitations that wait for a second person, and that this one may approve. */
  awaiting(approver: string): readonly (Invitation & { readonly name: string })[];
  /**
   * A second person's approval of inviting again someone who has had a passkey.
   *
   * @throws IdentityError `unknown_invitation`, `self_approval` (also of another entry of the same human),
   * `auditor`, `replayed`, `passkey_cloned`, …
   */
  approve(options: {
    readonly invitation: string;
    readonly by: string;
    readonly receipt: PersonalReceipt;
  }): Promise<void>;
  /** What stands behind an invitation's link. Reads only. @throws IdentityError `link_unknown`, `invitation_over` */
  view(token: string): { readonly invitation: Invitation; readonly person: Person };
  /**
   * Options for the browser, once the code is right. Five wrong codes withdraw the invitation.
   *
   * @throws IdentityError `code_wrong`, `link_unknown`, `invitation_over`
   */
  begin(options: {
    readonly token: string;
    readonly code: string;
    readonly nonce: string;
  }): Promise<JsonObject>;
  /** Enrols the key, which spends the invitation. @throws IdentityError those of `begin`, and `passkey_refused` */
  complete(options: {
    readonly token: string;
    readonly code: string;
    readonly nonce: string;
    readonly name: string;
    readonly response: JsonObject;
  }): Promise<Passkey>;
  /** Options for one more key of someone who has one. */
  beginMore(options: { readonly person: string; readonly nonce: string }): Promise<JsonObject>;
  /** One more key; the receipt is of the act `add_passkey`. @throws IdentityError */
  addMore(options: {
    readonly person: string;
    readonly receipt: PersonalReceipt;
    readonly nonce: string;
    readonly name: string;
    readonly response: JsonObject;
  }): Promise<Passkey>;
  /** @param options.by a person's id, or `operator`, who gives no receipt @throws IdentityError `unknown_passkey` */
  revoke(options: {
    readonly person: string;
    readonly credential_id: string;
    readonly by: string;
    readonly reason: string;
    readonly receipt?: PersonalReceipt;
  }): Promise<void>;
}

/** Who invites and revokes on the command line. */
const OPERATOR = 'operator';

export interface EnrolmentOptions {
  readonly append: Append;
  readonly identities: () => IdentitiesView;
  readonly people: () => People;
  /** Nothing where the site cannot have passkeys: then nobody is invited. */
  readonly passkeys: Passkeys | undefined;
  /** 32 secret bytes, under which codes are kept. */
  readonly codeKey: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
}

export function createEnrolment(options: EnrolmentOptions): Enrolment {
  const { identities, people, codeKey, clock, random } = options;
  const append = (...drafts: readonly Draft[]): Promise<void> => appendProven(options, drafts);
  const door = createInvitationDoor({ append, identities, people, codeKey, clock });

  function passkeys(): Passkeys {
    if (options.passkeys) return options.passkeys;
    throw new IdentityError(
      'no_passkeys',
      'Passkeys need a host name: set PLACET_PUBLIC_URL to one that is no IP address.',
    );
  }

  function personOf(id: string): Person {
    const person = people().people.find((each) => each.id === id);
    if (person) return person;
    throw new IdentityError('unknown_person', `policies/people.yaml names no person ${JSON.stringify(id)}.`);
  }

  /** This person's entries in people.yaml: one human may have several. */
  function entriesOf(id: string): readonly Person[] {
    const person = people().people.find((each) => each.id === id);
    return person ? people().people.filter((other) => sameHuman(other, person)) : [];
  }

  /** A sign-on proves who somebody is only where people.yaml says that the account is theirs. */
  function mustProve(id: string, receipt: PersonalReceipt | undefined): void {
    if (receipt?.kind !== 'sso') return;
    const holder = personOfSignOn(receipt, people());
    if (holder && entriesOf(id).some((entry) => entry.id === holder.id)) return;
    throw new IdentityError('sso_refused', 'The account that was signed in with is not linked to you.');
  }

  async function enrol(
    way: Pick<Extract<Draft, { readonly type: 'passkey.enrolled' }>, 'invitation' | 'receipt'>,
    of: { person: Person; nonce: string; name: string; response: JsonObject },
  ): Promise<Passkey> {
    const { person, nonce, response } = of;
    const key = await passkeys().verifyRegistration({ person, nonce, response });
    const name = nameOfKey(of.name);
    await options
      .append([{ type: 'passkey.enrolled', person: person.id, name, ...key, ...way }])
      .catch((error: unknown) => {
        throw identityErrorOf(error);
      });
    const passkey = identities().passkey(key.credential_id);
    if (!passkey) throw new Error('The enrolled passkey was not taken up.');
    return passkey;
  }

  return {
    async invite(id, by) {
      passkeys();
      const { id: person } = personOf(id);
      const own = entriesOf(person).map((entry) => entry.id);
      if (own.includes(by)) {
        throw new IdentityError('self_approval', 'Nobody invites themselves, under any of their addresses.');
      }
      const needs_approval = own.some((entry) => identities().hasEnrolled(entry));
      const involved = [
        ...own,
        ...(by === OPERATOR ? [] : entriesOf(personOf(by).id).map((each) => each.id)),
      ];
      if (
        needs_approval &&
        people().people.every((each) => involved.includes(each.id) || isAuditor(each, people()))
      ) {
        throw new IdentityError(
          'nobody_to_approve',
          `${person} had a passkey before, so a second person has to approve, and there is none: name one in policies/people.yaml.`,
        );
      }
      const invitation = newId('inv', clock.now(), random);
      const code = newCode(random);
      const code_digest = codeDigest(codeKey, invitation, code);
      await append({ type: 'passkey.invited', invitation, person, by, code_digest, needs_approval });
      const made = identities().invitation(invitation);
      if (!made) throw new Error('The invitation was not taken up.');
      return { invitation: made, code };
    },

    awaiting(approver) {
      const own = entriesOf(approver).map((entry) => entry.id);
      if (entriesOf(approver).some((entry) => isAuditor(entry, people()))) return [];
      return [...identities().invitations()]
        .filter((each) => each.state === 'open' && each.needs_approval && each.approved_by === undefined)
        .filter((each) => !own.includes(each.person) && !own.includes(each.by))
        .flatMap((each) => {
          const person = people().people.find((one) => one.id === each.person);
          return person ? [{ ...each, name: person.name }] : [];
        });
    },

    async approve({ invitation: id, by, receipt }) {
      const invitation = identities().invitation(id);
      if (!invitation) throw new IdentityError('unknown_invitation', 'There is no such invitation.');
      // Only of people who are listed it is known who they are.
      if (isAuditor(personOf(by), people())) {
        throw new IdentityError(
          'auditor',
          'Nothing was approved. You are an auditor of this workspace: you may read everything and decide nothing.',
        );
      }
      personOf(invitation.person);
      const own = entriesOf(by).map((entry) => entry.id);
      if (own.includes(invitation.person) || own.includes(invitation.by)) {
        throw new IdentityError(
          'self_approval',
          'Nobody approves an invitation that is for them or by them, under any of their addresses.',
        );
      }
      mustProve(by, receipt);
      await append({ type: 'passkey.invitation_approved', invitation: id, by, receipt });
    },

    view: (token) => door.view(token),

    async begin({ token, code, nonce }) {
      const { person } = await door.ready(token, code);
      return passkeys().registrationOptions({
        person,
        nonce,
        exclude: identities().activePasskeysOf(person.id),
      });
    },

    async complete({ token, code, nonce, name, response }) {
      const { invitation, person } = await door.ready(token, code);
      return enrol({ invitation: invitation.id }, { person, nonce, name, response });
    },

    async beginMore({ person, nonce }) {
      return passkeys().registrationOptions({
        person: personOf(person),
        nonce,
        exclude: identities().activePasskeysOf(person),
      });
    },

    async addMore({ person, receipt, nonce, name, response }) {
      if (receipt.kind !== 'passkey') {
        throw new IdentityError('passkey_refused', 'Another passkey of yours has to sign for a new one.');
      }
      const making = enrol({ receipt }, { person: personOf(person), nonce, name, response });
      return making.catch((error: unknown) => {
        // It signed a while ago, so a counter that has gone on since is no sign of a copy.
        if (!(error instanceof IdentityError) || error.code !== 'passkey_cloned') throw error;
        throw new IdentityError(
          'passkey_refused',
          'Your passkey signed for something else meanwhile. Begin again to add another.',
          { cause: error },
        );
      });
    },

    async revoke({ person, credential_id, by, reason, receipt }) {
      if (by !== OPERATOR && by !== person) {
        throw new IdentityError('unknown_passkey', 'Only the keys that are your own are yours to revoke.');
      }
      mustProve(by, receipt);
      await append({
        type: 'passkey.revoked',
        person,
        credential_id,
        by,
        reason,
        ...(receipt === undefined ? {} : { receipt }),
      });
    },
  };
}
