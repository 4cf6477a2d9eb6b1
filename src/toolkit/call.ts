import { ContentBlockSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { array, core } from 'zod';
import { CallError, messageOf } from '../core/errors.ts';
import type { ObjectSchema, Tool, ToolContext } from './define.ts';

const SUMMARY_LENGTH = 500;
const ISSUES = 10;

/** Checks the arguments, runs the tool, and checks what it returned. Failures are results, never throws. */
export async function callTool(tool: Tool, args: unknown, context: ToolContext): Promise<CallToolResult> {
  let returned: unknown;
  try {
    const parsed = await parse(tool.input, args, `The arguments do not fit the tool ${tool.name}`);
    returned = await tool.run(parsed as never, context);
  } catch (error) {
    return failure(messageOf(error) || `The tool ${tool.name} failed without saying why.`);
  }
  try {
    return await resultOf(tool, returned);
  } catch (error) {
    return failure(messageOf(error));
  }
}

/**
 * The tool's own sentence about a call.
 *
 * @throws CallError `no_summary`, `invalid_arguments`, `bad_summary`; and whatever the author's code throws
 */
export async function summarise(tool: Tool, args: unknown, context: ToolContext): Promise<string> {
  if (!tool.summary) throw new CallError('no_summary', `The tool ${tool.name} has no summary.`);
  const parsed = await parse(tool.input, args, `The arguments do not fit the tool ${tool.name}`);
  const summary = await tool.summary(parsed as never, context);
  if (typeof summary !== 'string' || summary.trim() === '' || summary.length > SUMMARY_LENGTH) {
    const message = `The summary of the tool ${tool.name} is not a text of 1 to ${SUMMARY_LENGTH} characters.`;
    throw new CallError('bad_summary', message);
  }
  return summary;
}

async function resultOf(tool: Tool, returned: unknown): Promise<CallToolResult> {
  const ran = `The tool ${tool.name} ran, but what it returned`;
  if (tool.output) {
    const structured = await parse(tool.output, returned, `${ran} does not fit its output`);
    return { content: [text(JSON.stringify(structured, null, 2))], structuredContent: structured };
  }
  if (typeof returned === 'string') return { content: [text(returned)] };
  const content = array(ContentBlockSchema).safeParse(returned);
  if (!content.success) {
    return failure(`${ran} is neither text nor MCP content: ${issues(content.error)}.`);
  }
  return { content: content.data };
}

async function parse(schema: ObjectSchema, value: unknown, wrong: string): Promise<Record<string, unknown>> {
  const parsed = await core.safeParseAsync(schema, value);
  if (!parsed.success) throw new CallError('invalid_arguments', `${wrong}: ${issues(parsed.error)}.`);
  return parsed.data;
}

function issues(error: core.$ZodError): string {
  return error.issues
    .slice(0, ISSUES)
    .map(({ path, message }) => (path.length === 0 ? message : `${core.toDotPath(path)}: ${message}`))
    .join('; ');
}

function text(value: string): { type: 'text'; text: string } {
  return { type: 'text', text: value };
}

function failure(message: string): CallToolResult {
  return { isError: true, content: [text(message)] };
}
