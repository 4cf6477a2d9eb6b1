import { argumentRows, type Row } from './argument-rows.ts';
import type { JsonObject } from './json.ts';

/** An argument beside what it was in an earlier call. */
export interface ComparedRow {
  readonly row: Row;
  readonly change: 'same' | 'changed' | 'added';
  /** What it was, where it is another now. */
  readonly was?: Row;
}

export interface Comparison {
  /** All arguments of the present call, in their order. */
  readonly rows: readonly ComparedRow[];
  /** Arguments that the earlier call had and this one has not. */
  readonly removed: readonly Row[];
  /** How many differ: changed, added and removed. */
  readonly differences: number;
}

/** What differs between the arguments of a call and those of an earlier one, leaf by leaf. */
export function compareArguments(args: JsonObject, earlier: JsonObject): Comparison {
  const former = new Map(argumentRows(earlier).map((row) => [row.key, row]));
  const rows = argumentRows(args).map((row): ComparedRow => {
    const was = former.get(row.key);
    former.delete(row.key);
    if (!was) return { row, change: 'added' };
    return was.type === row.type && was.text === row.text
      ? { row, change: 'same' }
      : { row, change: 'changed', was };
  });
  const removed = [...former.values()];
  return {
    rows,
    removed,
    differences: removed.length + rows.filter(({ change }) => change !== 'same').length,
  };
}
