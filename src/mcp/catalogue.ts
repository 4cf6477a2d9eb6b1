import { timestamp, type Clock } from '../core/clock.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { OfferedTool } from '../guard/ports.ts';
import { backoff } from './backoff.ts';
import type { CatalogueCache } from './catalogue-file.ts';
import { offer } from './offer.ts';
import type { ServerConfig } from './servers.ts';
import type { ListedTool, ToolList } from './tool-list.ts';

export interface DefinitionEvent {
  readonly kind: 'registered' | 'changed';
  readonly server: string;
  readonly tool: string;
  readonly definition_sha256: string;
  /** Present for `changed`. */
  readonly previous_sha256?: string;
}

/** How a server stands, for people. `retry_at` is RFC 3339, UTC. */
export interface ServerState {
  readonly name: string;
  readonly state: 'starting' | 'ready' | 'failed';
  /** How many of its tools are offered. */
  readonly tools: number;
  readonly error?: string;
  readonly retry_at?: string;
  /** One sentence for each tool, or file of tools, that was left out. */
  readonly problems: readonly string[];
}

export interface CatalogueOptions {
  readonly servers: readonly ServerConfig[];
  /** Asks a server for its tools. @throws DownstreamError */
  readonly ask: (server: ServerConfig) => Promise<ToolList>;
  readonly cache: CatalogueCache;
  /** The digest of a tool's definition that stands in the journal. */
  readonly known: (server: string, tool: string) => string | undefined;
  readonly onDefinition: (event: DefinitionEvent) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How long `start` and `ready` wait for slow servers, in milliseconds. Default ten seconds. */
  readonly patienceMs?: number;
}

/** What a client session needs of the catalogue. */
export interface CatalogueView {
  tools(): readonly OfferedTool[];
  find(name: string): OfferedTool | undefined;
  /** Resolves when every server has answered or failed once, at the latest when patience is over. */
  ready(): Promise<void>;
  /** Calls back whenever the offered tools have changed. @returns the way to stop it */
  onChange(listener: () => void): () => void;
}

/** The tools of a set of servers: asked once, kept, and asked again when there is reason to. */
export interface Catalogue extends CatalogueView {
  /**
   * Asks the servers of which nothing is known.
   *
   * @throws ConfigError `tool_name_twice` when two tools would share a name
   */
  start(): Promise<void>;
  /** Asks this server again, now. */
  refresh(server: string): void;
  /** Takes up what a fresh connection lists. */
  noticed(server: string, list: ToolList): void;
  state(): readonly ServerState[];
  close(): void;
}

interface Entry {
  readonly server: ServerConfig;
  tools: readonly ListedTool[] | undefined;
  trouble: readonly string[];
  asking: boolean;
  askAgain: boolean;
  failures: number;
  error: string | undefined;
  retryAt: string | undefined;
  stopRetry: () => void;
}

const PATIENCE_MS = 10_000;

