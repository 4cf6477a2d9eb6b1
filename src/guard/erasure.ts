import type { Erasure } from '../core/custody.ts';
import type { Draft } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import type { Erasing } from '../journal/payloads.ts';
import type { CallRecord } from './call-record.ts';
import type { CustodyContext } from './custody.ts';

const RETRY_MS = { first: 1000, most: 60_000 };
/** Calls in one append, which takes 4,096 entries at most, and with one sync of each file. */
export const BATCH = 256;

/** What became of the payloads of one call. */
export interface ErasedCall {
  readonly call_id: string;
  readonly erased: number;
  /** Erased before, or not kept here. */
  readonly gone: number;
  /** Another payload stands in the place of so many, so that the order stays open. */
  readonly misplaced: number;
}

/**
 * Destroys payloads: first the order is durable, then keys and salts are destroyed, then it is journalled that they
 * are. Whatever breaks off in between is done again, by a running host when the disk is back, or at the next start.
 */
export interface Eraser {
  /**
   * Orders that the payloads of these calls be erased, and does it. None of them may be held or under way.
   *
   * @throws JournalError; what was ordered by then is finished later
   */
  erase(
    calls: readonly CallRecord[],
    order: { readonly reason: string; readonly by: string },
  ): Promise<readonly ErasedCall[]>;
  /** Finishes what was ordered and not finished. @throws JournalError */
  finish(erasures: readonly Erasure[]): Promise<readonly ErasedCall[]>;
  /** Finishes all that was ordered; what fails is tried again later. */
  resume(): Promise<void>;
  /** Whether something was ordered that will be erased without anybody's doing. */
  pending(): boolean;
  /** What cannot be erased and why, in a sentence each. */
  problems(): readonly string[];
  /** Tries nothing again; resolves when what it tries is over. */
  close(): Promise<void>;
}

export function createEraser(
  { journal, ledger, payloads, clock, log }: CustodyContext,
  inTurn: <T>(task: () => Promise<T>) => Promise<T>,
): Eraser {
  const misplaced = new Set<string>();
  /** Destroyed, while that could not be journalled yet. */
  const untold = new Map<string, number>();
  let trouble: string | undefined;
  let cancelRetry: (() => void) | undefined;
  let retrying: Promise<void> = Promise.resolve();
  let closed = false;
  const goesOn = (): boolean => !closed;

  async function carryOut(erasures: readonly Erasure[]): Promise<readonly ErasedCall[]> {
    const what = await payloads.erase(...erasures.flatMap((each) => each.payloads));
    let from = 0;
    const ended = erasures.map(({ call_id, payloads: { length } }): ErasedCall => {
      const own = what.slice(from, (from += length));
      const erased = count(own, 'erased') + (untold.get(call_id) ?? 0);
      untold.set(call_id, erased);
      return {
        call_id,
        erased,
        gone: length - erased - count(own, 'misplaced'),
        misplaced: count(own, 'misplaced'),
      };
    });
    const done = ended.filter((call) => call.misplaced === 0);
    if (done.length > 0) {
      await journal.append(
        done.map(({ call_id, erased }): Draft => ({ type: 'payload.erased', call_id, erased })),
      );
    }
    for (const call of ended) {
      if (call.misplaced === 0) {
        untold.delete(call.call_id);
        misplaced.delete(call.call_id);
      } else if (!misplaced.has(call.call_id)) {
        misplaced.add(call.call_id);
        log(notErased(call.call_id));
      }
    }
    return ended;
  }

  /** What a retry can help. */
  const unfinished = (): readonly Erasure[] =>
    [...ledger.custody.erasures()].filter((erasure) => !misplaced.has(erasure.call_id));

  async function resume(delay = RETRY_MS.first): Promise<void> {
    cancelRetry?.();
    cancelRetry = undefined;
    try {
      for (let all = unfinished(); all.length > 0 && goesOn(); all = unfinished()) {
        await inTurn(async () => {
          // While this waited for its turn, somebody else may have finished some.
          const standing = new Set(unfinished().map(({ call_id }) => call_id));
          const batch = all.slice(0, BATCH).filter(({ call_id }) => standing.has(call_id));
          if (batch.length > 0) await carryOut(batch);
        });
      }
      trouble = undefined;
    } catch (error) {
      if (closed) return;
      trouble = `Payloads that were ordered to be erased are not yet: ${messageOf(error)}`;
      log(`${trouble} It is tried again.`);
      retryAfter(delay, Math.min(delay * 2, RETRY_MS.most));
    }
  }

  function retryAfter(ms: number, next: number): void {
    cancelRetry = clock.after(ms, () => {
      retrying = resume(next);
    });
  }

  async function orRetry<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!closed && unfinished().length > 0 && !cancelRetry) retryAfter(RETRY_MS.first, RETRY_MS.first);
      throw error;
    }
  }

  return {
    erase: (calls, { reason, by }) =>
      orRetry(async () => {
        await journal.append(
          calls.map(
            ({ call_id, payloads: places }): Draft => ({
              type: 'payload.erasure_ordered',
              call_id,
              payloads: places,
              reason,
              by,
            }),
          ),
        );
        return carryOut(calls);
      }),
    finish: (erasures) => orRetry(() => carryOut(erasures)),
    resume: () => resume(),
    pending: () => unfinished().length > 0,
    problems: () => [...(trouble === undefined ? [] : [trouble]), ...[...misplaced].map(notErased)],
    close() {
      closed = true;
      cancelRetry?.();
      return retrying;
    },
  };
}

/** Why an order stays open. */
export function notErased(callId: string): string {
  return `A payload of ${callId} is not erased, as another one stands in its place. Restore the payload store from a backup, and order it again.`;
}

function count(of: readonly Erasing[], what: Erasing): number {
  return of.filter((each) => each === what).length;
}
