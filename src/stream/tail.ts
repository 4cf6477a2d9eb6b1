import type { Entry } from '../core/entry.ts';

const KEPT = 1024;

/** The newest entries, so that a stream that keeps up reads nothing from the disk. */
export interface Tail {
  push(entry: Entry): void;
  /** All from `from` on; nothing where the oldest of them are not kept any more. */
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
      const first = entries[0]?.seq;
      return first === undefined || from < first ? undefined : entries.slice(from - first);
    },
  };
}
