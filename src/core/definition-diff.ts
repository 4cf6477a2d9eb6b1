import { countCharacters } from './characters.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { jsonLine, sameJson } from './json-line.ts';
import { commonPrefix, commonSuffix, isInside } from './text-change.ts';

/** What of a value is shown. Everything in it is the server's, and hostile. */
export interface Piece {
  /** `text`: the string as it is. `JSON`: any other value, on one line. */
  readonly type: 'text' | 'JSON';
  readonly text: string;
  /** How many characters of it are left out before and after this piece; absent where none are. */
  readonly before?: number;
  readonly after?: number;
}

export interface DefinitionChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** Such as `inputSchema.properties.path.type`; the server's. */
  readonly path: string;
  readonly was?: Piece;
  readonly now?: Piece;
}

export interface DefinitionDiff {
  readonly changes: readonly DefinitionChange[];
  /** How many further differences are not among them. */
  readonly left_out: number;
}

/** A tool's definition against the one that stood before, for whoever may accept it. */
export interface DefinitionDifference extends DefinitionDiff {
  /** `changed`: another one was accepted before. `new`: the tool appeared after its server was first seen. */
  readonly kind: 'changed' | 'new';
  /** Since when it is what it is, where that is known. RFC 3339, UTC. */
  readonly since?: string;
  /** What was accepted before is not kept any more, so all of the definition is listed as added. */
  readonly lost?: true;
}

/** First what people read, then what a call may hold; whatever else there is follows. */
const ORDER = ['title', 'description', 'annotations', 'inputSchema', 'outputSchema'];
const DEPTH_MAX = 16;
const CHANGES_MAX = 60;
const PATH_MAX = 240;
/** In UTF-16 code units: of one piece, and of all pieces and paths together. */
const PIECE_MAX = 3000;
const ALL_MAX = 40_000;
/** How much of what did not change stands around a change in a long text. */
const CONTEXT = 120;

/**
 * What differs between two definitions of a tool, by path. However large they are, what comes out is not: long
 * values are cut to where they differ, and what does not fit is counted.
 */
export function diffDefinitions(was: JsonObject, now: JsonObject): DefinitionDiff {
  const changes: DefinitionChange[] = [];
  let size = 0;
  let leftOut = 0;

  const put = (path: string, before: Json | undefined, after: Json | undefined): void => {
    const change = changes.length < CHANGES_MAX ? changeOf(path, before, after) : undefined;
    const grown = size + path.length + sizeOf(change?.was) + sizeOf(change?.now);
    if (!change || grown > ALL_MAX) {
      leftOut += 1;
      return;
    }
    size = grown;
    changes.push(change);
  };

  const compare = (path: string, before: Json, after: Json, depth: number): void => {
    if (depth < DEPTH_MAX && isJsonObject(before) && isJsonObject(after)) {
      for (const key of keysOf(before, after, depth)) {
        visit(step(path, key), memberOf(before, key), memberOf(after, key), depth + 1);
      }
    } else if (depth < DEPTH_MAX && isNested(before) && isNested(after)) {
      for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
        visit(`${path}[${index}]`, before[index], after[index], depth + 1);
      }
    } else if (!sameJson(before, after)) put(path, before, after);
  };

  const visit = (path: string, before: Json | undefined, after: Json | undefined, depth: number): void => {
    if (before !== undefined && after !== undefined) compare(path, before, after, depth);
    else if (before !== undefined || after !== undefined) put(path, before, after);
  };

  compare('', was, now, 0);
  return { changes, left_out: leftOut };
}

function changeOf(path: string, was: Json | undefined, now: Json | undefined): DefinitionChange {
  if (was === undefined) return { change: 'added', path, now: piece(textOf(now ?? null), 0) };
  if (now === undefined) return { change: 'removed', path, was: piece(textOf(was), 0) };
  const before = textOf(was);
  const after = textOf(now);
  const from = Math.max(0, commonPrefix(before.text, after.text) - CONTEXT);
  return {
    change: 'changed',
    path,
    was: around(before, after, from),
    now: around(after, before, from),
  };
}

interface Whole {
  readonly type: Piece['type'];
  readonly text: string;
}

/** The part of a text in which it differs from another one, if all of it is too long. */
function around(mine: Whole, other: Whole, from: number): Piece {
  if (mine.text.length <= PIECE_MAX) return piece(mine, 0);
  const suffix = commonSuffix(mine.text, other.text, from);
  const to = Math.min(mine.text.length, mine.text.length - suffix + CONTEXT);
  return piece(mine, from, Math.max(from, to));
}

function piece({ type, text }: Whole, from: number, to = text.length): Piece {
  return { type, ...cut(text, from, Math.min(to, from + PIECE_MAX)) };
}

/** No character is cut in two. */
function cut(text: string, from: number, to: number): Omit<Piece, 'type'> {
  const start = isInside(text, from) ? from - 1 : from;
  const end = isInside(text, to) ? to - 1 : to;
  const before = countCharacters(text.slice(0, start));
  const after = countCharacters(text.slice(end));
  return {
    text: text.slice(start, end),
    ...(before > 0 ? { before } : {}),
    ...(after > 0 ? { after } : {}),
  };
}

function textOf(value: Json): Whole {
  return typeof value === 'string' ? { type: 'text', text: value } : { type: 'JSON', text: jsonLine(value) };
}

function sizeOf(part: Piece | undefined): number {
  return part?.text.length ?? 0;
}

/** Of the newer one in its order, then those that only the older one has. */
function keysOf(was: JsonObject, now: JsonObject, depth: number): readonly string[] {
  const keys = [...Object.keys(now), ...Object.keys(was).filter((key) => !Object.hasOwn(now, key))];
  if (depth > 0) return keys;
  const first = ORDER.filter((key) => keys.includes(key));
  return [...first, ...keys.filter((key) => !ORDER.includes(key))];
}

function memberOf(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A list of plain values, such as `required`, is easier to read whole. */
function isNested(value: Json): value is readonly Json[] {
  return Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null);
}

/** Cut where it is long: the names are the server's, and many may stand below one. */
function step(path: string, key: string): string {
  if (path.endsWith('…')) return path;
  const name = /^[A-Za-z_$][\w$-]*$/.test(key) ? key : undefined;
  const longer =
    name === undefined ? `${path}[${JSON.stringify(key)}]` : path === '' ? name : `${path}.${name}`;
  return longer.length <= PATH_MAX ? longer : `${cut(longer, 0, PATH_MAX).text}…`;
}
