import type { Entry } from '../core/entry.ts';

const KEPT = 1024;

/** The newest entries, so that a stream that keeps up reads nothing from the disk. */
export interface Tail {
  push(entry: Entry): void;
  /** All from `from` on, one at least; nothing where the oldest of them are not kept any more, or none came yet. */
  from(from: number): readonly Entry[] | undefined;
}

export function createTail(kept = KEPT): Tail {
  let entries: Entry[] = [];
  return {
    push(entry) {
      const last = entries.at(-1);
      if (last && entry.seq !== last.seq + 1) entries = [];
      entries.push(entry);
      // Cut seldom, as to cut copies.
      if (entries.length >= 2 * kept) entries = entries.slice(-kept);
    },
    from(from) {
      const [first, last] = [entries[0]?.seq, entries.at(-1)?.seq];
      if (first === undefined || last === undefined || from < first || from > last) return undefined;
      return entries.slice(from - first);
    },
  };
}
