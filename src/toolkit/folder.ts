import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { toJSONSchema, type core } from 'zod';
import { ConfigError, messageOf } from '../core/errors.ts';
import { sha256 } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { isTool, type Tool } from './define.ts';
import type { Loader } from './loader.ts';
import { problemOf, type Problem } from './problem.ts';

/** A tool that is served, with its MCP definition. */
export interface ServedTool {
  readonly tool: Tool;
  readonly definition: JsonObject;
}

/** What a folder holds: the tools that can be served, by name, and why others cannot. */
export interface ToolFolder {
  readonly tools: ReadonlyMap<string, ServedTool>;
  readonly problems: readonly Problem[];
}

const LOAD_MS = 10_000;
const SOURCE = /\.(ts|mts|js|mjs)$/;
const NOT_A_TOOL = /^[_.]|\.d\.m?ts$|\.test\.m?[tj]s$/;

/** Whether a file of the folder is to define a tool. */
export function isToolFile(name: string): boolean {
  return SOURCE.test(name) && !NOT_A_TOOL.test(name);
}

/**
 * Loads every tool of a folder anew. A file that cannot be served is a problem and harms no other.
 *
 * @throws ConfigError `tools_unreadable` when the folder cannot be read
 */
export async function loadFolder(folder: string, load: Loader): Promise<ToolFolder> {
  const { files, shared, problems } = await sources(folder);
  const served: { file: string; tool: ServedTool }[] = [];
  for (const name of files) {
    const file = join(folder, name);
    try {
      const source = await readFile(file, 'utf8');
      const tool = await inTime(load(file, source));
      if (!isTool(tool)) throw new TypeError('its default export must be defineTool({…})');
      served.push({ file: name, tool: { tool, definition: define(tool, sha256(source, ...shared)) } });
    } catch (error) {
      problems.push(problemOf(file, error));
    }
  }
  const tools = new Map<string, ServedTool>();
  for (const { file, tool } of served) {
    const { name } = tool.tool;
    const namesakes = served.filter((other) => other.tool.tool.name === name);
    if (namesakes.length === 1) {
      tools.set(name, tool);
    } else {
      const where = namesakes.map((other) => other.file).join(' and ');
      problems.push({
        file,
        message: `the tool ${name} is defined by ${where}, so none is served: rename one`,
      });
    }
  }
  return { tools, problems };
}

async function sources(folder: string): Promise<{ files: string[]; shared: Buffer[]; problems: Problem[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const message = `The tools folder ${folder} cannot be read: ${messageOf(cause)}.`;
    throw new ConfigError('tools_unreadable', message, { cause });
  });
  const found = { files: [] as string[], shared: [] as Buffer[], problems: [] as Problem[] };
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    if (entry.isFile()) {
      if (isToolFile(name)) found.files.push(name);
      else if (name.startsWith('_') && extname(name) !== '') {
        found.shared.push(Buffer.from(`\n${name}\n`), await readFile(join(folder, name)));
      }
    } else if (isToolFile(name) && entry.isSymbolicLink()) {
      const message = 'is a link, which could lead to where an agent can write: put the file itself here';
      found.problems.push({ file: name, message });
    }
  }
  return found;
}

/**
 * The tool's MCP definition. `placet/source` is a digest of the tool's file and of those beside it that begin
 * with an underscore: whoever pins a definition thereby pins the code that it stands for.
 */
function define(tool: Tool, source: string): JsonObject {
  return {
    name: tool.name,
    ...(tool.title === undefined ? {} : { title: tool.title }),
    description: tool.description,
    inputSchema: jsonSchema(tool.input, 'input'),
    ...(tool.output === undefined ? {} : { outputSchema: jsonSchema(tool.output, 'output') }),
    _meta: {
      'placet/tags': tool.tags,
      ...(tool.summary === undefined ? {} : { 'placet/summary': true }),
      'placet/source': source,
    },
  };
}

function jsonSchema(schema: core.$ZodObject, io: 'input' | 'output'): JsonObject {
  try {
    // Through text, because what zod gives also holds functions.
    return JSON.parse(JSON.stringify(toJSONSchema(schema, { target: 'draft-2020-12', io }))) as JsonObject;
  } catch (cause) {
    throw new TypeError(`the ${io} cannot be written as JSON Schema: ${messageOf(cause)}`, { cause });
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = setTimeout(LOAD_MS, undefined, { signal: done.signal }).then(() => {
    throw new TypeError(`took longer than ${LOAD_MS / 1000} seconds to load`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
