import { sha256 } from '../core/digest.ts';
import type { AskNotice } from './channel.ts';

/** So many questions to one person on one channel go out alone within five minutes; what is more is gathered. */
const ALONE = 5;
export const GATHER_MS = 5 * 60_000;

/** A question that waits for the next digest. Milliseconds since the epoch. */
export interface Gathered {
  readonly since: number;
  readonly expires: number;
}

/**
 * Whether a question goes out alone: nothing is being gathered for its person, and few went out lately.
 *
 * @param lately when questions went out to them on this channel
 */
export function goesAlone(lately: readonly number[], gathered: number, now: number): boolean {
  return gathered === 0 && lately.filter((at) => at > now - GATHER_MS).length < ALONE;
}

/** As many of these times as tell whether the next question goes out alone. */
export function lastOf(times: readonly number[]): readonly number[] {
  return [...times].sort((a, b) => a - b).slice(-ALONE);
}

/** When a question that was gathered has to go: after five minutes, or when half of the time that it had left is over. */
export function goesAt({ since, expires }: Gathered): number {
  return since + Math.min(GATHER_MS, Math.max(0, (expires - since) / 2));
}

/** The questions of a digest, the most urgent first. */
export function byUrgency<T extends Pick<AskNotice, 'request'>>(asks: readonly T[]): readonly T[] {
  return [...asks].sort((a, b) => Date.parse(a.request.expires_at) - Date.parse(b.request.expires_at));
}

/** The same for the same questions to the same person, however often they are sent. */
export function digestId(asks: readonly Pick<AskNotice, 'request' | 'round' | 'to'>[]): string {
  const all = asks.map(({ request, round, to }) => `${request.id} ${round} ${to.id}`).sort();
  return `dig_${sha256(all.join('\n')).slice(0, 32)}`;
}
