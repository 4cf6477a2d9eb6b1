import type { Clock } from '../core/clock.ts';
import type { Hold } from '../core/custody.ts';
import { CustodyError } from '../core/errors.ts';
import { newId, type Random } from '../core/ids.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import { utc } from '../core/time-words.ts';
import type { Journal } from '../journal/journal.ts';
import type { Payloads } from '../journal/payloads.ts';
import type { CallRecord } from './call-record.ts';
import { isKept, standingInTheWay } from './erasable.ts';
import { createEraser, notErased, type ErasedCall } from './erasure.ts';
import { findCall } from './find-call.ts';
import { createRetain, type RetainOptions, type Retention } from './retention.ts';
import { inTurns } from './turns.ts';

/** What erasing stands on. */
export interface CustodyContext {
  readonly journal: Pick<Journal, 'append' | 'readLines'>;
  readonly ledger: Pick<Ledger, 'custody' | 'isUnderWay' | 'requests'>;
  readonly payloads: Pick<Payloads, 'erase' | 'holds'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** In whose name, and why. */
export interface Word {
  readonly reason: string;
  readonly by: string;
}

/** What an operator does about payloads: erase them, hold them, let them go with age. */
export interface CustodyCases {
  /**
   * Erases arguments, card and results of a call. One that was erased before is left as it is: then `erased` is 0.
   *
   * @param id of a call or of a request
   * @throws CustodyError `unknown_call`, `under_way`, `held`, `misplaced`; JournalError: what was ordered is finished later
   */
  erase(id: string, word: Word): Promise<ErasedCall & Pick<CallRecord, 'ordered'>>;
  /**
   * Keeps a call's payloads, or those of all calls, from being erased.
   *
   * @param id of a call or of a request; without it, everything is held
   * @throws CustodyError `unknown_call`, `erased_before`
   */
  hold(id: string | undefined, word: Word): Promise<Hold>;
  /** @throws CustodyError `unknown_hold` */
  release(holdId: string, word: Word): Promise<Hold>;
  /** @throws CustodyError `host_ending`; JournalError: what was ordered is finished later */
  retain(options: RetainOptions): Promise<Retention>;
  /** Finishes what an earlier host had ordered; what fails is tried again later. */
  resume(): Promise<void>;
  /** Whether something is being erased or looked for. */
  readonly busy: () => boolean;
  /** What was ordered and cannot be erased, in a sentence each. */
  readonly problems: () => readonly string[];
  /** Starts nothing more, and waits for what is under way. */
  close(): Promise<void>;
}

export function createCustody(context: CustodyContext): CustodyCases {
  const { journal, ledger, payloads, clock, random } = context;
  const inTurn = inTurns();
  const eraser = createEraser(context, inTurn);
  const running = new Set<Promise<unknown>>();
  let closed = false;
  const retain = createRetain(context, { eraser, inTurn, closed: () => closed });

  async function tracked<T>(work: () => Promise<T>): Promise<T> {
    const mine = work();
    running.add(mine);
    try {
      return await mine;
    } finally {
      running.delete(mine);
    }
  }

  async function eraseFound(found: CallRecord, word: Word): Promise<ErasedCall> {
    const ordered = [...ledger.custody.erasures()].find(({ call_id }) => call_id === found.call_id);
    if (ordered) return only(await eraser.finish([ordered]));
    if (found.ordered && !(await isKept(payloads, found)))
      return { call_id: found.call_id, erased: 0, gone: found.payloads.length, misplaced: 0 };
    mustBeErasable(found, ledger);
    return only(await eraser.erase([found], word));
  }

  return {
    erase: (id, word) =>
      tracked(async () => {
        const first = await findCall(journal, id);
        const { found, erased } = await inTurn(async () => {
          // It may have ended while the journal was read, with a result that was not seen.
          const found = first.open ? await findCall(journal, id) : first;
          return { found, erased: await eraseFound(found, word) };
        });
        if (erased.misplaced > 0) throw new CustodyError('misplaced', notErased(found.call_id));
        return { ...erased, ...(found.ordered ? { ordered: found.ordered } : {}) };
      }),

    hold: (id, { reason, by }) =>
      tracked(async () => {
        const found = id === undefined ? undefined : await findCall(journal, id);
        return inTurn(async () => {
          if (found && !(await isKept(payloads, found))) throw erasedBefore(found);
          const unfinished = [...ledger.custody.erasures()];
          if (found && unfinished.some(({ call_id }) => call_id === found.call_id)) throw erasedBefore(found);
          const hold_id = newId('hold', clock.now(), random);
          const of = found === undefined ? {} : { call_id: found.call_id };
          const [entry] = await journal.append([{ type: 'hold.placed', hold_id, ...of, reason, by }]);
          return { hold_id, ...of, reason, by, placed_at: entry?.time ?? '' };
        });
      }),

    release: (holdId, { reason, by }) =>
      inTurn(async () => {
        const hold = [...ledger.custody.holds()].find((each) => each.hold_id === holdId);
        if (!hold) {
          throw new CustodyError(
            'unknown_hold',
            `There is no hold ${JSON.stringify(holdId)}; "placet log holds" lists those that stand.`,
          );
        }
        await journal.append([{ type: 'hold.released', hold_id: holdId, reason, by }]);
        return hold;
      }),

    retain: (options) => tracked(() => retain(options)),
    resume: () => tracked(() => eraser.resume()),
    busy: () => running.size > 0 || eraser.pending(),
    problems: () => eraser.problems(),
    async close() {
      closed = true;
      await Promise.allSettled([eraser.close(), ...running]);
    },
  };
}

function only([erased]: readonly ErasedCall[]): ErasedCall {
  if (erased) return erased;
  throw new TypeError('An erasure of one call has one end.');
}

/** @throws CustodyError `held`, `under_way` */
function mustBeErasable({ call_id: callId, open }: CallRecord, ledger: CustodyContext['ledger']): void {
  const obstacle = standingInTheWay(ledger)(callId);
  if (obstacle === undefined && !open) return;
  if (obstacle?.kind === 'held') {
    const { hold_id, placed_at, reason } = obstacle.hold;
    throw new CustodyError(
      'held',
      `Nothing was erased: the hold ${hold_id} of ${utc(placed_at)} keeps the payloads of ${callId}: ${reason} Release it first, if you may.`,
    );
  }
  throw new CustodyError(
    'under_way',
    obstacle?.unknown
      ? `Nothing was erased: nobody has said yet what became of ${callId}. Let a reviewer say so in the console first.`
      : `Nothing was erased: ${callId} is still under way. Wait for its end, or reject the request.`,
  );
}

function erasedBefore({ call_id, ordered }: CallRecord): CustodyError {
  const when = ordered === undefined ? '' : ` They were erased on ${utc(ordered.at)}: ${ordered.reason}`;
  return new CustodyError(
    'erased_before',
    `Nothing is held: none of the payloads of ${call_id} is kept here any more.${when}`,
  );
}
