import type { Entry } from '../core/entry.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { CallContext } from './reading.ts';

/** What every format says in a place of its own. */
const STAMP: ReadonlySet<string> = new Set(['v', 'seq', 'id', 'time', 'type', 'more']);

/** All that an entry holds besides what identifies it, with the call that it is of: nothing is lost on the way. */
export function unmappedOf(entry: Entry, call: Partial<CallContext>): JsonObject {
  const members: Record<string, Json> = { ...call };
  for (const [name, value] of Object.entries(entry) as [string, Json][]) {
    if (!STAMP.has(name)) members[name] = value;
  }
  return members;
}
