import { digestOf } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import type { Request } from '../core/request.ts';
import { unlessErased, type Contents } from './contents.ts';
import type { GuardContext } from './context.ts';

/** Which open request an identical call belongs to: the same agent, tool and arguments. */
export interface Repeats {
  /** The request that `key` stands for, until its outcome was delivered. */
  find(key: string): Request | undefined;
  /**
   * The id of the request that `key` stands for, opened by `open` when there is none. Of several identical
   * calls at once, one opens and the others get the same id.
   */
  findOrOpen(key: string, open: () => Promise<string>): Promise<string>;
  /** The outcome was handed over: the next identical call is a new one. */
  forget(requestId: string): void;
  /** Reads the open requests back after a restart. */
  restore(contents: Contents): Promise<void>;
}

/** Never journalled: without a salt it would let a guess of the arguments be tested. */
export function repeatKey(
  agent: string,
  tool: Pick<Request, 'server' | 'tool' | 'definition_sha256'>,
  args: JsonObject,
): string {
  return digestOf([agent, tool.server, tool.tool, tool.definition_sha256, args]);
}

export function createRepeats({ ledger, log }: Pick<GuardContext, 'ledger' | 'log'>): Repeats {
  const byKey = new Map<string, string>();
  const keys = new Map<string, string>();
  const opening = new Map<string, Promise<string>>();

  function remember(key: string, requestId: string): void {
    const before = byKey.get(key);
    if (before !== undefined) keys.delete(before);
    byKey.set(key, requestId);
    keys.set(requestId, key);
  }

  function forget(requestId: string): void {
    const key = keys.get(requestId);
    keys.delete(requestId);
    if (key !== undefined && byKey.get(key) === requestId) byKey.delete(key);
  }

  function find(key: string): Request | undefined {
    const id = byKey.get(key);
    const request = id === undefined ? undefined : ledger.request(id);
    return request?.delivered ? undefined : request;
  }

  return {
    find,
    forget,

    async findOrOpen(key, open) {
      const known = find(key);
      if (known) return known.id;
      const others = opening.get(key);
      if (others) return others;
      const mine = open();
      opening.set(key, mine);
      try {
        const requestId = await mine;
        remember(key, requestId);
        return requestId;
      } finally {
        opening.delete(key);
      }
    },

    async restore(contents) {
      for (const request of ledger.requests()) {
        if (request.delivered) continue;
        try {
          const args = await unlessErased(contents.args(request));
          if (args) remember(repeatKey(request.agent, request, args), request.id);
        } catch (error) {
          log(`The arguments of ${request.id} cannot be read: ${String(error)}`);
        }
      }
    },
  };
}
