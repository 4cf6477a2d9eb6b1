import type { Json } from './json.ts';
import { jsonLine } from './json-line.ts';
import { apart, detectSecrets, PLAIN } from './secret-detectors.ts';
import type { SecretSpan } from './secret-span.ts';
import { lengthClass, markOf, shortMark, type SecretKind } from './secret-marks.ts';
import type { SecretTree } from './secret-tree.ts';
import { secretOf, type Secret } from './secret.ts';

export interface Masked<T extends Json = Json> {
  /** With marks in the place of secrets; the very value where there was none. */
  readonly value: T;
  readonly secrets: readonly Secret[];
}

export interface Masking {
  /** What is secret wherever it stands in the value. */
  readonly tree: SecretTree;
  /** Texts that are secret wherever they are found. */
  readonly known: readonly string[];
  /** 32 random bytes. */
  readonly salt: () => Uint8Array;
}

/** Shorter texts are found everywhere, and say nothing. */
const KNOWN_SHORTEST = 6;
/** To look for longer ones in a long text takes too long. */
const KNOWN_LONGEST = 1024;
/** Of more, the longest are looked for. */
const KNOWN_MOST = 64;
/** A text of more secrets is one. */
const SPANS_MOST = 100;
/** Where there are more marks, what follows is masked in large pieces: nobody can read so many. */
const MARKS_MOST = 1000;
const DEPTH_MAX = 200;
/** What a password may be without a word to say about it. */
const WHOLE_LONGEST = 256;

/**
 * Puts a mark in the place of every secret: of what is marked, of what is known, and of what detectors find. A mark
 * commits to what it stands for, so that what commits to the masked value commits to the whole.
 */
export function maskSecrets<T extends Json>(value: T, { tree, known, salt }: Masking): Masked<T> {
  const first = maskOnce(value, { tree, known: [...known, ...textsIn(value, tree)], salt });
  const found = textsOf(first.secrets).filter((each) => !known.includes(each));
  if (found.length === 0) return first;
  // What a detector has found in one place is secret in every other.
  return maskOnce(value, { tree, known: [...known, ...textsIn(value, tree), ...found], salt });
}

function maskOnce<T extends Json>(value: T, { tree, known, salt }: Masking): Masked<T> {
  const { texts, left } = searchable(known);
  const secrets: Secret[] = [];

  function mark(secret: Json, kind: SecretKind, unusual: boolean): string {
    const taken = secretOf(secret, salt());
    secrets.push(taken);
    const length = lengthClass(typeof secret === 'string' ? secret.length : jsonLine(secret).length);
    return markOf({ kind, length, unusual, commit: taken.commit });
  }

  function text(whole: string): string {
    const spans = spansOf(whole, texts);
    if (spans.length > SPANS_MOST || secrets.length > MARKS_MOST) return mark(whole, 'credential', true);
    if (whole.length >= left) return mark(whole, 'seen in the arguments', true);
    if (spans.length === 0) return whole;
    let out = '';
    let seen = 0;
    for (const { from, to, kind, unusual } of spans) {
      out += whole.slice(seen, from) + mark(whole.slice(from, to), kind, unusual);
      seen = to;
    }
    return out + whole.slice(seen);
  }

  function walk(each: Json, marked: SecretTree | undefined, depth: number): Json {
    if (marked?.whole !== undefined && !isNothing(each)) return mark(each, marked.whole, isOddValue(each));
    if (secrets.length > MARKS_MOST && depth < DEPTH_MAX && each !== null && typeof each === 'object')
      return mark(each, 'credential', true);
    if (typeof each === 'string') return text(each);
    if (typeof each === 'number') {
      const digits = JSON.stringify(each);
      if (texts.includes(digits)) return mark(each, 'seen in the arguments', false);
      const [span] = detectSecrets(digits);
      return span ? mark(each, span.kind, span.unusual) : each;
    }
    if (each === null || typeof each !== 'object') return each;
    if (depth >= DEPTH_MAX) return markDeep(each);
    if (Array.isArray(each)) {
      const items = (each as readonly Json[]).map((item, index) =>
        walk(item, marked?.at(String(index)), depth + 1),
      );
      return items.some((item, index) => item !== each[index]) ? items : each;
    }
    const members = Object.entries(each).map(
      ([name, member]) => [text(name), walk(member, marked?.at(name), depth + 1)] as const,
    );
    const before = Object.entries(each);
    const same = members.every(([name, member], i) => name === before[i]?.[0] && member === before[i]?.[1]);
    return same ? each : Object.fromEntries(members);
  }

  /** What is nested so deep cannot be walked: it is masked by its text, which is written without recursion. */
  function markDeep(each: Json): string {
    return mark(jsonLine(each), 'deep value', true);
  }

  return { value: walk(value, tree, 0) as T, secrets };
}

