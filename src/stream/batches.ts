import type { Entry } from '../core/entry.ts';
import { readEntry } from '../events/read-entry.ts';
import type { Format } from '../events/format.ts';
import type { EventContext } from '../events/reading.ts';
import { redact } from '../events/redact.ts';
import type { Journal } from '../journal/journal.ts';
import type { Calls } from './calls.ts';
import type { Outgoing } from './sink.ts';
import type { Tail } from './tail.ts';

const RECALLED = 2048;

export interface BatchOptions {
  readonly journal: Pick<Journal, 'head' | 'read'>;
  readonly tail: Tail;
  readonly calls: Calls;
  readonly format: Format;
  readonly context: Omit<EventContext, 'call'>;
  /** Names of members that are redacted before anything is written of an entry. */
  readonly redacted: ReadonlySet<string>;
  readonly maxCount: number;
  readonly maxBytes: number;
}

/** What is new from `from` on, in batches, one at a time: the next is made when it is asked for. */
export async function* batchesFrom(from: number, options: BatchOptions): AsyncGenerator<readonly Outgoing[]> {
  const { maxCount, maxBytes } = options;
  let batch: Outgoing[] = [];
  let bytes = 0;
  for await (const entry of entriesFrom(from, options)) {
    const outgoing = await outgoingOf(entry, options);
    const size = Buffer.byteLength(outgoing.event);
    if (batch.length > 0 && (batch.length >= maxCount || bytes + size > maxBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(outgoing);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** Learns of the calls that were made shortly before: what follows may name nothing but them. */
export async function recall(before: number, { journal, calls }: BatchOptions): Promise<void> {
  for await (const entry of journal.read(Math.max(0, before - RECALLED), before)) {
    if (entry.type === 'call.requested') await calls.of(entry);
  }
}

function entriesFrom(from: number, { journal, tail }: BatchOptions): AsyncIterable<Entry> | Iterable<Entry> {
  return tail.from(from) ?? journal.read(from, journal.head().size);
}

async function outgoingOf(
  told: Entry,
  { calls, format, context, redacted }: BatchOptions,
): Promise<Outgoing> {
  const call = await calls.of(told);
  const entry = redact(told, redacted);
  const { seq, id, type, time } = entry;
  return {
    seq,
    id,
    type,
    time,
    severity: readEntry(entry).severity,
    event: format.event(entry, { ...context, ...(call ? { call: redact(call, redacted) } : {}) }),
  };
}
