import { isJsonObject } from '../core/json.ts';
import type { Match, Policy, Review, Rule } from '../core/policy.ts';
import { type Compiled, type Condition, conditionCompiler } from './condition.ts';
import { contradictions, idleTerms } from './contradictions.ts';
import { compileGlobs } from './glob.ts';
import { mistakes } from './mistakes.ts';
import type { Path, Problem, Source } from './positions.ts';
import { type RawReview, type RawRule, ruleSchema, rulesFileSchema } from './rules-schema.ts';
import { completeTerms, quorumMistake, readTerms, type TermsOptions } from './terms.ts';

/** A rule that knows how it was written. */
export interface LoadedRule extends Rule {
  readonly patterns: RawRule['match'];
  /** The text of `when`. */
  readonly condition?: string;
  /** Makes a problem that points at this rule. */
  readonly problem: (message: string) => Problem;
}

export interface ReadRules {
  readonly unmatched: Policy['unmatched'];
  readonly review: Policy['review'];
  readonly rules: readonly LoadedRule[];
  /** Makes a problem that points at the top-level terms, or where they are missing. */
  readonly termsProblem: (message: string) => Problem;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Channels that are not set up here. */
  readonly missing: readonly Problem[];
}

interface Context extends TermsOptions {
  readonly top: RawReview;
  /** Some top-level terms name reviewers, even if they have mistakes. */
  readonly topNames: boolean;
  readonly compile: (expression: string) => Compiled;
  readonly problems: Problem[];
  readonly warnings: Problem[];
  readonly missing: Problem[];
}

const NO_REVIEWERS =
  'The top-level review names no reviewers; they decide calls that no rule names, calls to sensitive tools that a rule allows, and whether a changed tool is accepted.';

/** Under which Placet itself asks for review, and why a rule must not be called so. */
const RESERVED_IDS: Readonly<Record<string, string>> = {
  unmatched: 'calls that no rule names',
  sensitive: 'calls to sensitive tools',
  changed: 'calls to tools whose definition has changed',
};

/** Reads the rules of several files as one list, in the order of the files. */
export function readRules(sources: readonly [Source, ...Source[]], options: TermsOptions): ReadRules {
  const problems: Problem[] = [];
  const files = sources.flatMap((source) => readFile(source, problems));
  const unmatched = oneOf(files, 'unmatched', problems);
  const terms = oneOf(files, 'review', problems);
  const top = terms && readTerms(terms.source, ['review'], terms.value, options);
  problems.push(...(top?.problems ?? []));

  const context: Context = {
    ...options,
    top: top?.written ?? {},
    topNames: isJsonObject(terms?.value) && terms.value['reviewers'] !== undefined,
    compile: conditionCompiler(),
    problems,
    warnings: [],
    missing: [...(top?.missing ?? [])],
  };
  const rules = files.flatMap(({ source, rules: list }) =>
    list.flatMap((item, i) => readRule(source, ['rules', i], item, context) ?? []),
  );
  problems.push(...repeatedIds(files));

  const policy = {
    unmatched: (unmatched?.value ?? 'review') as Policy['unmatched'],
    review: completeTerms(context.top, {}),
    rules,
  };
  const { source } = terms ?? unmatched ?? { source: sources[0] };
  const path = terms ? ['review'] : unmatched ? ['unmatched'] : [];
  const termsProblem = (message: string): Problem => source.problem(path, message);
  const unread = sources.some(({ value, problems: broken }) => value === undefined && broken.length > 0);
  if (policy.review.reviewers.length > 0) {
    checkQuorum(source, path, context.top, policy.review, context);
  } else if (!unread && !context.topNames && reachesTerms(policy)) {
    problems.push(termsProblem(NO_REVIEWERS));
  }
  if (terms && top?.problems.length === 0) checkReview(terms.source, ['review'], context.top, {}, context);
  const { warnings, missing } = context;
  return { ...policy, termsProblem, problems, warnings, missing };
}

interface RulesFile {
  readonly source: Source;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly rules: readonly unknown[];
}

