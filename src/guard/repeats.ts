import { digestOf } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import type { Request } from '../core/request.ts';
import { JournalError } from '../core/errors.ts';
import { unlessErased, type Contents } from './contents.ts';
import type { GuardContext } from './context.ts';

/** Which open request an identical call belongs to: the same agent, tool and arguments. */
export interface Repeats {
  /** Whether any call of this agent to this tool can be a repeat; of others no key is needed. */
  mayKnow(agent: string, tool: Tool): boolean;
  /** The request that `key` stands for, until its outcome was delivered. */
  find(key: RepeatKey): Request | undefined;
  /**
   * The id of the request that `key` stands for, opened by `open` when there is none. Of several identical
   * calls at once, one opens and the others get the same id.
   */
  findOrOpen(key: RepeatKey, open: () => Promise<string>): Promise<string>;
  /** The outcome was handed over: the next identical call is a new one. */
  forget(requestId: string): void;
  /** Reads the open requests back after a restart. */
  restore(contents: Contents): Promise<void>;
}

type Tool = Pick<Request, 'server' | 'tool' | 'definition_sha256'>;

/** What an identical call has the same of. */
export interface RepeatKey {
  /** Stands for the agent and the tool. */
  readonly tool: string;
  readonly call: string;
}

/** Never journalled: without a salt it would let a guess of the arguments be tested. */
export function repeatKey(agent: string, tool: Tool, args: JsonObject): RepeatKey {
  const of = toolKey(agent, tool);
  return { tool: of, call: digestOf([of, args]) };
}

function toolKey(agent: string, tool: Tool): string {
  return JSON.stringify([agent, tool.server, tool.tool, tool.definition_sha256]);
}

export function createRepeats({ ledger, log }: Pick<GuardContext, 'ledger' | 'log'>): Repeats {
  const byKey = new Map<string, string>();
  const keys = new Map<string, RepeatKey>();
  /** How many of `keys` are of which agent and tool. */
  const counts = new Map<string, number>();
  const opening = new Map<string, Promise<string>>();

  function remember(key: RepeatKey, requestId: string): void {
    forget(byKey.get(key.call));
    byKey.set(key.call, requestId);
    keys.set(requestId, key);
    counts.set(key.tool, (counts.get(key.tool) ?? 0) + 1);
  }

  function forget(requestId: string | undefined): void {
    const key = requestId === undefined ? undefined : keys.get(requestId);
    if (requestId === undefined || !key) return;
    keys.delete(requestId);
    if (byKey.get(key.call) === requestId) byKey.delete(key.call);
    const rest = (counts.get(key.tool) ?? 1) - 1;
    if (rest === 0) counts.delete(key.tool);
    else counts.set(key.tool, rest);
  }

  function find(key: RepeatKey): Request | undefined {
    const id = byKey.get(key.call);
    const request = id === undefined ? undefined : ledger.request(id);
    return request?.delivered ? undefined : request;
  }

  return {
    mayKnow: (agent, tool) => counts.size > 0 && counts.has(toolKey(agent, tool)),
    find,
    forget,

    async findOrOpen(key, open) {
      const known = find(key);
      if (known) return known.id;
      const others = opening.get(key.call);
      if (others) return others;
      const mine = open();
      opening.set(key.call, mine);
      try {
        const requestId = await mine;
        remember(key, requestId);
        return requestId;
      } finally {
        opening.delete(key.call);
      }
    },

    async restore(contents) {
      for (const request of ledger.requests()) {
        if (request.delivered) continue;
        try {
          const args = await wholeArgs(request, contents);
          if (args) remember(repeatKey(request.agent, request, args), request.id);
        } catch (error) {
          log(`The arguments of ${request.id} cannot be read: ${String(error)}`);
        }
      }
    },
  };
}

/** Nothing where they were erased, or their secrets were: then no call can be told to be the same. */
async function wholeArgs(request: Request, contents: Contents): Promise<JsonObject | undefined> {
  try {
    return (await unlessErased(contents.whole(request)))?.args;
  } catch (error) {
    if (error instanceof JournalError && error.code === 'secrets_lost') return undefined;
    throw error;
  }
}
