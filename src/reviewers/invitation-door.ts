import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { mayBeFollowed, type Invitation } from '../core/credentials.ts';
import type { Draft } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import type { IdentitiesView } from '../core/ledger.ts';
import { isLinkToken, linkDigest } from '../core/link.ts';
import { sameHuman, type People, type Person } from '../core/person.ts';
import { codeDigest } from './invitation-code.ts';

export interface Invited {
  readonly invitation: Invitation;
  readonly person: Person;
}

/** What an invitation's link opens, alone and with the code. */
export interface InvitationDoor {
  /** By the link alone. Reads only. @throws IdentityError `link_unknown`, `invitation_over` */
  view(token: string): Invited;
  /** By link and code; a wrong code is counted. @throws IdentityError also `code_wrong` */
  ready(token: string, code: string): Promise<Invited>;
}

/** Who withdraws an invitation whose code is being guessed. */
const PLACET = 'placet';
const WRONG_CODES = 5;

export function createInvitationDoor(options: {
  readonly append: (draft: Draft) => Promise<void>;
  readonly identities: () => IdentitiesView;
  readonly people: () => People;
  readonly codeKey: Uint8Array;
  readonly clock: Clock;
}): InvitationDoor {
  const { append, identities, people, codeKey, clock } = options;
  /** Wrong codes by invitation. A restart forgets them, which five more tries at 40 random bits can bear. */
  const wrong = new Map<string, number>();

  function view(token: string): Invited {
    const invitation = isLinkToken(token) ? identities().invitationOfLink(linkDigest(token)) : undefined;
    if (!invitation) {
      throw new IdentityError(
        'link_unknown',
        'This invitation is not known: the link was mistyped or cut. Open the one in the newest mail.',
      );
    }
    const person = people().people.find((each) => each.id === invitation.person);
    if (!person || !mayBeFollowed(invitation, clock.now()) || hasKeySince(invitation, person)) {
      throw new IdentityError(
        'invitation_over',
        'This invitation is spent, withdrawn or expired. Ask whoever invited you for a new one.',
      );
    }
    return { invitation, person };
  }

  /** An invitation to a first key is none any more once the same human enrolled one under another entry. */
  function hasKeySince({ needs_approval }: Invitation, person: Person): boolean {
    return (
      !needs_approval &&
      people().people.some((each) => sameHuman(each, person) && identities().hasEnrolled(each.id))
    );
  }

  async function withdraw(invitation: string): Promise<never> {
    await append({
      type: 'passkey.invitation_withdrawn',
      invitation,
      by: PLACET,
      reason: `A wrong code was given ${WRONG_CODES} times.`,
    });
    wrong.delete(invitation);
    throw new IdentityError(
      'invitation_over',
      'A wrong code was given too often, so this invitation is withdrawn. Ask for a new one.',
    );
  }

  return {
    view,
    async ready(token, code) {
      const found = view(token);
      const { id, code_digest } = found.invitation;
      const times = wrong.get(id) ?? 0;
      // Where the withdrawal could not be journalled, nobody guesses on.
      if (times >= WRONG_CODES) return withdraw(id);
      const given = Buffer.from(codeDigest(codeKey, id, code), 'hex');
      if (timingSafeEqual(given, Buffer.from(code_digest, 'hex'))) return found;
      wrong.set(id, times + 1);
      if (times + 1 >= WRONG_CODES) return withdraw(id);
      throw new IdentityError(
        'code_wrong',
        'The code is not that of this invitation. Ask whoever invited you for it.',
      );
    },
  };
}
