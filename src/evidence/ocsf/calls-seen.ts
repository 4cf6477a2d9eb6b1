import { requestIdOf, type Entry } from '../../core/entry.ts';
import type { CallRow } from '../../core/evidence.ts';
import type { CallContext } from '../../events/reading.ts';

/** Of the calls that were spoken of last so many are remembered; of those that were held, as many more. */
const REMEMBERED = 20_000;

/** Of whose call an entry is that names only a request or a call. */
export interface CallsSeen {
  /** A call from before the period. */
  know(row: CallRow): void;
  /** To be asked of every entry, in order: it learns from those that say it. */
  of(entry: Entry): CallContext | undefined;
}

/** In bounded memory: what it has forgotten it does not know. */
export function createCallsSeen(): CallsSeen {
  const calls = new Map<string, CallContext>();
  const requests = new Map<string, CallContext>();
  const learn = (call: CallContext): void => {
    keep(calls, call.call_id, call);
    if (call.request_id !== undefined) keep(requests, call.request_id, call);
  };
  return {
    know({ call_id, request_id, agent, owner, server, tool }) {
      learn({ call_id, ...(request_id === undefined ? {} : { request_id }), agent, owner, server, tool });
    },
    of(entry) {
      if (entry.type === 'call.requested' || entry.type === 'approval.requested') {
        const { call_id, agent, owner, server, tool } = entry;
        const request_id = requestIdOf(entry);
        learn({ call_id, ...(request_id === undefined ? {} : { request_id }), agent, owner, server, tool });
      }
      const request = requestIdOf(entry);
      if (request !== undefined) return requests.get(request);
      return 'call_id' in entry && entry.call_id !== undefined ? calls.get(entry.call_id) : undefined;
    },
  };
}

function keep(known: Map<string, CallContext>, id: string, call: CallContext): void {
  known.set(id, call);
  if (known.size <= REMEMBERED) return;
  for (const oldest of known.keys()) {
    known.delete(oldest);
    return;
  }
}
