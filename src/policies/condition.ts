import { type ASTNode, Environment, EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import { messageOf } from '../core/errors.ts';
import type { Facts } from '../core/policy.ts';
import { compileGlob } from './glob.ts';
import { isWithin } from './path.ts';
import { celArgs } from './values.ts';

export type Condition = (facts: Facts) => boolean;

export type Compiled =
  | { readonly kind: 'ok'; readonly test: Condition }
  /** `offset` is where in the expression the mistake stands. */
  | { readonly kind: 'invalid'; readonly message: string; readonly offset: number };

const MAX_LENGTH = 2000;
const LIMITS = {
  maxAstNodes: 500,
  maxDepth: 50,
  maxListElements: 200,
  maxMapEntries: 100,
  maxCallArguments: 8,
};
const MAX_GLOB_TEXT = 65_536;
const MAX_REASON = 200;

/**
 * How heavy the arguments may be for a condition that loops over them, by how deep its loops are nested: what a
 * loop does each time may itself take as long as the arguments are, and all of it has to end within a second.
 */
const MAX_WEIGHT = [Number.POSITIVE_INFINITY, 20_000, 1_000] as const;

const LOOPS = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** What the name `path` stands for: cel-js calls a function on it as a method. */
class PathNamespace {
  readonly name = 'path';
}

/**
 * Makes the compiler of conditions: CEL over `args`, `tool`, `server`, `agent`, `owner`, `tags` and `now`, with
 * `path.within(path, folder)` and `TEXT.glob(pattern)` added.
 *
 * What an agent sends must not be able to hang or fill the host: regular expressions (`matches`) are left out,
 * because cel-js hands them to JavaScript's backtracking engine; loops over heavy arguments throw.
 *
 * A compiled condition throws where the expression fails or gives anything but true or false.
 */
export function conditionCompiler(): (expression: string) => Compiled {
  const environment = celEnvironment();
  return (expression) => {
    if (expression.length > MAX_LENGTH) {
      return invalid(`A condition has at most ${MAX_LENGTH} characters; split it into several rules.`);
    }
    try {
      const parsed = environment.parse(expression);
      const refused = refusedPart(parsed.ast);
      if (refused) return { kind: 'invalid', ...refused };
      const checked = parsed.check();
      if (checked.error) return celMistake(checked.error);
      if (checked.type !== 'bool' && checked.type !== 'dyn') {
        return invalid(`The condition gives ${checked.type}, but it must give true or false.`);
      }
      const loops = loopDepth(parsed.ast);
      return { kind: 'ok', test: (facts) => evaluate(parsed, facts, loops) };
    } catch (error) {
      return celMistake(error);
    }
  };
}

function evaluate(run: (context: object) => unknown, facts: Facts, loops: number): boolean {
  const { agent, owner, server, tool, tags, now } = facts;
  const { value, weight } = celArgs(facts.args);
  if (weight > (MAX_WEIGHT[loops] ?? 0)) {
    throw new Error(`the arguments are too large (${weight}) for a condition that loops over them`);
  }
  let result: unknown;
  try {
    result = run({ args: value, agent, owner, server, tool, tags: [...tags], now });
  } catch (error) {
    // The library's message draws the expression below its first line, and may quote what the agent sent.
    throw new Error(summaryOf(error).slice(0, MAX_REASON), { cause: error });
  }
  if (typeof result === 'boolean') return result;
  throw new Error('the condition gave neither true nor false');
}

function celEnvironment(): Environment {
  const sync = { async: false };
  const environment = new Environment({ limits: LIMITS })
    .registerVariable('args', 'map')
    .registerVariable('tool', 'string')
    .registerVariable('server', 'string')
    .registerVariable('agent', 'string')
    .registerVariable('owner', 'string')
    .registerVariable('tags', 'list<string>')
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerType('PathNamespace', PathNamespace)
    .registerConstant('path', 'PathNamespace', new PathNamespace())
    .registerFunction(
      'PathNamespace.within(dyn, dyn): bool',
      (_path: unknown, path: unknown, folder: unknown) => isWithin(path, folder),
      sync,
    )
    .registerFunction('string.glob(string): bool', glob, sync);
  // JSON does not tell 5 from 5.0, so an author must not have to: mixed arithmetic is done in doubles.
  for (const [left, right] of [
    ['int', 'double'],
    ['double', 'int'],
  ]) {
    environment
      .registerOperator(`${left} + ${right}: double`, (a, b) => Number(a) + Number(b))
      .registerOperator(`${left} - ${right}: double`, (a, b) => Number(a) - Number(b))
      .registerOperator(`${left} * ${right}: double`, (a, b) => Number(a) * Number(b))
      .registerOperator(`${left} / ${right}: double`, (a, b) => Number(a) / Number(b));
  }
  return environment;
}

function glob(text: string, pattern: string): boolean {
  if (text.length > MAX_GLOB_TEXT) throw new Error(`glob looks at ${MAX_GLOB_TEXT} characters at most`);
  return compileGlob(pattern)(text);
}

interface Refused {
  readonly message: string;
  readonly offset: number;
}

/** The first part of the expression that an agent's arguments could make run for ever. */
function refusedPart(node: ASTNode): Refused | undefined {
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    const message =
      'matches is not available, because a hostile argument could make a regular expression hang; use glob, startsWith, endsWith or contains.';
    return { message, offset: node.start };
  }
  if (node.op === 'call' && node.args[0] === 'duration' && node.args[1][0]?.op !== 'value') {
    const message = 'duration takes a literal such as duration("30m"), not a value of the call.';
    return { message, offset: node.start };
  }
  if (node.op === 'rcall' && node.args[0] === 'glob' && node.args[2][0]?.op !== 'value') {
    const message = 'glob takes a literal such as args.name.glob("*.txt"), not a value of the call.';
    return { message, offset: node.start };
  }
  if (loopDepth(node) >= MAX_WEIGHT.length) {
    return { message: 'Loops over the arguments may be nested at most two deep.', offset: node.start };
  }
  for (const child of childrenOf(node)) {
    const refused = refusedPart(child);
    if (refused) return refused;
  }
  return undefined;
}

/** How deep loops are nested whose length the arguments decide; one over a literal list or `tags` is not counted. */
function loopDepth(node: ASTNode): number {
  const inside = Math.max(0, ...childrenOf(node).map(loopDepth));
  return isLoop(node) ? inside + 1 : inside;
}

function isLoop(node: ASTNode): boolean {
  if (node.op !== 'rcall') return false;
  const [name, range, args] = node.args;
  const bounded = range.op === 'list' || (range.op === 'id' && range.args === 'tags');
  return LOOPS.has(name) && args.length > 1 && !bounded;
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  const args: unknown = node.args;
  return (Array.isArray(args) ? args.flat(2) : [args]).filter(isNode);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value;
}

function celMistake(error: unknown): Compiled {
  const offset = error instanceof ParseError || error instanceof TypeError ? (error.range?.start ?? 0) : 0;
  return { kind: 'invalid', message: `The condition is not valid: ${summaryOf(error)}.`, offset };
}

function invalid(message: string): Compiled {
  return { kind: 'invalid', message, offset: 0 };
}

function summaryOf(error: unknown): string {
  const isCel = error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError;
  return (isCel ? error.summary : messageOf(error)).replace(/\.$/, '');
}