function readFile(source: Source, problems: Problem[]): RulesFile[] {
  if (source.value === undefined) return [];
  const parsed = rulesFileSchema.safeParse(source.value, { reportInput: true });
  if (!parsed.success) problems.push(...mistakes(source, [], parsed.error));
  if (!isJsonObject(source.value)) return [];
  const raw: Readonly<Record<string, unknown>> = source.value;
  return [{ source, raw, rules: Array.isArray(raw['rules']) ? raw['rules'] : [] }];
}

/** The value of a key that may stand in one file only. */
function oneOf(
  files: readonly RulesFile[],
  key: 'unmatched' | 'review',
  problems: Problem[],
): { readonly source: Source; readonly value: unknown } | undefined {
  const [first, ...others] = files.filter(({ raw }) => raw[key] !== undefined && raw[key] !== null);
  for (const { source } of others) {
    problems.push(
      source.problemAtKey([key], `${key} is already set in ${first?.source.file}; keep one of the two.`),
    );
  }
  return first && { source: first.source, value: first.raw[key] };
}

function readRule(source: Source, path: Path, item: unknown, context: Context): LoadedRule | undefined {
  const parsed = ruleSchema.safeParse(item, { reportInput: true });
  if (!parsed.success) context.problems.push(...mistakes(source, path, parsed.error));
  // Conditions and terms are looked at even in a rule that has other mistakes, so that all are told at once.
  const written: Readonly<Record<string, unknown>> = isJsonObject(item) ? item : {};
  const own = readTerms(source, [...path, 'review'], written['review'], context);
  context.problems.push(...own.problems);
  context.missing.push(...own.missing);
  const when = readCondition(source, [...path, 'when'], written['when'], context);
  if (!parsed.success) return undefined;

  const { id, match, verdict, on_change, durability, secret, message, when: condition } = parsed.data;
  const review = completeTerms(own.written, context.top);
  if (Object.hasOwn(RESERVED_IDS, id)) {
    const reserved = `The id ${id} is Placet's own, for ${RESERVED_IDS[id]}; choose another.`;
    context.problems.push(source.problem([...path, 'id'], reserved));
  }
  if (verdict === 'review' && own.problems.length === 0) {
    checkTerms(source, path, id, own.written, context);
    checkReview(source, [...path, 'review'], own.written, context.top, context);
  }
  warnOfIdleKeys(source, path, parsed.data, { ...context, own: own.written });
  return {
    id,
    match: compileMatch(match),
    patterns: match,
    verdict,
    review,
    ...(when === undefined ? {} : { when }),
    ...(condition === undefined ? {} : { condition }),
    ...(on_change === undefined ? {} : { on_change }),
    ...(durability === undefined ? {} : { durability }),
    ...(secret === undefined ? {} : { secret }),
    ...(message === undefined ? {} : { message }),
    problem: (text) => source.problem(path, text),
  };
}

function readCondition(source: Source, path: Path, value: unknown, context: Context): Condition | undefined {
  if (typeof value !== 'string') return undefined;
  const compiled = context.compile(value);
  if (compiled.kind === 'ok') return compiled.test;
  context.problems.push(source.problemInText(path, compiled.offset, compiled.message));
  return undefined;
}

function checkTerms(source: Source, path: Path, id: string, own: RawReview, context: Context): void {
  const review = completeTerms(own, context.top);
  if (review.reviewers.length > 0) {
    checkQuorum(source, [...path, 'review'], own, review, context);
  } else if (own.reviewers !== undefined || !context.topNames) {
    const message = `The rule ${id} asks for review, but no reviewers are named in it or in the top-level review; name some.`;
    context.problems.push(source.problem(path, message));
  }
}

function checkReview(source: Source, path: Path, own: RawReview, top: RawReview, context: Context): void {
  const wrong = contradictions(own, top);
  const idle = wrong.length === 0 ? idleTerms(own, top, context.people.people) : [];
  context.problems.push(...wrong.map((each) => source.problem([...path, ...each.path], each.message)));
  context.warnings.push(...idle.map((each) => source.problemAtKey([...path, ...each.path], each.message)));
}

