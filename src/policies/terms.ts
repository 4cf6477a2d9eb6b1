import type { VerificationLevel } from '../core/entry.ts';
import { expand } from '../core/person.ts';
import type { Review } from '../core/policy.ts';
import { withEveryClaim } from './claims.ts';
import { mistakes } from './mistakes.ts';
import { didYouMean } from './nearest.ts';
import type { Known, ReadPeople } from './people.ts';
import type { Path, Problem, Source } from './positions.ts';
import { type RawReview, reviewSchema } from './schema.ts';

const GROUP = 'group:';

/** How a level is made available, as an order to whoever reads it. */
export const UNAVAILABLE: Readonly<Record<VerificationLevel, string>> = {
  link: 'it always is',
  sso: 'set PLACET_OIDC_ISSUER and PLACET_OIDC_CLIENT_ID',
  passkey: 'set PLACET_PUBLIC_URL to an address with a host name instead of an IP address',
};

export interface ReadTerms {
  /** What was written; empty when it has mistakes. */
  readonly written: RawReview;
  readonly problems: readonly Problem[];
}

export interface TermsOptions {
  readonly people: ReadPeople;
  /** How a decision can be verified in this workspace. */
  readonly verifications: readonly VerificationLevel[];
}

/** Reads the `review` at `path`, a rule's own or the top-level one. */
export function readTerms(source: Source, path: Path, value: unknown, options: TermsOptions): ReadTerms {
  const parsed = reviewSchema.safeParse(value ?? {}, { reportInput: true });
  if (!parsed.success) return { written: {}, problems: mistakes(source, path, parsed.error) };
  const written = parsed.data;
  const problems: Problem[] = [];
  written.reviewers?.forEach((name, i) => {
    const message = options.people.known && unknownReviewer(name, options.people.known);
    if (message) problems.push(source.problem([...path, 'reviewers', i], message));
  });
  if (written.verification && !options.verifications.includes(written.verification)) {
    problems.push(
      source.problem(
        [...path, 'verification'],
        `verification: ${written.verification} is not available here: ${UNAVAILABLE[written.verification]}, or use ${options.verifications.join(' or ')}.`,
      ),
    );
  }
  return { written, problems };
}

/** What a rule's review comes to: its own keys, then those of the top-level terms, then the defaults. */
export function completeTerms(own: RawReview, top: RawReview): Review {
  return {
    reviewers: own.reviewers ?? top.reviewers ?? [],
    quorum: own.quorum ?? top.quorum ?? 1,
    verification: own.verification ?? top.verification ?? 'link',
    max_age_ms: own.max_age ?? top.max_age ?? 5 * 60_000,
    expires_ms: own.expires ?? top.expires ?? 30 * 60_000,
    reason: own.reason ?? top.reason ?? 'optional',
    wait_ms: own.wait ?? top.wait ?? 0,
    timeout_ms: own.timeout ?? top.timeout ?? 5 * 60_000,
  };
}

/** Why the terms could never be met, whoever calls; nothing when they can, or when there are other mistakes. */
export function quorumMistake(review: Review, people: ReadPeople): string | undefined {
  const { known } = people;
  if (!known || people.problems.length > 0) return undefined;
  if (review.reviewers.some((name) => unknownReviewer(name, known))) return undefined;
  const named = expand(review.reviewers, withEveryClaim(people.people)).length;
  if (named >= review.quorum) return undefined;
  return `quorum is ${review.quorum}, but the reviewers are ${named === 1 ? 'one person' : `${named} people`}; name more of them or lower it.`;
}

function unknownReviewer(name: string, known: Known): string | undefined {
  if (name.startsWith(GROUP)) {
    const group = name.slice(GROUP.length);
    if (known.groups.includes(group)) return undefined;
    return `people.yaml has no group ${group}${didYouMean(group, known.groups)}; add the group or correct the name.`;
  }
  if (known.people.includes(name)) return undefined;
  if (known.groups.includes(name)) return `${name} is a group; write ${GROUP}${name}.`;
  return `people.yaml has no person ${name}${didYouMean(name, known.people)}; add the person or correct the id.`;
}
