import type { Json } from './json.ts';
import type { People } from './person.ts';
import { ask, type Asked, type Review } from './review.ts';
import type { SecretPath } from './secret-paths.ts';

export { MAX_AGE_MS, type Asked, type Review } from './review.ts';

/** What a rule may look at. */
export interface Facts {
  readonly agent: string;
  readonly owner: string;
  readonly server: string;
  /** The tool's own name at its downstream, without the prefix under which it is offered. */
  readonly tool: string;
  readonly tags: readonly string[];
  readonly args: Json;
  readonly now: Date;
  /** When people were asked, where that is not now: who was away then was not. */
  readonly asked_at?: Date;
  /** The tool's definition has changed, or the tool appeared, since a person last looked. */
  readonly changed: boolean;
}

/** Whether one fact is among what a rule names; compiled from its globs. */
export type Matcher = (value: string) => boolean;

export interface Match {
  readonly server?: Matcher;
  readonly tool?: Matcher;
  readonly tags?: Matcher;
  readonly agent?: Matcher;
  readonly owner?: Matcher;
}

export type VerdictKind = 'allow' | 'review' | 'deny';

/** `allow`: as if nothing had changed. */
export type OnChange = VerdictKind;

/** `before`: the call is on the disk before it is sent. `behind`: it is written before, and synced just behind it. */
export type CallDurability = 'before' | 'behind';

export interface Rule {
  readonly id: string;
  readonly match: Match;
  /** The rule's CEL condition, compiled. It may throw, which the verdict decides the meaning of. */
  readonly when?: (facts: Facts) => boolean;
  readonly verdict: VerdictKind;
  /** What becomes of a call that this rule covers while the tool's definition is changed. */
  readonly on_change?: OnChange;
  /** Whether an allowed call waits until the journal has it on the disk. Default `behind`. */
  readonly durability?: CallDurability;
  /** What is secret in the arguments and results of the calls that it covers, whatever its verdict. */
  readonly secret?: readonly SecretPath[];
  /** Words for the agent when the verdict is `deny`. */
  readonly message?: string;
  readonly review: Review;
}

export interface Policy {
  /** SHA-256 over the files it was read from, in hexadecimal. */
  readonly version: string;
  readonly unmatched: VerdictKind;
  /** The terms of unmatched calls and of the floor under sensitive tools. */
  readonly review: Review;
  readonly rules: readonly Rule[];
  readonly people: People;
}

export type Verdict =
  | {
      readonly kind: 'allow';
      readonly rule: string;
      readonly reason: string;
      readonly durability: CallDurability;
    }
  | { readonly kind: 'deny'; readonly rule: string; readonly reason: string }
  | {
      readonly kind: 'review';
      readonly rule: string;
      readonly reason: string;
      readonly asked: readonly Asked[];
    };

export const SENSITIVE = 'sensitive';
/** The id under which a changed definition asks for review. */
export const CHANGED = 'changed';

const UNSEEN =
  'The definition of this tool has changed, or the tool is new, and nobody has accepted it since.';

/**
 * The verdict on a call: the strictest matching rule wins, deny over review over allow, and where several
 * review rules match each must be satisfied. A tool tagged `sensitive` is reviewed at least. A condition that
 * throws counts as a match for deny and review and as no match for allow. A changed definition is reviewed at
 * least, or denied, unless every rule that covers the call lets it pass.
 */
export function judge(facts: Facts, policy: Policy): Verdict {
  const matching = policy.rules.filter((rule) => matches(rule, facts));
  const verdict = judgeUnchanged(facts, policy, matching);
  if (!facts.changed || verdict.kind === 'deny') return verdict;
  const wishes = matching.map((rule) => rule.on_change ?? 'review');
  const denying = matching.filter((rule) => rule.on_change === 'deny');
  if (denying.length > 0) {
    return {
      kind: 'deny',
      rule: names(denying),
      reason: `The definition of this tool has changed, and the rule ${names(denying)} denies it until a person has accepted it as it is now.`,
    };
  }
  const passes = wishes.length > 0 && wishes.every((wish) => wish === 'allow');
  if (passes) return verdict;
  if (verdict.kind === 'review') return { ...verdict, reason: `${verdict.reason} ${UNSEEN}` };
  return review(CHANGED, UNSEEN, [{ id: CHANGED, review: policy.review }], facts, policy);
}

