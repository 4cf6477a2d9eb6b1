import { CustodyError } from '../core/errors.ts';
import { CallRecords, entryOf, type CallRecord } from './call-record.ts';
import type { CustodyContext } from './custody.ts';
import { BATCH, type Eraser } from './erasure.ts';
import { isKept, standingInTheWay } from './erasable.ts';

const SHOWN = 100;

export interface RetainOptions {
  /** Payloads of calls that were made before this time go. RFC 3339, UTC. */
  readonly before: string;
  /** Erases nothing, and says what would go. */
  readonly dry_run: boolean;
  readonly reason: string;
  readonly by: string;
}

/** What went, or would go. */
export interface Retention {
  readonly calls: number;
  readonly payloads: number;
  /** Old enough, but kept: by a hold, or because nobody knows yet how they end. */
  readonly held: number;
  readonly under_way: number;
  /** The first hundred. */
  readonly first: readonly Pick<CallRecord, 'call_id' | 'time' | 'server' | 'tool'>[];
}

/**
 * Erases by age: one pass over the journal, which holds in memory the calls that are open and a batch of those that
 * are erased next. A hold that is placed meanwhile keeps what is not ordered yet.
 */
export function createRetain(
  context: CustodyContext,
  parts: {
    readonly eraser: Eraser;
    readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>;
    readonly closed: () => boolean;
  },
): (options: RetainOptions) => Promise<Retention> {
  const { journal, ledger, payloads } = context;
  const { eraser, inTurn, closed } = parts;

  return async (options) => {
    const total = { calls: 0, payloads: 0, held: 0, under_way: 0 };
    const first: Retention['first'][number][] = [];

    const take = async (batch: readonly CallRecord[]): Promise<void> => {
      if (closed()) throw new CustodyError('host_ending', 'The host is ending; retain again when it runs.');
      await inTurn(async () => {
        const unfinished = new Set([...ledger.custody.erasures()].map(({ call_id }) => call_id));
        const inTheWay = standingInTheWay(ledger);
        const going: CallRecord[] = [];
        for (const record of batch) {
          if (unfinished.has(record.call_id)) continue;
          const obstacle = inTheWay(record.call_id);
          if (obstacle === undefined) going.push(record);
          else total[obstacle.kind] += 1;
        }
        if (going.length > 0 && !options.dry_run) await eraser.erase(going, options);
        total.calls += going.length;
        total.payloads += going.reduce((sum, record) => sum + record.payloads.length, 0);
        for (const { call_id, time, server, tool } of going.slice(0, SHOWN - first.length))
          first.push({ call_id, time, server, tool });
      });
    };

    const records = new CallRecords();
    let batch: CallRecord[] = [];
    for await (const line of journal.readLines(0)) {
      const record = records.take(entryOf(line));
      if (!record || record.time >= options.before || !(await isKept(payloads, record))) continue;
      batch.push(record);
      if (batch.length < BATCH) continue;
      await take(batch);
      batch = [];
    }
    if (batch.length > 0) await take(batch);
    const open = records.open().filter((record) => record.time < options.before);
    return { ...total, under_way: total.under_way + open.length, first };
  };
}
