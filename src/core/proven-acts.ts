import type { Entry } from './entry.ts';
import { TransitionError } from './errors.ts';
import type { Identities } from './identities.ts';
import type { ReviewerAccess } from './reviewer-access.ts';

/**
 * Takes up the proof of what somebody did about a request: that they decided, had secrets shown, or said what became of it.
 *
 * @throws TransitionError
 */
export function takeProof(
  entry: Entry,
  book: {
    readonly identities: Pick<Identities, 'proven' | 'hasEnrolled'>;
    readonly reviewerAccess: Pick<ReviewerAccess, 'proven'>;
  },
): void {
  const { type } = entry;
  if (type !== 'approval.decided' && type !== 'execution.reconciled' && type !== 'secret.revealed') return;
  const { receipt, reviewer, time } = entry;
  if (receipt?.kind === 'slack' || receipt?.kind === 'api')
    book.reviewerAccess.proven(reviewer, receipt, time);
  else if (receipt) book.identities.proven(reviewer, receipt, time);
  else if (takesMore(entry) && book.identities.hasEnrolled(reviewer))
    throw new TransitionError(
      'verification_too_weak',
      `${reviewer} has a passkey, and a link no longer speaks for them.`,
    );
}

/** What a mailbox alone cannot do any more for who has a passkey. */
function takesMore(entry: Entry): boolean {
  return (
    entry.type === 'secret.revealed' || (entry.type === 'approval.decided' && entry.decision === 'approve')
  );
}
