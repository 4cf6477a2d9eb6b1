import type { Definitions } from './definitions.ts';
import type { EntryOf, Terms } from './entry.ts';
import { TransitionError } from './errors.ts';
import type { Identities } from './identities.ts';
import { expand, isAuditor } from './person.ts';
import { CHANGED, MAX_AGE_MS, type Policy } from './policy.ts';
import { approvers, type Vote } from './quorum.ts';
import type { Request } from './request.ts';
import { isAdmitted } from './verification.ts';

/**
 * Who may accept a changed definition, and how they are verified: any one of the top-level reviewers, as the
 * top-level terms ask, whoever's agent calls the tool. It says that somebody has looked, and approves no call.
 */
export function acceptanceTerms({ review, people }: Pick<Policy, 'review' | 'people'>): Terms {
  const verification = people.solo ? 'passkey' : review.verification;
  return {
    rule: CHANGED,
    reviewers: expand(review.reviewers, people).map((person) => person.id),
    quorum: 1,
    verification,
    ...(verification === 'sso' ? { max_age_ms: review.max_age_ms ?? MAX_AGE_MS } : {}),
    reason: review.reason,
  };
}

/**
 * Who of those that approved a call of the tool, the last one first, accepts its definition by that; nobody where none
 * of them may. Where the top-level terms name nobody, each of them may.
 */
export function acceptedBy(
  votes: readonly Vote[],
  policy: Pick<Policy, 'review' | 'people'>,
): string | undefined {
  const isNow = ({ reviewer }: Vote): boolean =>
    !policy.people.people.some((person) => person.id === reviewer && isAuditor(person, policy.people));
  const newestFirst = votes.filter(isNow).reverse();
  if (policy.review.reviewers.length === 0) {
    return newestFirst.find(
      ({ decision, verification }) => decision === 'approve' && !isAdmitted(verification),
    )?.reviewer;
  }
  const [first] = approvers(acceptanceTerms(policy), newestFirst);
  return first;
}

/**
 * Takes up the proof of an acceptance: a receipt of the person's own, or that they approved a call of exactly this
 * definition.
 *
 * @throws TransitionError `definition_unknown`, `acceptance_unproven`, and those of a receipt
 */
export function mustBeProven(
  entry: EntryOf<'tool.definition_accepted'>,
  book: {
    readonly definitions: Pick<Definitions, 'isWaiting'>;
    readonly identities: Pick<Identities, 'proven'>;
    readonly request: (id: string) => Request | undefined;
  },
): void {
  const { server, tool, definition_sha256: sha256, approval_id: id, receipt, reviewer } = entry;
  if (receipt && id === undefined) {
    if (!book.definitions.isWaiting(server, tool, sha256)) {
      throw new TransitionError(
        'definition_unknown',
        `No such definition of the tool ${tool} of ${server} waits to be accepted.`,
      );
    }
    return book.identities.proven(reviewer, receipt, entry.time);
  }
  const request = receipt || id === undefined ? undefined : book.request(id);
  const theirs = request?.decisions.some((each) => each.reviewer === reviewer && each.decision === 'approve');
  const same = request?.server === server && request.tool === tool && request.definition_sha256 === sha256;
  if (request?.phase.kind === 'approved' && theirs === true && same) return;
  throw new TransitionError(
    'acceptance_unproven',
    `${reviewer} did not prove that they accept this definition of the tool ${tool} of ${server}.`,
  );
}
