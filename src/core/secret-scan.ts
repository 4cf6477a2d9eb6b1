/**
 * All that anything begins with which `detectSecrets` finds, as it stands in JSON that `JSON.stringify` wrote. Every
 * run in it has a limit, so that it takes time in proportion to the text.
 */
const MAY_BE =
  /A[KSBC][IC]A[A-Z2-7]{16}|[Aa][Ww][Ss]_?[Ss][Ee][Cc]|gh[pousr]_[A-Za-z0-9]{30}|github_pat_|gl(?:pat|dt|rt|ptt|cbt)-|xox[a-z]-|xapp-|hooks\.slack\.com|[rs]k_(?:live|test)_|whsec_|sk-[\w-]{20}|AIza|GOCSPX-|ya29\.|npm_[A-Za-z0-9]{36}|eyJ[\w-]{10}|-----BEGIN |[Bb][Ee][Aa][Rr][Ee][Rr](?: |\\t)|[Bb][Aa][Ss][Ii][Cc](?: |\\t)|:\/\/[^ /?#@:"'<>]{0,400}:|\d{14}|\d{3,13}[ -]\d{3,13}[ -]\d{3}|\d{7,13}[ -]\d{3}|\d{3,13}[ -]\d{7}|\[secret: /;

/** What may stand for a character in JSON that others wrote, and that `JSON.stringify` never escapes. */
const ESCAPED = /\\(?:u00[2-7]|\/)/;

/**
 * Whether JSON could hold a secret that a detector finds. Every call is asked, so it is one cheap pass over the bytes:
 * it may say yes for nothing, and never no for something.
 *
 * @param json UTF-8
 */
export function mayHoldSecret(json: Uint8Array): boolean {
  // As Latin-1 a byte is a character and nothing has to be decoded: all that is looked for is ASCII.
  const text = Buffer.from(json.buffer, json.byteOffset, json.length).toString('latin1');
  return MAY_BE.test(text) || ESCAPED.test(text);
}
