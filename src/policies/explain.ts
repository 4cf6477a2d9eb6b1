import { messageOf } from '../core/errors.ts';
import type { AdmittedWay, VerificationLevel } from '../core/entry.ts';
import { eligible, type People } from '../core/person.ts';
import {
  type Asked,
  type CallDurability,
  type Facts,
  judge,
  matches,
  type OnChange,
  type Verdict,
  type VerdictKind,
} from '../core/policy.ts';
import { claimedGroups, withEveryClaim } from './claims.ts';
import { formatDuration } from './duration.ts';
import type { LoadedPolicy } from './load.ts';
import type { LoadedRule } from './rules.ts';

export interface ExplainedRule {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly verdict: VerdictKind;
  /** Where the rule says it. */
  readonly on_change?: OnChange;
  readonly durability?: CallDurability;
  /** What is secret in calls that it covers. */
  readonly secret?: readonly string[];
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
  readonly verification: VerificationLevel;
  /** How long ago a sign-on may have been; where the verification is `sso`. */
  readonly max_age?: string;
  /** The owner decides, being the only human. */
  readonly solo?: true;
  readonly reason: 'optional' | 'required';
  readonly expires: string;
  /** Reviewers may have secrets shown to them. */
  readonly reveal?: true;
  /** What decides besides. */
  readonly admits?: readonly AdmittedWay[];
  readonly notify: readonly string[];
  readonly remind?: string;
  readonly escalate?: {
    readonly after: string;
    readonly to: readonly string[];
    readonly notify: readonly string[];
  };
  /** Who is asked when nobody is reached. */
  readonly fallback?: readonly string[];
  /** Who is asked in the place of whom, while they are away. */
  readonly away?: readonly { readonly id: string; readonly to: string }[];
  /** Enough people can decide. */
  readonly satisfiable: boolean;
}

/** Why a call meets the verdict that it meets; plain JSON. */
export interface Explanation {
  readonly call: Pick<Facts, 'agent' | 'owner' | 'server' | 'tool' | 'tags'> & { readonly changed?: true };
  readonly verdict: VerdictKind;
  /** The ids of the rules that decided, joined by a comma; or `unmatched`, `sensitive` or `changed`. */
  readonly rule: string;
  readonly reason: string;
  /** Where the verdict is `allow`: whether the call waits until it is on the disk. */
  readonly durability?: CallDurability;
  /** What the call would meet while the tool's definition is changed; absent where that was the question. */
  readonly while_changed?: {
    readonly verdict: VerdictKind;
    readonly rule: string;
    readonly reason: string;
    readonly reviews: readonly ExplainedReview[];
  };
  readonly reviews: readonly ExplainedReview[];
  readonly rules: readonly ExplainedRule[];
  readonly policy_version: string;
}

export function explain(policy: LoadedPolicy, facts: Facts): Explanation {
  const verdict = judge(facts, policy);
  const { agent, owner, server, tool, tags, changed } = facts;
  const explained = (each: Verdict) => ({
    verdict: each.kind,
    rule: each.rule,
    reason: each.reason,
    reviews:
      each.kind === 'review'
        ? each.asked.map((asked) => explainReview(asked, facts.owner, policy.people))
        : [],
  });
  return {
    call: { agent, owner, server, tool, tags, ...(changed ? { changed } : {}) },
    ...explained(verdict),
    ...(verdict.kind === 'allow' ? { durability: verdict.durability } : {}),
    ...(changed ? {} : { while_changed: explained(judge({ ...facts, changed: true }, policy)) }),
    rules: policy.rules.map((rule) => {
      const { file, line } = rule.problem('');
      const { id, on_change, durability, secret } = rule;
      return {
        id,
        file,
        line,
        verdict: rule.verdict,
        ...(on_change === undefined ? {} : { on_change }),
        ...(durability === undefined ? {} : { durability }),
        ...(secret === undefined ? {} : { secret: secret.map((path) => path.text) }),
        matched: matches(rule, facts),
        why: why(rule, facts),
      };
    }),
    policy_version: policy.version,
  };
}

