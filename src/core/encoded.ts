/** A value that stands for another text: what it seems to be, and what it says. */
export interface Encoded {
  readonly encoding: 'base64' | 'hexadecimal' | 'percent-encoded';
  /** Hostile. Nothing where it does not decode to text. */
  readonly decoded?: string;
}

/** Shorter values are read as they stand. */
const SHORTEST = 16;
/** What decodes to no text is called encoded from this length on only: a shorter one may be a name. */
const SHORTEST_OPAQUE = 40;
const ESCAPES_MIN = 3;

/**
 * What a long value in base64, base64url, hexadecimal or percent-encoding decodes to, one layer deep: UTF-8, or
 * UTF-16 as Windows writes it. Nothing where the value does not look encoded.
 */
export function encodedOf(value: string): Encoded | undefined {
  return percentEncoded(value) ?? hexadecimal(value) ?? base64(value);
}

function percentEncoded(value: string): Encoded | undefined {
  if ((value.match(/%[0-9a-f]{2}/gi) ?? []).length < ESCAPES_MIN) return undefined;
  try {
    return { encoding: 'percent-encoded', decoded: decodeURIComponent(value) };
  } catch {
    return { encoding: 'percent-encoded' };
  }
}

function hexadecimal(value: string): Encoded | undefined {
  const digits = value.replace(/^0x/i, '').replace(/[\s:]/g, '');
  if (digits.length < SHORTEST || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return undefined;
  const decoded = textOf(Buffer.from(digits, 'hex'));
  if (decoded !== undefined) return { encoding: 'hexadecimal', decoded };
  return digits.length >= SHORTEST_OPAQUE ? { encoding: 'hexadecimal' } : undefined;
}

function base64(value: string): Encoded | undefined {
  const signs = value.replace(/^data:[^,]{0,200};base64,/i, '').replace(/\s/g, '');
  const bare = signs.replace(/={1,2}$/, '');
  if (bare.length < SHORTEST || bare.length % 4 === 1) return undefined;
  if (!/^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)$/.test(bare)) return undefined;
  const decoded = textOf(Buffer.from(bare, 'base64'));
  if (decoded !== undefined) return { encoding: 'base64', decoded };
  return bare.length >= SHORTEST_OPAQUE && looksRandom(bare) ? { encoding: 'base64' } : undefined;
}

/** Of all kinds of signs some, and not as many slashes as a path has. */
function looksRandom(signs: string): boolean {
  const kinds = [/[A-Z]/, /[a-z]/, /[0-9]/];
  return kinds.every((kind) => kind.test(signs)) && signs.split('/').length - 1 <= signs.length / 20;
}

function textOf(bytes: Uint8Array): string | undefined {
  return asText('utf-8', bytes) ?? (bytes.length % 2 === 0 ? latinUtf16(bytes) : undefined);
}

/** Any bytes are some UTF-16, so it is believed only where most of the text is Latin. */
function latinUtf16(bytes: Uint8Array): string | undefined {
  const text = asText('utf-16le', bytes);
  const latin = text?.match(/[\t\n\r -~]/g)?.length ?? 0;
  return text !== undefined && latin * 2 > text.length ? text : undefined;
}

function asText(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    // Control characters other than white space: bytes that happen to be UTF-8.
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
