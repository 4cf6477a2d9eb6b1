import { type People, withSignOns } from '../core/person.ts';

/**
 * The directory with its groups as full as an identity provider could make them: whoever has an identity there
 * may be in every group that it fills. Who is in none of these can never come in.
 */
export function withEveryClaim(directory: People): People {
  const groups = Object.values(directory.group_claims ?? {});
  const linked = directory.people.filter((person) => (person.sso ?? []).length > 0);
  return withSignOns(
    directory,
    linked.map(({ id: person }) => ({ person, groups, at: new Date(0).toISOString() })),
  );
}

/** Of a rule's reviewers those groups that an identity provider fills. */
export function claimedGroups(
  reviewers: readonly string[],
  { group_claims = {} }: People,
): readonly string[] {
  return Object.keys(group_claims).filter((group) => reviewers.includes(`group:${group}`));
}
