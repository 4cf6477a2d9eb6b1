import type { Clock } from '../core/clock.ts';
import type { Request } from '../core/request.ts';
import { byUrgency, DIGEST_MOST, goesAlone, goesAt, lately, type Sent } from './digest.ts';
import type { Job } from './job.ts';

/** Keeps questions back of which one person gets too many at once. */
export interface Gathering {
  /** Takes up a new question to a person: `true` if it goes out alone now, otherwise it comes back by `send`. */
  admit(job: Job): boolean;
  /** It is not wanted any more. */
  drop(job: Job): void;
  /** When this question comes back, in milliseconds since the epoch; nothing where it is not kept. */
  until(job: Job): number | undefined;
  /** What the journal says of questions that went out lately, before an earlier host ended. */
  restore(requests: Iterable<Request>): void;
  close(): void;
}

/** What goes to one person on one channel. Times are milliseconds since the epoch. */
interface Stream {
  sent: readonly Sent[];
  /** With when each has to go. */
  readonly kept: Map<Job, number>;
  timer?: { readonly at: number; readonly stop: () => void };
}

type Target = Pick<Job['due'], 'reviewer' | 'channel'>;

/**
 * @param options.send delivers questions to one person on one channel together
 * @param options.isAnswered whether people have decided what this person was asked
 */
export function createGathering(options: {
  readonly clock: Clock;
  /** So many questions that wait for one person go alone within five minutes. */
  readonly digestAfter: number;
  readonly send: (jobs: readonly Job[]) => void;
  readonly isAnswered: (requestId: string, reviewer: string) => boolean;
}): Gathering {
  const { clock, digestAfter, send, isAnswered } = options;
  const streams = new Map<string, Stream>();

  const streamOf = (due: Target): Stream => {
    const stream = streams.get(nameOf(due)) ?? { sent: [], kept: new Map<Job, number>() };
    streams.set(nameOf(due), stream);
    return stream;
  };

  const wakeAt = (stream: Stream, at: number): void => {
    stream.timer?.stop();
    const stop = clock.after(Math.max(0, at - clock.now()), () => release(stream));
    stream.timer = { at, stop };
  };

  const release = (stream: Stream): void => {
    delete stream.timer;
    if (stream.kept.size === 0) return;
    const at = Math.min(...stream.kept.values());
    // The one that was the most urgent is not wanted any more.
    if (at > clock.now()) return wakeAt(stream, at);
    const jobs = [...stream.kept.keys()];
    stream.kept.clear();
    const now = clock.now();
    stream.sent = lately([...stream.sent, ...jobs.map((job) => sentAt(job, now))], now);
    const urgent = byUrgency(jobs.map((job) => ({ job, request: job.due.request })));
    for (let from = 0; from < urgent.length; from += DIGEST_MOST)
      send(urgent.slice(from, from + DIGEST_MOST).map(({ job }) => job));
  };

  return {
    admit(job) {
      const stream = streamOf(job.due);
      const now = clock.now();
      const { request, reviewer = '' } = job.due;
      stream.sent = lately(stream.sent, now).filter(({ request_id }) => !isAnswered(request_id, reviewer));
      if (goesAlone(stream.sent, stream.kept.size, digestAfter)) {
        stream.sent = [...stream.sent, sentAt(job, now)];
        return true;
      }
      const at = goesAt({ since: now, expires: Date.parse(request.expires_at) });
      stream.kept.set(job, at);
      if (stream.timer === undefined || at < stream.timer.at) wakeAt(stream, at);
      return false;
    },
    drop: (job) => void streams.get(nameOf(job.due))?.kept.delete(job),
    until(job) {
      const stream = streams.get(nameOf(job.due));
      return stream?.kept.has(job) ? stream.timer?.at : undefined;
    },
    restore(requests) {
      for (const { id: request_id, notices } of requests)
        for (const { reviewer, channel, notice, state, at } of notices) {
          if (reviewer === undefined || state !== 'sent' || at === undefined) continue;
          if (notice !== 'ask' && notice !== 'reminder') continue;
          const stream = streamOf({ reviewer, channel });
          stream.sent = lately([...stream.sent, { request_id, at: Date.parse(at) }], clock.now());
        }
    },
    close() {
      for (const { timer } of streams.values()) timer?.stop();
    },
  };
}

function nameOf({ reviewer, channel }: Target): string {
  return JSON.stringify([reviewer, channel]);
}

function sentAt({ due }: Job, at: number): Sent {
  return { request_id: due.request.id, at };
}
