import type { Entry } from '../../core/entry.ts';
import { requestIdOf } from '../../core/entry.ts';
import type { CallRow } from '../../core/evidence.ts';
import { begin, grow, isSettled, type Growing } from './call-fold.ts';
import type { Spill } from './spill.ts';

/** Held calls whose outcome stands are kept at hand for what usually follows: notices, and that the agent is told. */
const AT_HAND = 4096;

/** What is known of a call by its entries so far. */
export type KnownCall = Pick<CallRow, 'call_id' | 'request_id' | 'agent' | 'server' | 'tool'>;

export interface PopulationOptions {
  /** The sequence number at which the period begins. */
  readonly from: number;
  /** Where calls are put that are settled. */
  readonly spill: Spill;
}

/**
 * The calls of a period, gathered from every entry of the journal up to its end. It holds those that are open, and some
 * of those that were settled last; the others are put on the disk.
 */
export class Population {
  readonly #from: number;
  readonly #spill: Spill;
  readonly #open = new Map<string, Growing>();
  /** Settled, of held calls, the oldest first. */
  readonly #settled = new Map<string, Growing>();
  readonly #ofRequest = new Map<string, string>();
  /** Entries of calls that are on the disk already, by the id of the call or the request. */
  readonly #late = new Map<string, number[]>();
  constructor({ from, spill }: PopulationOptions) {
    this.#from = from;
    this.#spill = spill;
  }

  /** @returns the call that the entry is of, if it is at hand */
  take(entry: Entry): KnownCall | undefined {
    if (entry.type === 'call.requested') {
      const row = begin(entry);
      this.#open.set(entry.call_id, row);
      return row;
    }
    const id = callIdOf(entry) ?? requestIdOf(entry);
    if (id === undefined) return undefined;
    const row = this.#atHand(entry);
    if (isCustody(entry)) return row;
    if (!row) {
      this.#noteLate(id, entry.seq);
      return undefined;
    }
    grow(row, entry);
    if (row.request_id !== undefined) this.#ofRequest.set(row.request_id, row.call_id);
    if (this.#open.has(row.call_id) && isSettled(row)) this.#settle(row);
    return row;
  }

  /** Every call of the period, in the order in which they were requested. Nothing is taken after it. */
  async *rows(): AsyncGenerator<CallRow> {
    for (const row of [...this.#open.values(), ...this.#settled.values()]) this.#put(row);
    this.#open.clear();
    this.#settled.clear();
    for await (const text of this.#spill.inOrder()) {
      const row = this.#completed(JSON.parse(text) as CallRow);
      if (row.entries.some((seq) => seq >= this.#from))
        yield row.seq < this.#from ? { ...row, carried: true } : row;
    }
  }

  #atHand(entry: Entry): Growing | undefined {
    const request = requestIdOf(entry);
    const id = callIdOf(entry) ?? (request === undefined ? undefined : this.#ofRequest.get(request));
    return id === undefined ? undefined : (this.#open.get(id) ?? this.#settled.get(id));
  }

  #noteLate(id: string, seq: number): void {
    const before = this.#late.get(id);
    if (before) before.push(seq);
    else this.#late.set(id, [seq]);
  }

  #settle(row: Growing): void {
    this.#open.delete(row.call_id);
    if (row.verdict !== 'review') {
      // Nothing but custody follows the end of a call that nobody was asked about.
      if (row.entries.some((seq) => seq >= this.#from)) this.#put(row);
      return;
    }
    this.#settled.set(row.call_id, row);
    const [oldest] = this.#settled.values();
    if (this.#settled.size <= AT_HAND || !oldest) return;
    this.#settled.delete(oldest.call_id);
    if (oldest.request_id !== undefined) this.#ofRequest.delete(oldest.request_id);
    this.#put(oldest);
  }

  #put(row: CallRow): void {
    this.#spill.add(row.seq, JSON.stringify(row));
  }

  #completed(row: CallRow): CallRow {
    const late = [row.call_id, row.request_id].flatMap((id) =>
      id === undefined ? [] : (this.#late.get(id) ?? []),
    );
    return late.length === 0 ? row : { ...row, entries: [...row.entries, ...late].sort((a, b) => a - b) };
  }
}

/** Of which call an entry says that it is; of a request it says so only as it is made and at its end. */
function callIdOf(entry: Entry): string | undefined {
  return 'call_id' in entry ? entry.call_id : undefined;
}

/** Erasures and holds: nothing that happens of a call, and it can come years after. */
function isCustody({ type }: Pick<Entry, 'type'>): boolean {
  return type.startsWith('payload.') || type.startsWith('hold.');
}
