import type { DecisionKind, Terms, Verification } from './entry.ts';
import { satisfies } from './verification.ts';

/** What quorum needs to know of one reviewer's decision. */
export interface Vote {
  readonly reviewer: string;
  readonly decision: DecisionKind;
  readonly verification: Verification;
  readonly reason?: string;
  /** How old the sign-on was when it decided. Absent from a vote whose age was just found to be all right. */
  readonly sign_on_age_ms?: number;
}

/**
 * What the votes amount to: `rejected` as soon as anyone who was asked rejects, `approved` when every rule's
 * quorum of distinct people is reached, otherwise nothing yet.
 *
 * A vote counts for a rule only if that rule names its reviewer and its verification and reason satisfy it.
 */
export function resolve(
  terms: readonly Terms[],
  votes: readonly Vote[],
): 'approved' | 'rejected' | undefined {
  const asked = new Set(terms.flatMap((each) => each.reviewers));
  if (votes.some((vote) => vote.decision === 'reject' && asked.has(vote.reviewer))) return 'rejected';
  if (terms.length === 0) return undefined;
  return terms.every((each) => approvers(each, votes).size >= Math.max(1, each.quorum))
    ? 'approved'
    : undefined;
}

/** The distinct people whose approval counts for these terms. */
export function approvers(terms: Terms, votes: readonly Vote[]): ReadonlySet<string> {
  return new Set(
    votes
      .filter(
        (vote) =>
          vote.decision === 'approve' &&
          terms.reviewers.includes(vote.reviewer) &&
          satisfies(vote.verification, terms) &&
          isFresh(vote, terms) &&
          (terms.reason === 'optional' || Boolean(vote.reason?.trim())),
      )
      .map((vote) => vote.reviewer),
  );
}

/** Whether the vote's sign-on was recent enough for these terms; anything but a sign-on is always of now. */
export function isFresh(vote: Pick<Vote, 'verification' | 'sign_on_age_ms'>, terms: Terms): boolean {
  if (vote.verification !== 'sso' || terms.verification !== 'sso') return true;
  return (vote.sign_on_age_ms ?? 0) <= (terms.max_age_ms ?? Number.POSITIVE_INFINITY);
}
