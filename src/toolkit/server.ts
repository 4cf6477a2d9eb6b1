import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  ResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { literal, looseObject, record, string, unknown } from 'zod';
import { messageOf } from '../core/errors.ts';
import { callTool, summarise } from './call.ts';
import type { ToolContext } from './define.ts';
import { loadFolder, type ServedTool, type ToolFolder } from './folder.ts';
import type { Loader } from './loader.ts';
import type { Problem } from './problem.ts';

export interface ToolServerOptions {
  readonly folder: string;
  readonly workspace: string;
  readonly version: string;
  readonly load: Loader;
  /** Told of each problem, once when it appears. */
  readonly report: (problem: Problem) => void;
}

export interface ToolServer {
  readonly server: Server;
  /** Loads the folder anew, then tells the client. `stale`: what still runs as it was before. */
  readonly reload: (stale: readonly Problem[]) => Promise<void>;
  /** Aborts the calls under way and waits until they have ended. */
  readonly drain: () => Promise<void>;
}

const INVALID_PARAMS = -32602;

const ProblemsRequestSchema = looseObject({ method: literal('placet/problems') });
const SummaryRequestSchema = looseObject({
  method: literal('placet/summary'),
  params: looseObject({ name: string(), arguments: record(string(), unknown()).optional() }),
});

/** Serves the tools of a folder: MCP's own requests, `placet/problems` and `placet/summary`. */
export async function createToolServer(options: ToolServerOptions): Promise<ToolServer> {
  const { folder, workspace, load } = options;
  const server = new Server(
    { name: 'placet-tools', version: options.version },
    { capabilities: { tools: { listChanged: true } } },
  );
  const ending = new AbortController();
  const running = new Set<Promise<unknown>>();
  let problems: readonly Problem[] = [];
  let current = await loadFolder(folder, load);
  let loading = Promise.resolve();
  note([]);

  function note(stale: readonly Problem[]): void {
    const known = new Set(problems.map((problem) => JSON.stringify(problem)));
    problems = [...current.problems, ...stale];
    for (const problem of problems) if (!known.has(JSON.stringify(problem))) options.report(problem);
  }

  async function replace(stale: readonly Problem[]): Promise<void> {
    current = await reloaded(folder, load);
    note(stale);
    await server.sendToolListChanged();
  }

  function named(name: string): ServedTool {
    const served = current.tools.get(name);
    if (served) return served;
    throw Object.assign(new Error(`There is no tool named ${name}.`), { code: INVALID_PARAMS });
  }

  function context(signal: AbortSignal): ToolContext {
    return { signal: AbortSignal.any([signal, ending.signal]), workspace };
  }

  async function tracked<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }

  server.setRequestHandler(ListToolsRequestSchema, () =>
    ResultSchema.parse({ tools: [...current.tools.values()].map((served) => served.definition) }),
  );
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) =>
    tracked(callTool(named(params.name).tool, params.arguments ?? {}, context(signal))),
  );
  server.setRequestHandler(ProblemsRequestSchema, () => ({ problems }));
  server.setRequestHandler(SummaryRequestSchema, async ({ params }, { signal }) => ({
    summary: await tracked(summarise(named(params.name).tool, params.arguments ?? {}, context(signal))),
  }));

  return {
    server,
    reload: (stale) => {
      loading = loading.then(() => replace(stale));
      return loading;
    },
    drain: async () => {
      ending.abort(new Error('The client is gone.'));
      await Promise.allSettled(running);
    },
  };
}

/** A folder that cannot be read any more serves nothing, and says so. */
async function reloaded(folder: string, load: Loader): Promise<ToolFolder> {
  try {
    return await loadFolder(folder, load);
  } catch (error) {
    return { tools: new Map(), problems: [{ file: '.', message: messageOf(error) }] };
  }
}
