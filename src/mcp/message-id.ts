const VALUE = String.raw`("(?:[^"\\\u0000-\u001f]){0,200}"|-?\d{1,16})`;
/** An `id` with nothing but short scalar members before it: the message's own. */
const IN_HEAD = new RegExp(
  String.raw`^\s*\{(?:\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|-?\d+)\s*,)*?\s*"id"\s*:\s*${VALUE}\s*[,}]`,
);
/** An `id` directly before the last brace: likewise the message's own. */
const IN_TAIL = new RegExp(String.raw`[,{]\s*"id"\s*:\s*${VALUE}\s*\}\s*$`);

/**
 * The id of a JSON-RPC message of which only the two ends are known, if it can be found there. A guess good
 * enough to answer by, as it only ever names one of the sender's own requests.
 */
export function findId(head: string, tail: string): string | number | undefined {
  const found = (IN_TAIL.exec(tail) ?? IN_HEAD.exec(head))?.[1];
  return found === undefined ? undefined : (JSON.parse(found) as string | number);
}
