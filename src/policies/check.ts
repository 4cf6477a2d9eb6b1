import { eligible, type People, type Person, sameHuman } from '../core/person.ts';
import type { Review } from '../core/policy.ts';
import { withEveryClaim } from './claims.ts';
import type { LoadedPolicy } from './load.ts';
import type { Problem } from './positions.ts';

/**
 * The rules and top-level terms that could never be satisfied for some agent that they cover: once the agent's
 * owner and whom the owner acts for are left out and one human's several entries are counted as one, fewer people
 * remain than must approve, or than have an identity to sign on with. A group that an identity provider fills is
 * taken to hold everyone who has an identity there.
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

/** Why too few people can ever satisfy these terms for an agent of this owner; nothing when enough can. */
function shortage(review: Review, owner: string, { people }: LoadedPolicy): string | undefined {
  const { reviewers, refused, solo } = eligible(review.reviewers, owner, withEveryClaim(people));
  const { quorum, verification } = review;
  if (reviewers.length < quorum) {
    if (solo) return `${quorum} must approve, but solo says that there is one human; make the quorum 1.`;
    return `${quorum} must approve, but ${listed(reviewers)} can${without(refused, owner, people)}; ${mending(people)}.`;
  }
  if (verification !== 'sso' || solo) return undefined;
  const linked = reviewers.filter((reviewer) => isLinked(reviewer, people));
  if (linked.length >= quorum) return undefined;
  return `${quorum} must approve by single sign-on, but of those who may, ${linked.length === 0 ? '' : 'only '}${listed(linked)} has an sso identity; link more of them in people.yaml, or ask for passkey instead.`;
}

function listed(people: readonly Person[]): string {
  return people.length === 0 ? 'nobody' : people.map((person) => person.id).join(', ');
}

/** Who was named but may not, and why. */
function without(refused: readonly Person[], ownerId: string, { people }: People): string {
  if (refused.length === 0) return '';
  const owner = people.find((person) => person.id === ownerId);
  const isOwner = (person: Person): boolean => owner !== undefined && sameHuman(person, owner);
  const whom = refused.every(isOwner) ? 'its owner' : 'those for whom it acts';
  return ` without ${whom} (${listed(refused)})`;
}

function mending({ people }: People): string {
  const [first, ...others] = people;
  const alone = first !== undefined && others.every((other) => sameHuman(first, other));
  return alone
    ? 'name another person, or, if there is nobody else, write solo: true in people.yaml'
    : 'name more reviewers';
}

/** Whether the human has an account at an identity provider, under any entry of the directory. */
function isLinked(reviewer: Person, { people }: People): boolean {
  return people.some((person) => (person.sso ?? []).length > 0 && sameHuman(person, reviewer));
}