/** Told where it was written: terms that are inherited whole are the top-level review's mistake. */
function checkQuorum(source: Source, path: Path, own: RawReview, review: Review, context: Context): void {
  if (own.quorum === undefined && own.reviewers === undefined) return;
  const message = quorumMistake(review, context.people);
  const key = own.quorum === undefined ? 'reviewers' : 'quorum';
  if (message) context.problems.push(source.problem([...path, key], message));
}

/**
 * Whether something can come to the top-level terms: an unmatched call, one to a sensitive tool or to a changed one
 * that a rule allows, or a changed tool that a rule denies until somebody accepts it.
 */
function reachesTerms(policy: Pick<Policy, 'unmatched' | 'rules'>): boolean {
  return (
    policy.unmatched !== 'deny' ||
    policy.rules.some(
      (rule) => rule.verdict === 'allow' || (rule.verdict === 'review' && rule.on_change === 'deny'),
    )
  );
}

function compileMatch(match: RawRule['match']): Match {
  const named = Object.entries(match).filter(([, patterns]) => patterns !== undefined);
  return Object.fromEntries(named.map(([key, patterns]) => [key, compileGlobs(patterns ?? [])]));
}

function warnOfIdleKeys(
  source: Source,
  path: Path,
  rule: RawRule,
  context: Context & { readonly own: RawReview },
): void {
  const { id, match, verdict, review, on_change, durability, message } = rule;
  if (review !== undefined && verdict !== 'review') {
    const idle = `The rule ${id} has a review, which does nothing while its verdict is ${verdict}.`;
    context.warnings.push(source.problemAtKey([...path, 'review'], idle));
  }
  if (message !== undefined && verdict !== 'deny') {
    const idle = `The rule ${id} has a message, which is told only when the verdict is deny.`;
    context.warnings.push(source.problemAtKey([...path, 'message'], idle));
  }
  if (on_change !== undefined && verdict === 'deny') {
    const idle = `The rule ${id} has an on_change, which does nothing while its verdict is deny.`;
    context.warnings.push(source.problemAtKey([...path, 'on_change'], idle));
  }
  if (durability !== undefined && verdict !== 'allow') {
    const idle =
      verdict === 'review'
        ? `The rule ${id} has a durability, which does nothing while its verdict is review: an approved call always waits for the disk.`
        : `The rule ${id} has a durability, which does nothing while its verdict is deny.`;
    context.warnings.push(source.problemAtKey([...path, 'durability'], idle));
  }
  if (verdict === 'review' && context.own.max_age !== undefined) {
    const { verification } = completeTerms(context.own, context.top);
    const idle = `The rule ${id} has a max_age, which does nothing while its verification is ${verification}.`;
    if (verification !== 'sso')
      context.warnings.push(source.problemAtKey([...path, 'review', 'max_age'], idle));
  }
  const { people, agents } = context.people.people;
  const named = { agent: agents.map((agent) => agent.id), owner: people.map((person) => person.id) };
  for (const key of ['agent', 'owner'] as const) {
    match[key]?.forEach((pattern, i) => {
      if (named[key].some(compileGlobs([pattern]))) return;
      const idle = `${pattern} matches no ${key} that people.yaml names.`;
      context.warnings.push(source.problem([...path, 'match', key, i], idle));
    });
  }
}

function repeatedIds(files: readonly RulesFile[]): readonly Problem[] {
  const seen = new Map<string, string>();
  return files.flatMap(({ source, rules }) =>
    rules.flatMap((rule, i) => {
      const id = isJsonObject(rule) ? rule['id'] : undefined;
      if (typeof id !== 'string') return [];
      const before = seen.get(id);
      seen.set(id, before ?? source.file);
      if (before === undefined) return [];
      return source.problem(
        ['rules', i, 'id'],
        `The id ${id} is already that of a rule in ${before}; give each rule its own.`,
      );
    }),
  );
}
