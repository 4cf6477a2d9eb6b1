import { expand } from '../../core/person.ts';
import type { Policy, Review } from '../../core/policy.ts';
import type { AccessPeriod } from './access.ts';
import type { PolicyVersion } from './versions.ts';

/** Of calls that no rule names, of sensitive tools that a rule allows, and of tools whose definition changed. */
const WITHOUT_RULE = 'unmatched, sensitive, changed';

/**
 * Whom the policies of the period ask, from when to when. Whether it was so for a certain call its terms say: nobody is
 * asked about what they asked for themselves.
 */
export function ruleAccess(versions: readonly PolicyVersion[]): readonly AccessPeriod[] {
  const all: { -readonly [K in keyof AccessPeriod]: AccessPeriod[K] }[] = [];
  for (const version of versions) {
    const { policy, from, seq, to, to_seq } = version;
    if (!policy) continue;
    for (const access of accessIn(policy)) {
      const before = all.find((each) => each.to_seq === seq && sameAccess(each, access));
      const until = to === undefined || to_seq === undefined ? undefined : { to, to_seq };
      if (!before) all.push({ ...access, from, from_seq: seq, ...until });
      else if (until) Object.assign(before, until);
      else {
        delete before.to;
        delete before.to_seq;
      }
    }
  }
  return all;
}

type Access = Omit<AccessPeriod, 'from' | 'to' | 'from_seq' | 'to_seq'>;

function accessIn(policy: Policy): readonly Access[] {
  const of = (what: string, review: Review): Access[] =>
    expand(
      [...review.reviewers, ...(review.escalate?.to ?? []), ...(policy.people.fallback ?? [])],
      policy.people,
    ).map(({ id }) => ({
      person: id,
      kind: 'rule',
      what,
      verification: [review.verification, ...(review.admits ?? [])],
      quorum: review.quorum,
    }));
  return [
    ...policy.rules.flatMap((rule) => (rule.verdict === 'review' ? of(rule.id, rule.review) : [])),
    ...of(WITHOUT_RULE, policy.review),
  ];
}

function sameAccess(a: Access, b: Access): boolean {
  return (
    a.person === b.person &&
    a.what === b.what &&
    a.quorum === b.quorum &&
    a.verification.join() === b.verification.join()
  );
}
