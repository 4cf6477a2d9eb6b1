import type { Entry, EntryOf, PayloadPlace } from './entry.ts';
import { TransitionError } from './errors.ts';

/** A legal hold: what it covers is not erased until it is released. */
export interface Hold {
  readonly hold_id: string;
  /** Nothing: every payload of the workspace. */
  readonly call_id?: string;
  readonly reason: string;
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly placed_at: string;
}

/** Payloads that were ordered to be erased and of which nobody has said yet that they are. */
export interface Erasure {
  readonly call_id: string;
  readonly payloads: readonly PayloadPlace[];
}

export interface CustodyState {
  /** The verifier key under which the log is signed; null until one stands in the journal. */
  readonly log_key: string | null;
  readonly holds: readonly Hold[];
  readonly erasures: readonly Erasure[];
}

export const NO_CUSTODY: CustodyState = { log_key: null, holds: [], erasures: [] };

export type CustodyEntry = EntryOf<
  'log.key' | 'payload.erasure_ordered' | 'payload.erased' | 'hold.placed' | 'hold.released'
>;

/** Who signs the log, and what of its payloads must stay and what must go: a fold over the journal. */
export class Custody {
  #logKey: string | null = null;
  readonly #holds = new Map<string, Hold>();
  readonly #erasures = new Map<string, Erasure>();

  get logKey(): string | null {
    return this.#logKey;
  }

  /** Oldest first. */
  holds(): IterableIterator<Hold> {
    return this.#holds.values();
  }

  /** The hold under which a call's payloads must stay, the oldest if there are several. */
  holdOn(callId: string): Hold | undefined {
    return [...this.#holds.values()].find((hold) => hold.call_id === undefined || hold.call_id === callId);
  }

  /** Ordered and not finished: after a restart, those to be carried out again. */
  erasures(): IterableIterator<Erasure> {
    return this.#erasures.values();
  }

  /** @throws TransitionError naming the rule that the entry breaks; nothing is changed then */
  apply(entry: CustodyEntry): void {
    switch (entry.type) {
      case 'log.key':
        if ((entry.previous ?? null) !== this.#logKey || entry.key === this.#logKey)
          throw illegal(
            'log_key',
            'The log’s key is followed by another one that names it, and by nothing else.',
          );
        this.#logKey = entry.key;
        return;
      case 'hold.placed':
        return this.#placed(entry);
      case 'hold.released':
        if (!this.#holds.delete(entry.hold_id))
          throw illegal('unknown_hold', `There is no hold ${entry.hold_id}.`);
        return;
      case 'payload.erasure_ordered':
        return this.#ordered(entry);
      case 'payload.erased':
        if (!this.#erasures.delete(entry.call_id))
          throw illegal('not_ordered', `Nobody ordered the payloads of ${entry.call_id} to be erased.`);
    }
  }

  save(): CustodyState {
    return {
      log_key: this.#logKey,
      holds: [...this.#holds.values()],
      erasures: [...this.#erasures.values()],
    };
  }

  load(state: CustodyState): void {
    this.#logKey = state.log_key;
    this.#holds.clear();
    this.#erasures.clear();
    for (const hold of state.holds) this.#holds.set(hold.hold_id, hold);
    for (const erasure of state.erasures) this.#erasures.set(erasure.call_id, erasure);
  }

  #placed({ hold_id, call_id, reason, by, time }: EntryOf<'hold.placed'>): void {
    if (this.#holds.has(hold_id)) throw illegal('hold_twice', `The hold ${hold_id} was placed before.`);
    this.#holds.set(hold_id, {
      hold_id,
      ...(call_id === undefined ? {} : { call_id }),
      reason,
      by,
      placed_at: time,
    });
  }

  #ordered({ call_id, payloads }: EntryOf<'payload.erasure_ordered'>): void {
    const hold = this.holdOn(call_id);
    if (hold)
      throw illegal('held', `The hold ${hold.hold_id} keeps the payloads of ${call_id}: ${hold.reason}`);
    if (this.#erasures.has(call_id))
      throw illegal('erasure_twice', `The payloads of ${call_id} are being erased already.`);
    this.#erasures.set(call_id, { call_id, payloads });
  }
}

export function isCustodyEntry(entry: Entry): entry is Entry & CustodyEntry {
  return (
    entry.type === 'log.key' ||
    entry.type === 'payload.erasure_ordered' ||
    entry.type === 'payload.erased' ||
    entry.type === 'hold.placed' ||
    entry.type === 'hold.released'
  );
}

function illegal(code: string, message: string): TransitionError {
  return new TransitionError(code, message);
}
