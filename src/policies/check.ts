import { eligible } from '../core/person.ts';
import type { Review } from '../core/policy.ts';
import type { LoadedPolicy } from './load.ts';
import type { Problem } from './positions.ts';

/**
 * The rules and top-level terms that could never be satisfied for some agent that they cover: once the agent's
 * owner is left out and one human's several entries are counted as one, fewer people remain than must approve.
 */
export function checkPolicy(policy: LoadedPolicy): readonly Problem[] {
  const { agents } = policy.people;
  const ofRules = policy.rules
    .filter((rule) => rule.verdict === 'review')
    .flatMap((rule) =>
      agents
        .filter(({ id, owner }) => (rule.match.agent?.(id) ?? true) && (rule.match.owner?.(owner) ?? true))
        .flatMap(({ id, owner }) => {
          const short = shortage(rule.review, owner, policy);
          return short
            ? rule.problem(`The rule ${rule.id} can never be satisfied for the agent ${id}: ${short}`)
            : [];
        }),
    );
  if (policy.review.reviewers.length === 0) return ofRules;
  const ofTerms = agents.flatMap(({ id, owner }) => {
    const short = shortage(policy.review, owner, policy);
    return short
      ? policy.termsProblem(`The top-level review can never be satisfied for the agent ${id}: ${short}`)
      : [];
  });
  return [...ofTerms, ...ofRules];
}

function shortage(review: Review, owner: string, policy: LoadedPolicy): string | undefined {
  const { reviewers, refused } = eligible(review.reviewers, owner, policy.people);
  if (reviewers.length >= review.quorum) return undefined;
  const left = reviewers.length === 0 ? 'nobody' : reviewers.map((person) => person.id).join(', ');
  const without =
    refused.length > 0 ? ` without its owner (${refused.map((person) => person.id).join(', ')})` : '';
  return `${review.quorum} must approve, but ${left} can${without}; name more reviewers.`;
}
