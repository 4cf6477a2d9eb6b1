import type { Draft } from '../core/entry.ts';
import { IdentityError, TransitionError } from '../core/errors.ts';
import type { IdentitiesView } from '../core/ledger.ts';

/** Makes drafts durable in the journal, all or none. @throws JournalError, TransitionError */
export type Append = (drafts: readonly Draft[]) => Promise<unknown>;

/**
 * Appends what a person has just proved. A passkey whose counter went back is taken for a copy, and revoked.
 *
 * @throws IdentityError where the journal's fold refused; JournalError
 */
export async function appendProven(
  { append, identities }: { readonly append: Append; readonly identities: () => IdentitiesView },
  drafts: readonly Draft[],
): Promise<void> {
  try {
    await append(drafts);
  } catch (error) {
    const copied = error instanceof TransitionError && error.code === 'passkey_cloned';
    const revoked = copied ? drafts.flatMap((draft) => revocation(draft, identities())) : [];
    if (revoked.length > 0) {
      await append(revoked).catch(() => {
        // What it signed is refused in any case; somebody may have revoked it meanwhile.
      });
    }
    throw identityErrorOf(error);
  }
}

function revocation(draft: Draft, identities: IdentitiesView): readonly Draft[] {
  const receipt = 'receipt' in draft ? draft.receipt : undefined;
  const key = receipt?.kind === 'passkey' ? identities.passkey(receipt.credential_id) : undefined;
  if (!key || key.revoked) return [];
  return [
    {
      type: 'passkey.revoked',
      person: key.person,
      credential_id: key.id,
      by: 'placet',
      reason: 'Its counter went back, as that of a copy does.',
    },
  ];
}

/** What a person is told where the journal's fold refused; anything else goes on as it is. */
export function identityErrorOf(thrown: unknown): unknown {
  if (!(thrown instanceof TransitionError)) return thrown;
  return new IdentityError(thrown.code, WORDS[thrown.code] ?? thrown.message, { cause: thrown });
}

const WORDS: Readonly<Record<string, string>> = {
  replayed: 'This was signed and used before. Load the page again and sign once more.',
  passkey_cloned:
    'The counter of this passkey went back, so there may be a copy of it; it is revoked. Use another one, or ask for an invitation.',
  unknown_passkey: 'This passkey is not enrolled here.',
  revoked_passkey: 'This passkey was revoked. Use another one, or ask for an invitation.',
  enrolled_twice: 'This passkey is enrolled already.',
  needs_approval: 'A second person has to approve this invitation in the console first.',
  invitation_over: 'This invitation is spent, withdrawn or expired. Ask for a new one.',
};