export function renderExplanation(explanation: Explanation): string {
  const { call, verdict, rule, reason, reviews, rules, durability } = explanation;
  const changed = explanation.while_changed;
  const tags = call.tags.length > 0 ? `, tagged ${call.tags.join(', ')}` : '';
  const as = call.changed ? ', while its definition is changed' : '';
  return [
    `${verdict} (${rule}): ${reason}`,
    `call: ${call.tool} of ${call.server}${tags}${as}, by ${call.agent} for ${call.owner}`,
    ...(durability === 'before' ? ['durability before: it waits until it is on the disk'] : []),
    ...reviews.flatMap(renderReview),
    ...(changed === undefined || (changed.verdict === verdict && changed.rule === rule)
      ? []
      : [
          `while its definition is changed: ${changed.verdict} (${changed.rule}): ${changed.reason}`,
          ...changed.reviews.flatMap(renderReview).map((line) => `  ${line}`),
        ]),
    ...rules.map((each) => `${each.matched ? '+' : '-'} ${each.id} (${keysOf(each)}): ${each.why}`),
  ].join('\n');
}

function renderReview(review: ExplainedReview): readonly string[] {
  return [
    `review by ${review.rule}: ${review.quorum} of ${review.reviewers.map(({ id, name }) => `${name} (${id})`).join(', ') || 'nobody'}`,
    ...(review.claimed_groups
      ? [`  and whoever signs on as one of ${review.claimed_groups.join(', ')}`]
      : []),
    `  verification ${review.verification}${review.max_age === undefined ? '' : ` within ${review.max_age}`}, reason ${review.reason}, expires ${review.expires}`,
    `  notify ${review.notify.join(', ')}${review.remind === undefined ? '' : `, remind every ${review.remind}`}`,
    ...(review.admits ?? []).map((way) => `  decides, too: ${DECIDES[way]}`),
    ...(review.away ?? []).map(({ id, to }) => `  ${id} is away: ${to} is asked in their place`),
    ...(review.escalate
      ? [
          `  not decided after ${review.escalate.after}: ${review.escalate.to.join(', ')}${also(review.escalate.notify)}`,
        ]
      : []),
    ...(review.fallback ? [`  nobody reached: ${review.fallback.join(', ')}`] : []),
    ...(review.reveal ? ['  secrets may be shown to who may decide'] : []),
    ...(review.solo ? ['  solo: the owner decides, being the only human'] : []),
    ...(review.refused.length > 0
      ? [`  not asked, because the agent acts for them: ${review.refused.join(', ')}`]
      : []),
    ...(review.satisfiable ? [] : ['  this can never be satisfied: too few people remain']),
  ];
}

const DECIDES: Readonly<Record<AdmittedWay, string>> = {
  slack: 'a button in Slack, pressed by an account that the reviewer linked',
  api: "a reviewer's key at the API",
};

function also(notify: readonly string[]): string {
  return notify.length === 0 ? '' : `, by ${notify.join(', ')}`;
}

function keysOf({ verdict, on_change, durability, secret, file, line }: ExplainedRule): string {
  return [
    verdict,
    ...(secret === undefined ? [] : [`secret ${secret.join(' ')}`]),
    ...(on_change === undefined ? [] : [`on_change ${on_change}`]),
    ...(durability === undefined ? [] : [`durability ${durability}`]),
    `${file}:${line}`,
  ].join(', ');
}

function explainReview(
  { terms, review, people, refused, delegations }: Asked,
  owner: string,
  directory: People,
): ExplainedReview {
  const groups = claimedGroups(review.reviewers, directory);
  const { admits, notify = ['email'], escalate, fallback, remind_ms: remind } = terms;
  const away = delegations.map(({ of, to }) => ({ id: of.id, to: to.id }));
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
    ...(terms.reveal ? { reveal: terms.reveal } : {}),
    ...(admits === undefined ? {} : { admits }),
    notify,
    ...(remind === undefined ? {} : { remind: formatDuration(remind) }),
    ...(escalate === undefined
      ? {}
      : {
          escalate: {
            after: formatDuration(escalate.after_ms),
            to: escalate.reviewers,
            notify: escalate.notify,
          },
        }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(away.length === 0 ? {} : { away }),
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
