const LONGEST_MS = 24 * 60 * 60_000;

/**
 * What a Retry-After header (RFC 9110, 10.2.3) asks for, in milliseconds from `now`; nothing where it cannot be read,
 * and a day at most.
 *
 * @param now milliseconds since the epoch
 */
export function retryAfter(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_MS);
  if (!/^[A-Z][a-z]{2}, /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), LONGEST_MS);
}