export function createCatalogue(options: CatalogueOptions): Catalogue {
  const { servers, ask, cache, known, clock, random, log } = options;
  const entries = new Map<string, Entry>(servers.map((server) => [server.name, newEntry(server)]));
  const listeners = new Set<() => void>();
  const reported = new Set<string>();
  /** Digests that were handed to `onDefinition` and may not stand in the journal yet. */
  const told = new Map<string, string>();
  let offered: readonly OfferedTool[] = [];
  let byName: ReadonlyMap<string, OfferedTool> = new Map();
  let settled = Promise.resolve();
  /** Until the start is over the order of mcp.json says whose a name is, then who holds it. */
  let started = false;
  let closed = false;

  async function askOnce(entry: Entry): Promise<void> {
    if (entry.asking) {
      entry.askAgain = true;
      return;
    }
    entry.asking = true;
    entry.stopRetry();
    try {
      const list = await ask(entry.server);
      if (!closed) take(entry, list);
    } catch (error) {
      if (!closed) fail(entry, error);
    } finally {
      entry.asking = false;
    }
    if (entry.askAgain && !closed) {
      entry.askAgain = false;
      await askOnce(entry);
    }
  }

  function take(entry: Entry, list: ToolList): void {
    entry.failures = 0;
    entry.error = undefined;
    entry.retryAt = undefined;
    entry.stopRetry();
    for (const trouble of list.trouble) reportOnce(trouble);
    entry.trouble = list.trouble;
    if (entry.tools && sameTools(entry.tools, list.tools)) return;
    entry.tools = list.tools;
    cache.put(entry.server, list.tools);
    tellDefinitions(entry);
    rebuild();
  }

  function fail(entry: Entry, error: unknown): void {
    entry.failures += 1;
    entry.error = messageOf(error);
    const wait = backoff(entry.failures, random);
    entry.retryAt = timestamp(clock, wait);
    log(`${entry.error} It is tried again at ${entry.retryAt}.`);
    entry.stopRetry = clock.after(wait, () => void askOnce(entry));
    const had = entry.tools !== undefined;
    entry.tools = undefined;
    if (had) rebuild();
  }

  function tellDefinitions({ server, tools }: Entry): void {
    for (const { tool, definition_sha256 } of tools ?? []) {
      const key = `${server.name}\n${tool}`;
      const previous = told.get(key) ?? known(server.name, tool);
      if (previous === definition_sha256) continue;
      told.set(key, definition_sha256);
      options.onDefinition({
        kind: previous === undefined ? 'registered' : 'changed',
        server: server.name,
        tool,
        definition_sha256,
        ...(previous === undefined ? {} : { previous_sha256: previous }),
      });
    }
  }

  function rebuild(): readonly string[] {
    const lists = [...entries.values()].map(({ server, tools }) => ({ server, tools: tools ?? [] }));
    const made = offer(lists, started ? offered : []);
    for (const trouble of made.trouble) reportOnce(trouble);
    offered = made.tools;
    byName = new Map(offered.map((tool) => [tool.name, tool]));
    for (const clash of made.clashes) reportOnce(`${clash} The second is left out until then.`);
    for (const listener of listeners) listener();
    return made.clashes;
  }

  function reportOnce(trouble: string): void {
    if (reported.has(trouble)) return;
    reported.add(trouble);
    log(trouble);
  }

  /** Waits, but no longer than patience lasts: a slow server comes later and clients are told then. */
  function patiently(work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const stop = clock.after(options.patienceMs ?? PATIENCE_MS, resolve);
      void work.then(() => {
        stop();
        resolve();
      });
    });
  }

  return {
    async start() {
      for (const entry of entries.values()) {
        entry.tools = cache.get(entry.server);
        tellDefinitions(entry);
      }
      const unknown = [...entries.values()].filter((entry) => entry.tools === undefined);
      settled = patiently(Promise.all(unknown.map(askOnce)));
      await settled;
      const [clash] = rebuild();
      started = true;
      if (clash !== undefined) throw new ConfigError('tool_name_twice', clash);
    },

    refresh(server) {
      const entry = entries.get(server);
      if (entry && !closed) void askOnce(entry);
    },

    noticed(server, list) {
      const entry = entries.get(server);
      if (entry && !closed) take(entry, list);
    },

    state() {
      return [...entries.values()].map((entry) => ({
        name: entry.server.name,
        state: entry.error !== undefined ? 'failed' : entry.tools ? 'ready' : 'starting',
        tools: offered.filter((tool) => tool.server === entry.server.name).length,
        ...(entry.error === undefined ? {} : { error: entry.error }),
        ...(entry.retryAt === undefined ? {} : { retry_at: entry.retryAt }),
        problems: entry.trouble,
      }));
    },

    tools: () => offered,
    find: (name) => byName.get(name),
    ready: () => settled,

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    close() {
      closed = true;
      listeners.clear();
      for (const entry of entries.values()) entry.stopRetry();
    },
  };
}

function newEntry(server: ServerConfig): Entry {
  return {
    server,
    tools: undefined,
    trouble: [],
    asking: false,
    askAgain: false,
    failures: 0,
    error: undefined,
    retryAt: undefined,
    stopRetry: () => undefined,
  };
}

function sameTools(a: readonly ListedTool[], b: readonly ListedTool[]): boolean {
  const digests = (tools: readonly ListedTool[]): string =>
    tools.map((tool) => tool.definition_sha256).join('\n');
  return digests(a) === digests(b);
}
