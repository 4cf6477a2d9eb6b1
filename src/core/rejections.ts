import { groupOf, type HistoryItem } from './history-item.ts';

/** How often in a row an agent's calls of one tool were rejected, and when the last time was (RFC 3339, UTC). */
export interface RejectionsInARow {
  readonly count: number;
  readonly last?: string;
}

const NONE: RejectionsInARow = { count: 0 };

/** What was decided last, by kind of request: kept as it goes, so that nothing is looked for. */
export class Rejections {
  readonly #byKey = new Map<string, RejectionsInARow>();

  of(key: string): RejectionsInARow {
    return this.#byKey.get(key) ?? NONE;
  }

  /** Decisions are taken up in the order in which they were made. */
  resolved(key: string, resolution: string, time: string): void {
    if (resolution === 'approved') this.#byKey.delete(key);
    else if (resolution === 'rejected') this.#byKey.set(key, { count: this.of(key).count + 1, last: time });
  }

  /** All that is known of one kind. Of what was approved only its end is known here, which may be long after. */
  load(key: string, items: readonly HistoryItem[]): void {
    for (const item of items.toSorted((a, b) => (a.outcome_at < b.outcome_at ? -1 : 1))) {
      this.resolved(key, groupOf(item), item.outcome_at);
    }
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  clear(): void {
    this.#byKey.clear();
  }
}
