import { requestIdOf, type Entry, type EntryOf, type EntryType } from '../core/entry.ts';
import { CALL_KINDS } from './call-kinds.ts';
import { ENTITY_KINDS } from './entity-kinds.ts';
import type { CallContext, EventContext, Reading } from './reading.ts';

const KINDS: { readonly [T in EntryType]: (entry: EntryOf<T>) => Reading } = {
  ...CALL_KINDS,
  ...ENTITY_KINDS,
};

/** What an entry tells a security tool. */
export function readEntry(entry: Entry): Reading {
  return (KINDS[entry.type] as (entry: Entry) => Reading)(entry);
}

/** Of whose call an entry tells: what it says itself before what others said. */
export function callOf(entry: Entry, { call }: EventContext): Partial<CallContext> {
  const request = requestIdOf(entry) ?? call?.request_id;
  return {
    ...call,
    ...(request === undefined ? {} : { request_id: request }),
    ...('call_id' in entry && entry.call_id !== undefined ? { call_id: entry.call_id } : {}),
    ...('agent' in entry && 'owner' in entry
      ? { agent: entry.agent, owner: entry.owner, server: entry.server, tool: entry.tool }
      : {}),
  };
}
