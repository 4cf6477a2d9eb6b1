import { STATUS_CODES } from 'node:http';
import type { Answer } from './send.ts';

/** Why an answer does not count as taken over. */
export interface Refusal {
  /** A sentence without a subject. */
  readonly why: string;
  readonly permanent: boolean;
  readonly retry_after_ms?: number;
}

/** However long an endpoint asks for. */
const RETRY_AFTER_MAX_MS = 60 * 60_000;

/** Nothing where the message was taken over. @param now milliseconds since the epoch */
export function refusalOf({ status, retryAfter }: Answer, now: number): Refusal | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 410) return { why: 'answers 410 Gone: nothing more is wanted there.', permanent: true };
  const wait = retryAfter === undefined ? undefined : waitOf(retryAfter, now);
  const meaning = STATUS_CODES[status];
  const answer = `answers ${status}${meaning === undefined ? '' : ` ${meaning}`}`;
  const isRedirect = status >= 300 && status < 400;
  return {
    why: isRedirect
      ? `${answer}, and no redirect is followed: set the address that it leads to.`
      : `${answer}.`,
    permanent: false,
    ...(wait === undefined ? {} : { retry_after_ms: wait }),
  };
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. */
function waitOf(text: string, now: number): number | undefined {
  const date = text.endsWith(' GMT') ? Date.parse(text) - now : Number.NaN;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : date;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), RETRY_AFTER_MAX_MS);
}
