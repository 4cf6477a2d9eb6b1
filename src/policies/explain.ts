import { messageOf } from '../core/errors.ts';
import type { Verification } from '../core/entry.ts';
import { eligible, type People } from '../core/person.ts';
import { type Asked, type Facts, judge, matches, type VerdictKind } from '../core/policy.ts';
import { claimedGroups, withEveryClaim } from './claims.ts';
import { formatDuration } from './duration.ts';
import type { LoadedPolicy } from './load.ts';
import type { LoadedRule } from './rules.ts';

export interface ExplainedRule {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly verdict: VerdictKind;
  readonly matched: boolean;
  readonly why: string;
}

export interface ExplainedReview {
  readonly rule: string;
  readonly quorum: number;
  readonly reviewers: readonly { readonly id: string; readonly name: string }[];
  /** Groups that an identity provider fills: whoever signs on as one of their members may decide, too. */
  readonly claimed_groups?: readonly string[];
  /** Named, but people for whom the agent acts: its owner, and whom the owner acts for. */
  readonly refused: readonly string[];
  readonly verification: Verification;
  /** How long ago a sign-on may have been; where the verification is `sso`. */
  readonly max_age?: string;
  /** The owner decides, being the only human. */
  readonly solo?: true;
  readonly reason: 'optional' | 'required';
  readonly expires: string;
  /** Enough people can decide. */
  readonly satisfiable: boolean;
}

/** Why a call meets the verdict that it meets; plain JSON. */
export interface Explanation {
  readonly call: Pick<Facts, 'agent' | 'owner' | 'server' | 'tool' | 'tags'>;
  readonly verdict: VerdictKind;
  /** The ids of the rules that decided, joined by a comma; or `unmatched` or `sensitive`. */
  readonly rule: string;
  readonly reason: string;
  readonly reviews: readonly ExplainedReview[];
  readonly rules: readonly ExplainedRule[];
  readonly policy_version: string;
}

export function explain(policy: LoadedPolicy, facts: Facts): Explanation {
  const verdict = judge(facts, policy);
  const { agent, owner, server, tool, tags } = facts;
  return {
    call: { agent, owner, server, tool, tags },
    verdict: verdict.kind,
    rule: verdict.rule,
    reason: verdict.reason,
    reviews:
      verdict.kind === 'review'
        ? verdict.asked.map((asked) => explainReview(asked, facts.owner, policy.people))
        : [],
    rules: policy.rules.map((rule) => {
      const { file, line } = rule.problem('');
      const matched = matches(rule, facts);
      return { id: rule.id, file, line, verdict: rule.verdict, matched, why: why(rule, facts) };
    }),
    policy_version: policy.version,
  };
}

export function renderExplanation(explanation: Explanation): string {
  const { call, verdict, rule, reason, reviews, rules } = explanation;
  const tags = call.tags.length > 0 ? `, tagged ${call.tags.join(', ')}` : '';
  return [
    `${verdict} (${rule}): ${reason}`,
    `call: ${call.tool} of ${call.server}${tags}, by ${call.agent} for ${call.owner}`,
    ...reviews.flatMap((review) => [
      `review by ${review.rule}: ${review.quorum} of ${review.reviewers.map(({ id, name }) => `${name} (${id})`).join(', ') || 'nobody'}`,
      ...(review.claimed_groups
        ? [`  and whoever signs on as one of ${review.claimed_groups.join(', ')}`]
        : []),
      `  verification ${review.verification}${review.max_age === undefined ? '' : ` within ${review.max_age}`}, reason ${review.reason}, expires ${review.expires}`,
      ...(review.solo ? ['  solo: the owner decides, being the only human'] : []),
      ...(review.refused.length > 0
        ? [`  not asked, because the agent acts for them: ${review.refused.join(', ')}`]
        : []),
      ...(review.satisfiable ? [] : ['  this can never be satisfied: too few people remain']),
    ]),
    ...rules.map(
      (each) =>
        `${each.matched ? '+' : '-'} ${each.id} (${each.verdict}, ${each.file}:${each.line}): ${each.why}`,
    ),
  ].join('\n');
}

function explainReview(
  { terms, review, people, refused }: Asked,
  owner: string,
  directory: People,
): ExplainedReview {
  const groups = claimedGroups(review.reviewers, directory);
  const most = eligible(review.reviewers, owner, withEveryClaim(directory)).reviewers;
  return {
    rule: terms.rule,
    quorum: terms.quorum,
    reviewers: people.map(({ id, name }) => ({ id, name })),
    ...(groups.length === 0 ? {} : { claimed_groups: groups }),
    refused: refused.map((person) => person.id),
    verification: terms.verification,
    ...(terms.max_age_ms === undefined ? {} : { max_age: formatDuration(terms.max_age_ms) }),
    ...(terms.solo ? { solo: terms.solo } : {}),
    reason: terms.reason,
    expires: formatDuration(review.expires_ms),
    satisfiable: most.length >= terms.quorum,
  };
}

/** Which part of a rule did not fit, or that all did. */
function why(rule: LoadedRule, facts: Facts): string {
  for (const key of ['server', 'tool', 'agent', 'owner'] as const) {
    if (rule.match[key]?.(facts[key]) === false) return `${key} is ${facts[key]}, not ${listed(rule, key)}`;
  }
  if (rule.match.tags && !facts.tags.some(rule.match.tags)) return `no tag is ${listed(rule, 'tags')}`;
  if (!rule.when) return 'everything it names fits';
  try {
    return rule.when(facts)
      ? `its condition is true: ${rule.condition}`
      : `its condition is false: ${rule.condition}`;
  } catch (error) {
    const meaning = rule.verdict === 'allow' ? 'no match for allow' : `a match for ${rule.verdict}`;
    return `its condition failed (${messageOf(error)}), which counts as ${meaning}: ${rule.condition}`;
  }
}

function listed(rule: LoadedRule, key: keyof LoadedRule['patterns']): string {
  return (rule.patterns[key] ?? []).join(' or ');
}
