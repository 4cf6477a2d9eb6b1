import { digestOf } from '../core/digest.ts';
import { requestIdOf } from '../core/entry.ts';
import type { JsonObject } from '../core/json.ts';
import type { Request } from '../core/request.ts';
import type { Contents } from './contents.ts';
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
  /** Reads the open requests back after a restart. */
  restore(contents: Contents): Promise<void>;
}

/** Never journalled: without a salt it would let a guess of the arguments be tested. */
export function repeatKey(agent: string, server: string, tool: string, args: JsonObject): string {
  return digestOf([agent, server, tool, args]);
}

export function createRepeats({ ledger, changes, log }: GuardContext): Repeats {
  const byKey = new Map<string, string>();
  const keys = new Map<string, string>();
  const opening = new Map<string, Promise<string>>();

  function remember(key: string, requestId: string): void {
    byKey.set(key, requestId);
    keys.set(requestId, key);
  }

  changes.subscribe((entry) => {
    const id = requestIdOf(entry);
    if (entry.type !== 'call.completed' || id === undefined) return;
    const key = keys.get(id);
    keys.delete(id);
    if (key !== undefined && byKey.get(key) === id) byKey.delete(key);
  });

  function find(key: string): Request | undefined {
    const id = byKey.get(key);
    const request = id === undefined ? undefined : ledger.request(id);
    return request?.delivered ? undefined : request;
  }

  return {
    find,

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
          const args = await contents.args(request);
          remember(repeatKey(request.agent, request.server, request.tool, args), request.id);
        } catch (error) {
          log(`The arguments of ${request.id} cannot be read: ${String(error)}`);
        }
      }
    },
  };
}
