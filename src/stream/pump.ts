import { backoff } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { diskReason } from '../journal/disk.ts';
import { batchesFrom, recall, type BatchOptions } from './batches.ts';
import type { Cursor, CursorFile } from './cursor.ts';
import type { DeadLetters } from './dead-letters.ts';
import { SinkError, type Outgoing, type Sink } from './sink.ts';

export interface PumpOptions extends BatchOptions {
  readonly name: string;
  readonly sink: Sink;
  readonly cursor: CursorFile;
  readonly deadLetters: DeadLetters;
  /** Where a stream begins that has never run. */
  readonly begin: 'start' | 'now';
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface StreamState {
  readonly name: string;
  /** So many entries are not confirmed by the receiver. */
  readonly behind: number;
  /** So many were refused for good and stand in the file beside the cursor. */
  readonly dead_letters: number;
  /** Why it does not go on, in a sentence. */
  readonly trouble?: string;
}

export interface Pump {
  /** Something was appended. Returns at once, whatever the receiver does. */
  poke(): void;
  state(): StreamState;
  /** Gives up what is under way, which is sent again after the next start. */
  close(): Promise<void>;
}

/** New entries are gathered for so long, so that a busy moment is one batch and one cursor. */
const GATHER_MS = 100;
/** Between tries at a receiver that cannot be reached. */
const PATIENCE = { first_ms: 1000, most_ms: 5 * 60_000 };
/** What people have to mend is tried again this often. */
const REFUSED_MS = 60_000;
/** After so many events in a row that were refused for good, it is the receiver and not the events. */
const DEAD_IN_A_ROW = 10;

const UNKEPT = 'How far it is cannot be kept in data/streams';
const UNREAD = 'The journal cannot be read';

/**
 * Sends every entry at least once, in order. The cursor is moved on when the receiver has confirmed, and not before; a
 * batch at a time is in memory, and whatever waits, waits in the journal.
 */
export function createPump(options: PumpOptions): Pump {
  const { name, sink, cursor, deadLetters, begin, journal, clock, random, log } = options;
  const ending = new AbortController();
  const { signal } = ending;
  let next = begin === 'now' ? journal.head().size : 0;
  let deadInARow = 0;
  let trouble: string | undefined;
  let wake = (): void => undefined;

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.after(ms, done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });

  const told = (sentence: string): void => {
    if (trouble !== sentence) log(`stream ${name}: ${sentence}`);
    trouble = sentence;
  };

  /** Does it until it goes well, or until the end. `what` is what cannot be done where the disk is at fault. */
  const persist = async (what: string, task: () => Promise<void>): Promise<void> => {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await task();
        trouble = undefined;
        return;
      } catch (error) {
        if (signal.aborted) return;
        const fault = error instanceof SinkError ? error : undefined;
        told(fault ? messageOf(fault) : `${what}: ${diskReason(error)}.`);
        const wait =
          fault?.code === 'unreachable' || !fault ? backoff(failures, PATIENCE, random) : REFUSED_MS;
        await sleep(Math.max(wait, fault?.retry_after_ms ?? 0));
      }
    }
  };

  const moveOn = (batch: readonly Outgoing[]): Promise<void> =>
    persist(UNKEPT, async () => {
      const last = batch.at(-1);
      if (!last) return;
      const reached: Cursor = { next: last.seq + 1, last: last.id };
      await cursor.write(reached);
      ({ next } = reached);
    });

  const deliver = async (batch: readonly Outgoing[]): Promise<void> => {
    let parts: readonly (readonly Outgoing[])[] = [];
    await persist(UNKEPT, async () => {
      parts = [];
      try {
        await sink.send(batch, signal);
        deadInARow = 0;
      } catch (error) {
        const isContent = error instanceof SinkError && error.code === 'unacceptable';
        if (!isContent) throw error;
        if (batch.length > 1) parts = halves(batch);
        else if (deadInARow < DEAD_IN_A_ROW) await bury(batch, messageOf(error));
        else throw error;
      }
    });
    if (signal.aborted) return;
    // A batch that was refused for one of its events is taken apart until that one stands alone.
    if (parts.length === 0) return moveOn(batch);
    for (const part of parts) await deliver(part);
  };

  const bury = async (batch: readonly Outgoing[], why: string): Promise<void> => {
    for (const letter of batch) {
      await deadLetters.keep(letter, why);
      deadInARow += 1;
      log(`stream ${name}: entry ${letter.seq} is kept in data/streams/${name}.dead-letters.jsonl: ${why}`);
    }
  };

  const run = async (): Promise<void> => {
    const kept = await cursor.read();
    if (kept) ({ next } = kept);
    else if (next > 0) await markBeginning();
    await persist(UNREAD, () => recall(next, options));
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      await persist(UNREAD, sendWhatIsNew);
      await woken;
      await sleep(GATHER_MS);
    }
  };

  const sendWhatIsNew = async (): Promise<void> => {
    while (!signal.aborted && journal.head().size > next) {
      for await (const batch of batchesFrom(next, options)) {
        await deliver(batch);
        if (signal.aborted) return;
      }
    }
  };

  /** A stream that begins now has a cursor from now on: what comes while it is stopped is sent, too. */
  const markBeginning = async (): Promise<void> => {
    for await (const { seq, id } of journal.read(next - 1, next)) {
      await persist(UNKEPT, () => cursor.write({ next: seq + 1, last: id }));
    }
  };

  const running = run().catch((error: unknown) => told(messageOf(error)));

  return {
    poke: () => wake(),
    state: () => ({
      name,
      behind: Math.max(0, journal.head().size - next),
      dead_letters: deadLetters.count(),
      ...(trouble === undefined ? {} : { trouble }),
    }),
    async close() {
      ending.abort();
      wake();
      await running;
      await sink.close();
    },
  };
}

function halves(batch: readonly Outgoing[]): readonly (readonly Outgoing[])[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}
