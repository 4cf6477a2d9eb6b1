/** Where the value of a member stands in the bytes, without the space around it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * The spans of the values of a JSON object's own members, by name, without looking into them. The bytes MUST be an
 * object that JSON.parse takes: validity is not judged here, only who owns which bytes.
 *
 * @returns nothing when a name stands twice, as then two readers may take different values for the same member
 */
export function membersOf(bytes: Uint8Array): ReadonlyMap<string, Span> | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = new Map<string, Span>();
  let at = skipSpace(buffer, 0);
  if (buffer[at] !== OPEN_BRACE) return undefined;
  at = skipSpace(buffer, at + 1);
  while (buffer[at] === QUOTE) {
    const nameEnd = endOfString(buffer, at);
    if (nameEnd === undefined) return undefined;
    const name = nameIn(buffer, at, nameEnd);
    at = skipSpace(buffer, nameEnd);
    if (name === undefined || buffer[at] !== COLON) return undefined;
    const start = skipSpace(buffer, at + 1);
    const end = endOfValue(buffer, start);
    if (end === start || members.has(name)) return undefined;
    members.set(name, { start, end });
    at = skipSpace(buffer, end);
    if (buffer[at] !== COMMA) break;
    at = skipSpace(buffer, at + 1);
  }
  return buffer[at] === CLOSE_BRACE && skipSpace(buffer, at + 1) === buffer.length ? members : undefined;
}

function skipSpace(buffer: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = buffer[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at += 1;
  }
}

function nameIn(buffer: Buffer, start: number, end: number): string | undefined {
  // Names with escapes are rare, and the one reading of them is that of JSON.parse.
  const plain = buffer.toString('latin1', start + 1, end - 1);
  if (/^[ -[\]-~]*$/.test(plain)) return plain;
  try {
    return JSON.parse(buffer.toString('utf8', start, end)) as string;
  } catch {
    return undefined;
  }
}

/** @returns the offset after the closing quote */
function endOfString(buffer: Buffer, start: number): number | undefined {
  for (let at = start + 1; ; ) {
    const quote = buffer.indexOf(QUOTE, at);
    if (quote < 0) return undefined;
    let before = quote - 1;
    while (buffer[before] === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
    at = quote + 1;
  }
}

/** @returns the offset after a value */
function endOfValue(buffer: Buffer, start: number): number {
  const first = buffer[start];
  if (first === QUOTE) return endOfString(buffer, start) ?? buffer.length;
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return endOfScalar(buffer, start);
  let depth = 0;
  for (let at = start; at < buffer.length; ) {
    const byte = buffer[at];
    if (byte === QUOTE) {
      at = endOfString(buffer, at) ?? buffer.length;
      continue;
    }
    at += 1;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return buffer.length;
}

function endOfScalar(buffer: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const byte = buffer[at];
    if (
      byte === undefined ||
      byte <= 0x20 ||
      byte === COMMA ||
      byte === CLOSE_BRACE ||
      byte === CLOSE_BRACKET
    )
      return at;
    at += 1;
  }
}
