/** One text against another: what both begin and end with, and what stands between in each. */
export interface TextChange {
  readonly before: string;
  readonly was: string;
  readonly now: string;
  readonly after: string;
}

/** No character is cut in two. */
export function textChange(was: string, now: string): TextChange {
  const prefix = commonPrefix(was, now);
  const from = isInside(was, prefix) || isInside(now, prefix) ? prefix - 1 : prefix;
  const suffix = commonSuffix(was, now, from);
  const cut = isInside(was, was.length - suffix) || isInside(now, now.length - suffix) ? suffix - 1 : suffix;
  return {
    before: now.slice(0, from),
    was: was.slice(from, was.length - cut),
    now: now.slice(from, now.length - cut),
    after: now.slice(now.length - cut),
  };
}

/** In UTF-16 code units. */
export function commonPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && a.charCodeAt(count) === b.charCodeAt(count)) count += 1;
  return count;
}

/** @param from where at the earliest it may begin in either, so that no prefix is counted again */
export function commonSuffix(a: string, b: string, from: number): number {
  const most = Math.min(a.length, b.length) - from;
  let count = 0;
  while (count < most && a.charCodeAt(a.length - 1 - count) === b.charCodeAt(b.length - 1 - count))
    count += 1;
  return count;
}

/** Whether a place is between the halves of a surrogate pair. */
export function isInside(text: string, at: number): boolean {
  return at > 0 && at < text.length && (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
