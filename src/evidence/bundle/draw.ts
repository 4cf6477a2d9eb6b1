import { sha256 } from '../../core/digest.ts';
import type { CallRow } from '../../core/evidence.ts';

/** Draws calls at random, so that whoever has the seed and the ids of the calls draws the same. */
export interface Draw {
  take(row: CallRow): void;
  /** In the order in which they were drawn. */
  drawn(): readonly CallRow[];
}

/** What a seed may be made of: nothing that a shell or a spreadsheet reads differently. */
export const SEED = /^[A-Za-z0-9._-]{1,64}$/;

/** The calls with the smallest SHA-256 of `SEED:CALL_ID`, the smallest first. */
export function createDraw(seed: string, size: number): Draw {
  let best: { readonly key: string; readonly row: CallRow }[] = [];
  return {
    take(row) {
      const key = sha256(`${seed}:${row.call_id}`);
      const last = best.at(-1);
      if (size === 0 || (best.length >= size && last && key >= last.key)) return;
      const at = best.findIndex((each) => key < each.key);
      best = best.toSpliced(at < 0 ? best.length : at, 0, { key, row }).slice(0, size);
    },
    drawn: () => best.map(({ row }) => row),
  };
}
