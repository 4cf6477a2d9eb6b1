import { countCharacters, firstCharacters } from './characters.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import { reveal, type Segment } from './reveal.ts';
import { shortMarks } from './secret-marks.ts';

/** One argument, or one leaf of a nested one, as every channel shows it. */
export interface Row {
  /** The path as it is, for telling one row from another; hostile, and never shown. */
  readonly key: string;
  /** The value, or what there is of it here, as it is; hostile, and never shown. */
  readonly text: string;
  /** Such as `options.tags[0]`; a name that is not plain stands in quotes: `["odd name"]`. */
  readonly path: readonly Segment[];
  readonly type: RowType;
  readonly value: readonly Segment[];
  /** Characters of path and value that this row leaves out; 0 where it is whole. */
  readonly left_out: number;
  /** Characters of the value as it was given. */
  readonly characters: number;
}

export type RowType = 'text' | 'number' | 'boolean' | 'null' | 'empty object' | 'empty list' | 'JSON';

export interface Excerpt {
  readonly rows: readonly Row[];
  /** Rows that do not appear at all. */
  readonly rows_left_out: number;
  /** Characters of paths and values together: those that appear, and all there are. */
  readonly shown: number;
  readonly total: number;
}

interface Leaf {
  readonly path: string;
  readonly type: RowType;
  readonly text: string;
}

const LEAVES_MAX = 500;
const DEPTH_MAX = 12;
const PATH_MAX = 1000;
const PATH_EXCERPT = 80;
const ROWS_EXCERPT = 12;

/**
 * The arguments in full, one row for each leaf. Very many or very deep ones come as one row of JSON: still all
 * of it.
 */
export function argumentRows(args: JsonObject): readonly Row[] {
  return leavesOf(args).map((leaf) => row(leaf, leaf.path, leaf.text, 0));
}

/**
 * At most about `limit` characters of the arguments, short values whole before long ones are begun, with an
 * exact count of what is left out.
 */
export function excerpt(args: JsonObject, limit: number): Excerpt {
  const leaves = leavesOf(args);
  const kept = leaves.slice(0, ROWS_EXCERPT);
  const total = sum(leaves.map(sizeOf));
  const paths = kept.map((leaf) => firstCharacters(leaf.path, PATH_EXCERPT));
  const share = fairShare(
    kept.map((leaf) => countCharacters(leaf.text)),
    Math.max(0, limit - sum(paths.map(countCharacters))),
  );
  const rows = kept.map((leaf, index) => {
    const path = paths[index] ?? '';
    const text = firstCharacters(leaf.text, share);
    return row(leaf, path, text, sizeOf(leaf) - sizeOf({ path, text }));
  });
  const missing = sum(rows.map((each) => each.left_out));
  const unseen = sum(leaves.slice(kept.length).map(sizeOf));
  return { rows, rows_left_out: leaves.length - kept.length, shown: total - missing - unseen, total };
}

function row(leaf: Leaf, path: string, text: string, leftOut: number): Row {
  return {
    key: leaf.path,
    text,
    path: reveal(path),
    type: leaf.type,
    value: leaf.type === 'JSON' ? revealLines(text) : reveal(text),
    left_out: leftOut,
    characters: countCharacters(leaf.text),
  };
}

function sizeOf({ path, text }: Pick<Leaf, 'path' | 'text'>): number {
  return countCharacters(path) + countCharacters(text);
}

function leavesOf(args: JsonObject): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const fits = collect(args, '', 0, leaves);
  return fits
    ? leaves
    : [{ path: 'all arguments', type: 'JSON', text: shortMarks(JSON.stringify(args, null, 1)) }];
}

/** Whether all of it fitted; stops as soon as it does not. */
function collect(value: Json, path: string, depth: number, into: Leaf[]): boolean {
  const members = membersOf(value, path);
  if (members === undefined || (members.length === 0 && depth > 0)) into.push(leaf(value, path));
  else if (depth >= DEPTH_MAX) return false;
  else {
    for (const [name, member] of members) {
      if (into.length >= LEAVES_MAX || name.length > PATH_MAX) return false;
      if (!collect(member, name, depth + 1, into)) return false;
    }
  }
  return true;
}

function membersOf(value: Json, path: string): readonly (readonly [string, Json])[] | undefined {
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => [`${path}[${index}]`, item] as const);
  }
  if (!isJsonObject(value)) return undefined;
  return Object.keys(value).map((key) => [step(path, key), value[key] ?? null] as const);
}

function step(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(shortMarks(key))}]`;
  return path === '' ? key : `${path}.${key}`;
}

function leaf(value: Json, path: string): Leaf {
  // What people read of a mark is what it says; what it commits to is in the payload.
  if (typeof value === 'string') return { path, type: 'text', text: shortMarks(value) };
  if (typeof value === 'number') return { path, type: 'number', text: JSON.stringify(value) };
  if (typeof value === 'boolean') return { path, type: 'boolean', text: String(value) };
  if (value === null) return { path, type: 'null', text: 'null' };
  return Array.isArray(value)
    ? { path, type: 'empty list', text: '[]' }
    : { path, type: 'empty object', text: '{}' };
}

/** The line feeds of indented JSON are ours, so they are no marks. */
function revealLines(text: string): readonly Segment[] {
  return text.split('\n').flatMap((line, index) => {
    const segments = reveal(line);
    return index === 0 ? segments : [{ kind: 'text' as const, text: '\n' }, ...segments];
  });
}

/** The largest length to which each can be cut so that together they take no more than `room`. */
function fairShare(lengths: readonly number[], room: number): number {
  let rest = room;
  const ascending = [...lengths].sort((a, b) => a - b);
  for (const [index, each] of ascending.entries()) {
    const share = Math.floor(rest / (ascending.length - index));
    if (each > share) return share;
    rest -= each;
  }
  return Math.max(0, ...lengths);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
