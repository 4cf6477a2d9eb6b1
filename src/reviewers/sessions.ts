import type { Session } from '../core/credentials.ts';
import type { Receipt } from '../core/entry.ts';
import type { Person } from '../core/person.ts';

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
    readonly receipt: Receipt;
    readonly replaces?: string;
  }): Promise<{ readonly token: string; readonly expires_at: string }>;
  /** Nothing when there is none, it is over, was idle too long, or its person is no longer listed. */
  find(token: string): LiveSession | undefined;
  listOf(person: string): readonly LiveSession[];
  /** @throws IdentityError `unknown_session` */
  close(options: { readonly sha256: string; readonly person: string }): Promise<void>;
}
