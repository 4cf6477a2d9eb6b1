import type { ContentBlock } from '@modelcontextprotocol/sdk/types.js';
import type { core } from 'zod';

/** An object schema of zod 4: `z.object`, `z.strictObject`, or the same of `zod/mini`. */
export type ObjectSchema = core.$ZodObject;

/** One part of a result as MCP defines it: text, image, audio, a resource, or a link to one. */
export type ToolContent = ContentBlock;

export interface ToolContext {
  /** Aborted when the caller no longer waits: the call was cancelled, or timed out. */
  readonly signal: AbortSignal;
  /** The workspace's folder, absolute: the one that holds `tools/`. */
  readonly workspace: string;
}

/** What `run` returns: with an `output` schema an object that fits it, otherwise text or MCP content. */
export type ToolResult<Output extends ObjectSchema | undefined> = Output extends ObjectSchema
  ? core.input<Output>
  : string | readonly ToolContent[];

export interface ToolSpec<Input extends ObjectSchema, Output extends ObjectSchema | undefined = undefined> {
  /** Under which agents call it: 1 to 64 letters, digits, `_` and `-`; not beginning with `placet_`. */
  readonly name: string;
  /** For people. */
  readonly title?: string;
  /** For agents and reviewers: what the tool does. */
  readonly description: string;
  /** What policies match, such as `pii`. A tool tagged `sensitive` is always reviewed. */
  readonly tags: readonly string[];
  /** The arguments. What `summary` and `run` get is what this schema parsed. */
  readonly input: Input;
  /** The shape of structured results. */
  readonly output?: Output;
  /**
   * One sentence, 1 to 500 characters, that says what a call with these arguments would do now. A reviewer
   * reads it, so it must not change anything.
   */
  readonly summary?: (args: core.output<Input>, context: ToolContext) => string | Promise<string>;
  /** Does it. What it throws is a failed call; the agent is given the error's message, never its stack. */
  readonly run: (
    args: core.output<Input>,
    context: ToolContext,
  ) => ToolResult<Output> | Promise<ToolResult<Output>>;
}

/** A tool as `defineTool` returns it. */
export interface Tool {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly input: ObjectSchema;
  readonly output?: ObjectSchema;
  readonly summary?: (args: never, context: ToolContext) => unknown;
  readonly run: (args: never, context: ToolContext) => unknown;
}

const DEFINED = Symbol.for('placet.tool');
const MEMBERS = ['name', 'title', 'description', 'tags', 'input', 'output', 'summary', 'run'];

/**
 * Defines a guarded tool: the default export of a file in `tools/`.
 *
 * @throws TypeError one sentence that says what is wrong with the definition
 */
export function defineTool<Input extends ObjectSchema, Output extends ObjectSchema | undefined = undefined>(
  spec: ToolSpec<Input, Output>,
): Tool {
  const wrong = fault(spec);
  if (wrong !== undefined) throw new TypeError(wrong);
  const tool = { ...spec, tags: Object.freeze([...spec.tags]) };
  Object.defineProperty(tool, DEFINED, { value: true });
  return Object.freeze(tool) as Tool;
}

/** Whether `value` was made by `defineTool`. */
export function isTool(value: unknown): value is Tool {
  return typeof value === 'object' && value !== null && DEFINED in value;
}

/** What is wrong with a definition, which JavaScript authors can get wrong in every member. */
function fault(spec: unknown): string | undefined {
  if (typeof spec !== 'object' || spec === null) return 'defineTool takes one object.';
  const { name, title, description, tags, input, output, summary, run } = spec as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    return "A tool's name is 1 to 64 letters, digits, underscores and hyphens.";
  }
  if (name.toLowerCase().startsWith('placet_')) {
    return `The tool ${name} needs another name: those beginning with placet_ are reserved.`;
  }
  const of = `The tool ${name}`;
  if (typeof description !== 'string' || description.trim() === '') {
    return `${of} needs a description: agents and reviewers read it.`;
  }
  if (title !== undefined && typeof title !== 'string')
    return `The title of the tool ${name} must be a string.`;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string' && /^\S+$/.test(tag))) {
    return `${of} needs tags: a list of words, such as ['sensitive'], or an empty list.`;
  }
  if (!isObjectSchema(input)) return `The input of the tool ${name} must be z.object({…}) of zod 4.`;
  if (output !== undefined && !isObjectSchema(output)) {
    return `The output of the tool ${name} must be z.object({…}) of zod 4.`;
  }
  if (summary !== undefined && typeof summary !== 'function') {
    return `The summary of the tool ${name} must be a function.`;
  }
  if (typeof run !== 'function') return `${of} needs a function run(args, context).`;
  const unknown = Object.keys(spec).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) return `${of} has a member ${unknown}, which defineTool does not know.`;
  return undefined;
}

function isObjectSchema(value: unknown): value is ObjectSchema {
  if (typeof value !== 'object' || value === null || !('_zod' in value)) return false;
  return (value as Partial<ObjectSchema>)._zod?.def?.type === 'object';
}
