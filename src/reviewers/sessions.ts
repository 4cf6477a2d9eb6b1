import { timestamp, type Clock } from '../core/clock.ts';
import type { Session } from '../core/credentials.ts';
import { sha256 } from '../core/digest.ts';
import type { Draft, PersonalReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { IdentitiesView } from '../core/ledger.ts';
import type { People, Person } from '../core/person.ts';
import { appendProven, identityErrorOf, type Append } from './append.ts';

/** A session that may be used now. */
export interface LiveSession extends Session {
  readonly holder: Person;
  /** When it was last used, as far as this host knows. RFC 3339, UTC. */
  readonly used_at: string;
}

/** Sessions of the console: they show, and never decide. A token is 32 random bytes, of which the journal has the hash. */
export interface Sessions {
  /**
   * Opens a session for someone who has just proved who they are; `replaces` is closed, so that none is carried
   * over a sign-in.
   *
   * @throws IdentityError `replayed`, `passkey_cloned`, `unknown_passkey`, `revoked_passkey`
   */
  open(options: {
    readonly person: string;
    readonly receipt: PersonalReceipt;
    readonly replaces?: string;
  }): Promise<{ readonly token: string; readonly expires_at: string }>;
  /** Nothing when there is none, it is over, was idle too long, or its person is no longer listed. */
  find(token: string): LiveSession | undefined;
  listOf(person: string): readonly LiveSession[];
  /** @throws IdentityError `unknown_session` */
  close(options: { readonly sha256: string; readonly person: string }): Promise<void>;
}

const LIFE_MS = 12 * 60 * 60 * 1000;
const IDLE_MS = 60 * 60 * 1000;

export function createSessions(options: {
  readonly append: Append;
  readonly identities: () => IdentitiesView;
  readonly people: () => People;
  readonly clock: Clock;
  readonly random: Random;
}): Sessions {
  const { append, identities, people, clock, random } = options;
  /** A host that starts anew takes every session for one that was just used. */
  const startedAt = clock.now();
  const used = new Map<string, number>();

  function live(session: Session | undefined): LiveSession | undefined {
    if (!session) return undefined;
    const now = clock.now();
    const usedAt = used.get(session.sha256) ?? Math.max(Date.parse(session.opened_at), startedAt);
    if (Date.parse(session.expires_at) <= now || usedAt + IDLE_MS <= now) return undefined;
    const holder = people().people.find((person) => person.id === session.person);
    return holder && { ...session, holder, used_at: new Date(usedAt).toISOString() };
  }

  function forget(): void {
    for (const sha of used.keys()) if (!identities().session(sha)) used.delete(sha);
  }

  return {
    async open({ person, receipt, replaces }) {
      const token = Buffer.from(random(32)).toString('base64url');
      const expires_at = timestamp(clock, LIFE_MS);
      const old = replaces === undefined ? undefined : identities().session(sha256(replaces));
      const drafts: Draft[] = [
        ...(old
          ? [{ type: 'session.closed', session_sha256: old.sha256, person: old.person, by: person } as const]
          : []),
        { type: 'session.opened', session_sha256: sha256(token), person, expires_at, receipt },
      ];
      await appendProven({ append, identities }, drafts);
      forget();
      return { token, expires_at };
    },

    find(token) {
      const session = live(identities().session(sha256(token)));
      if (session) used.set(session.sha256, clock.now());
      return session;
    },

    listOf: (person) =>
      identities()
        .sessionsOf(person)
        .flatMap((session) => live(session) ?? []),

    async close({ sha256: session_sha256, person }) {
      if (identities().session(session_sha256)?.person !== person) {
        throw new IdentityError('unknown_session', 'There is no such session; it may be over already.');
      }
      await append([{ type: 'session.closed', session_sha256, person, by: person }]).catch(
        (error: unknown) => {
          throw identityErrorOf(error);
        },
      );
      used.delete(session_sha256);
    },
  };
}
