/** In code points. */
const NAME_MAX = 60;

/** What a person called their key, as one line of text; a name that says nothing gets one. */
export function nameOfKey(given: string): string {
  const line = given.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
  // By code points: half a surrogate pair cannot be journalled.
  return line === '' ? 'Passkey' : Array.from(line).slice(0, NAME_MAX).join('').trimEnd();
}