function judgeUnchanged(facts: Facts, policy: Policy, matching: readonly Rule[]): Verdict {
  const denying = matching.filter((rule) => rule.verdict === 'deny');
  if (denying.length > 0) {
    const [first] = denying;
    return {
      kind: 'deny',
      rule: names(denying),
      reason: first?.message ?? `The rule ${first?.id} denies this call.`,
    };
  }
  const reviewing = matching.filter((rule) => rule.verdict === 'review');
  if (reviewing.length > 0) {
    return review(
      names(reviewing),
      `The rule ${names(reviewing)} asks for review.`,
      reviewing,
      facts,
      policy,
    );
  }
  const allowing = matching.filter((rule) => rule.verdict === 'allow');
  const base = allowing.length > 0 ? 'allow' : policy.unmatched;
  const rule = allowing.length > 0 ? names(allowing) : 'unmatched';
  switch (base) {
    case 'deny':
      return { kind: 'deny', rule, reason: 'No rule names this call, and unmatched calls are denied.' };
    case 'review':
      return review(
        rule,
        'No rule names this call, and unmatched calls are reviewed.',
        [{ id: rule, review: policy.review }],
        facts,
        policy,
      );
    case 'allow':
      if (facts.tags.includes(SENSITIVE)) {
        return review(
          SENSITIVE,
          'The tool is tagged sensitive, which is reviewed whatever the rules allow.',
          [{ id: SENSITIVE, review: policy.review }],
          facts,
          policy,
        );
      }
      return {
        kind: 'allow',
        rule,
        reason:
          allowing.length > 0
            ? `The rule ${rule} allows this call.`
            : 'No rule names this call, and unmatched calls are allowed.',
        durability: allowing.some((each) => each.durability === 'before') ? 'before' : 'behind',
      };
  }
}

/** Whether a rule covers a call. */
export function matches(rule: Rule, facts: Facts): boolean {
  const covered = covers(rule.match, facts);
  if (!covered || !rule.when) return covered;
  try {
    return rule.when(facts);
  } catch {
    return rule.verdict !== 'allow';
  }
}

/**
 * What is secret in a call, as the rules say that cover it. One whose condition fails covers it: what might be secret
 * is.
 */
export function secretPaths(facts: Facts, { rules }: Pick<Policy, 'rules'>): readonly SecretPath[] {
  return rules.flatMap((rule) =>
    rule.secret !== undefined && matches({ ...rule, verdict: 'review' }, facts) ? rule.secret : [],
  );
}

function covers(match: Match, facts: Omit<Facts, 'args' | 'now' | 'asked_at' | 'changed'>): boolean {
  return (
    (match.server?.(facts.server) ?? true) &&
    (match.tool?.(facts.tool) ?? true) &&
    (match.agent?.(facts.agent) ?? true) &&
    (match.owner?.(facts.owner) ?? true) &&
    (match.tags === undefined || facts.tags.some(match.tags))
  );
}

function review(
  rule: string,
  reason: string,
  rules: readonly Pick<Rule, 'id' | 'review'>[],
  facts: Facts,
  policy: Policy,
): Verdict {
  const at = (facts.asked_at ?? facts.now).getTime();
  const asking = { owner: facts.owner, at, people: policy.people };
  return {
    kind: 'review',
    rule,
    reason,
    asked: rules.map((each) => ask(each, asking)),
  };
}

function names(rules: readonly Rule[]): string {
  return rules.map((rule) => rule.id).join(',');
}

/** Whether some call of this tool by this agent would be reviewed, whatever its arguments. */
export function mayHold(
  policy: Policy,
  agent: string,
  tool: Pick<Facts, 'server' | 'tool' | 'tags'>,
): boolean {
  const owner = policy.people.agents.find((each) => each.id === agent)?.owner ?? '';
  const covering = policy.rules.filter(({ match }) => covers(match, { ...tool, agent, owner }));
  if (tool.tags.includes(SENSITIVE) || covering.some((rule) => rule.verdict === 'review')) return true;
  return policy.unmatched === 'review' && !covering.some((rule) => rule.verdict === 'allow' && !rule.when);
}
