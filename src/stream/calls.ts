import { requestIdOf, type Entry } from '../core/entry.ts';
import type { CallContext } from '../events/reading.ts';
import type { Journal } from '../journal/journal.ts';

const KEPT = 4096;

/** Of whose call an entry is that names only a request or a call. */
export interface Calls {
  /** To be asked of every entry, in order: it learns from those that say it. */
  of(entry: Entry): Promise<CallContext | undefined>;
}

/** Remembers the calls that were spoken of last; an older request is read from the journal. */
export function createCalls(journal: Pick<Journal, 'readRequest'>): Calls {
  const known = new Map<string, CallContext>();
  const learn = (id: string, call: CallContext): void => {
    known.delete(id);
    known.set(id, call);
    if (known.size <= KEPT) return;
    for (const oldest of known.keys()) {
      known.delete(oldest);
      return;
    }
  };
  return {
    async of(entry) {
      if (entry.type === 'call.requested' || entry.type === 'approval.requested') {
        const call = contextOf(entry);
        learn(entry.call_id, call);
        if (call.request_id !== undefined) learn(call.request_id, call);
        return call;
      }
      const request = requestIdOf(entry);
      const id = request ?? ('call_id' in entry ? entry.call_id : undefined);
      if (id === undefined) return undefined;
      const found = known.get(id);
      if (found) return found;
      if (request === undefined) return undefined;
      for (const each of await journal.readRequest(request)) {
        if (each.type !== 'approval.requested') continue;
        const call = contextOf(each);
        learn(request, call);
        return call;
      }
      return undefined;
    },
  };
}

function contextOf(entry: Extract<Entry, { type: 'call.requested' | 'approval.requested' }>): CallContext {
  const { call_id, agent, owner, server, tool } = entry;
  return {
    call_id,
    ...(entry.type === 'approval.requested' ? { request_id: entry.request_id } : {}),
    agent,
    owner,
    server,
    tool,
  };
}
