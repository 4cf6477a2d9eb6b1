const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** The character that stands for a byte. */
const OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => ALPHABET.charAt(byte % 32));

/** `size` unpredictable bytes; handed in, so that a test can replay any history. */
export type Random = (size: number) => Uint8Array;

/**
 * An id such as `apr_01jd…`: a prefix, 48 bits of time and 80 random bits in Crockford's base 32, lower case.
 * Ids sort by the time at which they were made.
 */
export function newId(prefix: string, now: number, random: Random): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i += 1) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let tail = '';
  const bytes = random(16);
  for (let i = 0; i < 16; i += 1) tail += OF_BYTE[bytes[i] ?? 0];
  return `${prefix}_${time}${tail}`;
}

/** When an id was made, in milliseconds since the epoch, or nothing when it is not an id of ours. */
export function timeOfId(id: string): number | undefined {
  const match = /^[a-z]+_([0-9a-hjkmnp-tv-z]{10})[0-9a-hjkmnp-tv-z]{16}$/.exec(id);
  if (!match?.[1]) return undefined;
  let time = 0;
  for (const character of match[1]) time = time * 32 + ALPHABET.indexOf(character);
  return time;
}
