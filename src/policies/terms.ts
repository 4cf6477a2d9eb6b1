import type { AdmittedWay, VerificationLevel } from '../core/entry.ts';
import { expand } from '../core/person.ts';
import type { Review } from '../core/policy.ts';
import { missingChannels } from './channels.ts';
import { withEveryClaim } from './claims.ts';
import { mistakes } from './mistakes.ts';
import { mistakenName } from './named.ts';
import type { ReadPeople } from './people.ts';
import type { Path, Problem, Source } from './positions.ts';
import { type RawReview, reviewSchema } from './rules-schema.ts';

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
  /** Channels that are not set up here. */
  readonly missing: readonly Problem[];
}

export interface TermsOptions {
  readonly people: ReadPeople;
  /** How a decision can be verified in this workspace. */
  readonly verifications: readonly VerificationLevel[];
  /** The channels that are set up in this workspace; nothing where that is not known. */
  readonly channels?: readonly string[];
}

/** Reads the `review` at `path`, a rule's own or the top-level one. */
export function readTerms(source: Source, path: Path, value: unknown, options: TermsOptions): ReadTerms {
  const parsed = reviewSchema.safeParse(value ?? {}, { reportInput: true });
  if (!parsed.success) return { written: {}, problems: mistakes(source, path, parsed.error), missing: [] };
  const written = parsed.data;
  const problems: Problem[] = [];
  const { known } = options.people;
  const mustBeKnown = (names: readonly string[], ...keys: readonly string[]): void =>
    names.forEach((name, i) => {
      const message = known && mistakenName(name, known);
      if (message) problems.push(source.problem([...path, ...keys, i], message));
    });
  mustBeKnown(written.reviewers ?? [], 'reviewers');
  mustBeKnown(written.escalate?.to ?? [], 'escalate', 'to');
  if (written.verification && !options.verifications.includes(written.verification)) {
    problems.push(
      source.problem(
        [...path, 'verification'],
        `verification: ${written.verification} is not available here: ${UNAVAILABLE[written.verification]}, or use ${options.verifications.join(' or ')}.`,
      ),
    );
  }
  const missing = (names: readonly string[], ...keys: readonly string[]): readonly Problem[] =>
    missingChannels(source, [...path, ...keys, 'notify'], names, options.channels);
  return {
    written,
    problems,
    missing: [...missing(written.notify ?? []), ...missing(written.escalate?.notify ?? [], 'escalate')],
  };
}

/**
 * What a rule's review comes to: its own keys, then those of the top-level terms, then the defaults. What it inherits and
 * would come after it expires, it does without.
 */
export function completeTerms(own: RawReview, top: RawReview): Review {
  const expires_ms = own.expires ?? top.expires ?? 30 * 60_000;
  const verification = own.verification ?? top.verification ?? 'link';
  const notify = own.notify ?? top.notify;
  const remind = own.remind ?? top.remind ?? expires_ms;
  const escalate = own.escalate ?? top.escalate;
  const admits = verification === 'passkey' ? [] : admitted({ ...top, ...own });
  const reveal = own.reveal ?? top.reveal;
  return {
    reviewers: own.reviewers ?? top.reviewers ?? [],
    quorum: own.quorum ?? top.quorum ?? 1,
    verification,
    max_age_ms: own.max_age ?? top.max_age ?? 5 * 60_000,
    expires_ms,
    reason: own.reason ?? top.reason ?? 'optional',
    wait_ms: own.wait ?? top.wait ?? 0,
    timeout_ms: own.timeout ?? top.timeout ?? 5 * 60_000,
    ...(notify === undefined ? {} : { notify }),
    ...(remind < expires_ms ? { remind_ms: remind } : {}),
    ...(escalate !== undefined && escalate.after < expires_ms
      ? { escalate: { after_ms: escalate.after, to: escalate.to, notify: escalate.notify ?? [] } }
      : {}),
    ...(admits.length === 0 ? {} : { admits }),
    ...(reveal === 'allowed' ? { reveal: true } : {}),
  };
}

function admitted({ slack, api }: RawReview): readonly AdmittedWay[] {
  return [...(slack === 'decide' ? ['slack' as const] : []), ...(api === 'decide' ? ['api' as const] : [])];
}

/** Why the terms could never be met, whoever calls; nothing when they can, or when there are other mistakes. */
export function quorumMistake(review: Review, people: ReadPeople): string | undefined {
  const { known } = people;
  if (!known || people.problems.length > 0) return undefined;
  if (review.reviewers.some((name) => mistakenName(name, known))) return undefined;
  const named = expand(review.reviewers, withEveryClaim(people.people)).length;
  if (named >= review.quorum) return undefined;
  return `quorum is ${review.quorum}, but the reviewers are ${named === 1 ? 'one person' : `${named} people`}; name more of them or lower it.`;
}