/** A sentence that may quote secrets, without them. */
export function maskWords(words: string, known: readonly string[]): string {
  const { texts, left } = searchable(known);
  if (words.length >= left)
    return shortMark({ kind: 'seen in the arguments', length: lengthClass(words.length), unusual: true });
  const spans = spansOf(words, texts);
  let out = '';
  let seen = 0;
  for (const { from, to, kind, unusual } of spans) {
    out += words.slice(seen, from) + shortMark({ kind, length: lengthClass(to - from), unusual });
    seen = to;
  }
  return out + words.slice(seen);
}

/** The texts among secrets, which are secret wherever else they stand. */
export function textsOf(secrets: readonly Secret[]): readonly string[] {
  return secrets.flatMap(({ value }) => leavesOf(value));
}

function spansOf(text: string, texts: readonly string[]): readonly SecretSpan[] {
  const spans: SecretSpan[] = [...detectSecrets(text)];
  for (const each of texts) {
    for (let from = text.indexOf(each); from >= 0; from = text.indexOf(each, from + each.length))
      spans.push({
        from,
        to: from + each.length,
        kind: 'seen in the arguments',
        // Who writes the arguments chooses what is secret in them: a command must not hide behind a password.
        unusual: !PLAIN.test(each),
      });
  }
  return texts.length === 0 ? spans : apart(spans);
}

/**
 * What is looked for, longest first, and as it stands in JSON that is written within a text. Where that is not all,
 * texts from the length of the shortest that is `left` out on may hold it.
 */
function searchable(known: readonly string[]): { readonly texts: readonly string[]; readonly left: number } {
  const all = new Set(known.filter((each) => each.length >= KNOWN_SHORTEST));
  for (const each of Array.from(all)) all.add(JSON.stringify(each).slice(1, -1));
  const sorted = [...all].sort((a, b) => b.length - a.length);
  const fitting = sorted.filter((each) => each.length <= KNOWN_LONGEST);
  const texts = fitting.slice(0, KNOWN_MOST);
  const out = [...sorted.filter((each) => each.length > KNOWN_LONGEST), ...fitting.slice(KNOWN_MOST)];
  return { texts, left: Math.min(Number.POSITIVE_INFINITY, ...out.slice(-1).map((each) => each.length)) };
}

/** The texts that stand in what is marked. */
function textsIn(value: Json, tree: SecretTree | undefined): readonly string[] {
  if (!tree || tree.isEmpty) return [];
  if (tree.whole !== undefined) return leavesOf(value);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) => textsIn(member, tree.at(name)));
}

function leavesOf(value: Json): readonly string[] {
  const leaves: string[] = [];
  const ahead: Json[] = [value];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (typeof next === 'string') leaves.push(next);
    else if (typeof next === 'number') leaves.push(JSON.stringify(next));
    else if (next !== null && typeof next === 'object')
      for (const each of Object.values(next)) ahead.push(each);
  }
  return leaves;
}

function isNothing(value: Json): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isOddValue(value: Json): boolean {
  if (typeof value === 'string') return isOdd(value);
  if (value === null || typeof value !== 'object') return false;
  return jsonLine(value).length > WHOLE_LONGEST || leavesOf(value).some(isOdd);
}

/** Of what is secret as a whole: what is no passphrase any more, or is more than one line. */
function isOdd(text: string): boolean {
  return text.length > WHOLE_LONGEST || /\p{C}/u.test(text);
}
