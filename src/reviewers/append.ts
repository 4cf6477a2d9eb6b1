import type { Draft } from '../core/entry.ts';
import { IdentityError, TransitionError } from '../core/errors.ts';

/** Makes drafts durable in the journal, all or none. @throws JournalError, TransitionError */
export type Append = (drafts: readonly Draft[]) => Promise<unknown>;

/** What a person is told where the journal's fold refused; anything else goes on as it is. */
export function identityErrorOf(thrown: unknown): unknown {
  if (!(thrown instanceof TransitionError)) return thrown;
  return new IdentityError(thrown.code, WORDS[thrown.code] ?? thrown.message, { cause: thrown });
}

const WORDS: Readonly<Record<string, string>> = {
  replayed: 'This was signed and used before. Load the page again and sign once more.',
  passkey_cloned:
    "This passkey's counter went back, as that of a copy does, so it is not trusted. Use another one, or ask for an invitation.",
  unknown_passkey: 'This passkey is not enrolled here.',
  revoked_passkey: 'This passkey was revoked. Use another one, or ask for an invitation.',
  enrolled_twice: 'This passkey is enrolled already.',
  needs_approval: 'A second person has to approve this invitation in the console first.',
  invitation_over: 'This invitation is spent, withdrawn or expired. Ask for a new one.',
};
