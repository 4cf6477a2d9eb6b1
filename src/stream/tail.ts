import type { Entry } from '../core/entry.ts';

const KEPT = 1024;
const KEPT_BYTES = 4 * 1024 * 1024;

/** The newest entries, so that a stream that keeps up reads nothing from the disk. */
export interface Tail {
  push(entry: Entry): void;
  /** All from `from` on, one at least; nothing where the oldest of them are not kept any more, or none came yet. */
  from(from: number): readonly Entry[] | undefined;
}

/**
 * @param kept how many entries are kept, and up to twice as many
 * @param keptBytes how large they are together, and up to twice that; the newest is kept however large it is
 */
export function createTail(kept = KEPT, keptBytes = KEPT_BYTES): Tail {
  let entries: Entry[] = [];
  /** Of each of them. */
  let sizes: number[] = [];
  let bytes = 0;

  const forget = (count: number): void => {
    for (const size of sizes.slice(0, count)) bytes -= size;
    entries = entries.slice(count);
    sizes = sizes.slice(count);
  };

  /** How many of the oldest are too many. */
  const excess = (): number => {
    let count = Math.max(0, entries.length - kept);
    let left = sizes.slice(count).reduce((sum, size) => sum + size, 0);
    for (; left > keptBytes && count < entries.length - 1; count += 1) left -= sizes[count] ?? 0;
    return count;
  };

  return {
    push(entry) {
      const last = entries.at(-1);
      if (last && entry.seq !== last.seq + 1) forget(entries.length);
      const size = Buffer.byteLength(JSON.stringify(entry));
      entries.push(entry);
      sizes.push(size);
      bytes += size;
      // Cut seldom, as to cut copies.
      if (entries.length >= 2 * kept || bytes >= 2 * keptBytes) forget(excess());
    },
    from(from) {
      const [first, last] = [entries[0]?.seq, entries.at(-1)?.seq];
      if (first === undefined || last === undefined || from < first || from > last) return undefined;
      return entries.slice(from - first);
    },
  };
}
