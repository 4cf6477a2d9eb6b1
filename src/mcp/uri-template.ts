/** What an expression of a template can stand for. */
interface Wild {
  /** Stands before its value, and vanishes with it where there may be none. */
  readonly before: string;
  readonly mayVanish: boolean;
  readonly mayHoldSlash: boolean;
}

type Piece = string | Wild;

/** Longer texts fit nothing. */
const MAX_LENGTH = 2000;
/** What may be spent on one URI, in characters times pieces: some 20 ms. */
const MAX_STEPS = 1_000_000;
const SLASH = 0x2f;

/**
 * Whether a URI is one of those that any of these templates (RFC 6570) stands for. Templates are others' text, and a
 * pattern of a regular expression made of them can take hours: the time that this takes grows with the lengths alone,
 * and what is beyond a fixed sum of them fits nothing.
 */
export function fitsAny(templates: Iterable<unknown>, uri: string): boolean {
  if (uri.length > MAX_LENGTH) return false;
  let left = MAX_STEPS;
  for (const template of templates) {
    if (typeof template !== 'string' || template.length > MAX_LENGTH || !beginsAlike(template, uri)) continue;
    const pieces = read(template);
    if (!pieces) continue;
    left -= pieces.length * uri.length;
    if (left < 0) return false;
    if (fits(pieces, uri)) return true;
  }
  return false;
}

function beginsAlike(template: string, uri: string): boolean {
  const open = template.indexOf('{');
  return uri.startsWith(open < 0 ? template : template.slice(0, open));
}

function fits(pieces: readonly Piece[], uri: string): boolean {
  /** At which offsets of the URI that what was read of the template so far can end. */
  let ends = new Uint8Array(uri.length + 1);
  ends[0] = 1;
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      ends = past(ends, piece, uri);
      continue;
    }
    const next = through(past(ends, piece.before, uri), piece, uri);
    if (piece.mayVanish) ends.forEach((can, at) => (next[at] ||= can));
    ends = next;
  }
  return ends[uri.length] === 1;
}

function past(ends: Uint8Array, literal: string, uri: string): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(uri.length + 1);
  for (let at = ends.indexOf(1); at >= 0; at = ends.indexOf(1, at + 1)) {
    if (uri.startsWith(literal, at)) next[at + literal.length] = 1;
  }
  return next;
}

/** One character or more. */
function through(begins: Uint8Array, { mayHoldSlash }: Wild, uri: string): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(uri.length + 1);
  for (let at = Math.max(0, begins.indexOf(1)); at < uri.length; at += 1) {
    const isIn = begins[at] === 1 || next[at] === 1;
    if (isIn && (mayHoldSlash || uri.charCodeAt(at) !== SLASH)) next[at + 1] = 1;
  }
  return next;
}

/** Nothing where it is no template. */
function read(template: string): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  for (let at = 0; at < template.length; ) {
    const open = template.indexOf('{', at);
    if (open !== at) pieces.push(template.slice(at, open < 0 ? template.length : open));
    if (open < 0) break;
    const close = template.indexOf('}', open);
    if (close < 0) return undefined;
    pieces.push(expression(template.slice(open + 1, close)));
    at = close + 1;
  }
  return pieces;
}

function expression(text: string): Wild {
  const operator = /^[+#./;?&]/.exec(text)?.[0] ?? '';
  const isQuery = operator === '?' || operator === '&';
  return {
    before: ['.', '/', ';', '?', '&'].includes(operator) ? operator : '',
    mayVanish: isQuery,
    mayHoldSlash: isQuery || operator === '+' || operator === '#' || text.includes('*'),
  };
}
