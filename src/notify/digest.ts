import { sha256 } from '../core/digest.ts';
import type { AskNotice } from './channel.ts';

/** Of more than a workspace can set it is not asked whether they were answered. */
const REMEMBERED = 10_000;
export const GATHER_MS = 5 * 60_000;
/** As many questions as every channel lists in one digest: what is not in it was not asked. */
export const DIGEST_MOST = 20;

/** A question that waits for the next digest. Milliseconds since the epoch. */
export interface Gathered {
  readonly since: number;
  readonly expires: number;
}

/** A question that went out. */
export interface Sent {
  readonly request_id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Whether a question goes out alone: nothing is being gathered for its person, and few went out lately on this channel
 * that people have not answered.
 *
 * @param most so many may
 */
export function goesAlone(unanswered: readonly Sent[], gathered: number, most: number): boolean {
  return gathered === 0 && unanswered.length < most;
}

/** Of these the last that still count. */
export function lately(sent: readonly Sent[], now: number): readonly Sent[] {
  return sent.filter(({ at }) => at > now - GATHER_MS).slice(-REMEMBERED);
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
