import { backoff } from '../core/backoff.ts';
import type { NoticeKind } from '../core/entry.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { hasReached } from '../core/reach.ts';
import { isSettled, type Request } from '../core/request.ts';
import { PATIENCE } from './patience.ts';
import { DeliveryError, type Channel, type Place } from './channel.ts';
import { createDelivery, type DeliveryOptions, type Failure } from './delivery.ts';
import { dueNotices, keyOf, type Owed } from './due.ts';
import { createGathering } from './gathering.ts';
import { createJobBook, labelOf, type Job } from './job.ts';
import { createLinkDesk } from './link-desk.ts';
import { isQuestion } from './notice-of.ts';
import type { Due } from './ways.ts';

export interface OutboxOptions extends DeliveryOptions {
  /** The state as the journal has it. */
  readonly requests: () => Iterable<Request>;
  readonly request: (id: string) => Request | undefined;
  /** Closed by whoever made them, after the outbox. */
  readonly channels: readonly Channel[];
  /** The place that a rule names so, where it is set up. */
  readonly place: (name: string) => Place | undefined;
  /** So many questions that wait for one person go alone within five minutes; what is more is gathered. */
  readonly digestAfter: number;
  readonly random: Random;
}

/** A notice that is still owed. */
export interface Undelivered {
  readonly request_id: string;
  /** Absent where it goes to a place. */
  readonly reviewer?: string;
  readonly channel: string;
  readonly notice: NoticeKind;
  readonly round?: number;
  readonly attempts: number;
  /** Why the last attempt failed, in a sentence. */
  readonly failure?: string;
  /** It waits until then: for the next digest, or for quiet hours to end. RFC 3339, UTC. */
  readonly waits_until?: string;
}

export interface Outbox {
  /**
   * Looks at a request again; to be called after every change of it. Without an id, at all of them: at the start, and
   * after every change of people.
   */
  poke(requestId?: string): void;
  undelivered(): readonly Undelivered[];
  /** Resolves when no delivery is under way; those that wait for their next try do not count. */
  drain(): Promise<void>;
  /** Starts nothing more, and drains. */
  close(): Promise<void>;
}

/** Timers are good for so long; then it is looked again. */
const LOOK_MS = 24 * 60 * 60 * 1000;
/** However soon a channel lets itself be asked again. */
const RETRY_MIN_MS = 1000;

const NOTHING: Owed = { due: [], asleep: [] };

/**
 * Tells people and places what they have to know. What is owed is a fold over each request, so nothing is lost by a
 * restart; what was sent just before a crash may be sent again, under the same message id.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, log } = options;
  const jobs = createJobBook();
  const links = createLinkDesk(options);
  /** By request: the timer of its next look. */
  const wakes = new Map<string, () => void>();
  const retries = new Set<() => void>();
  const asleep = new Map<string, Owed['asleep']>();
  let restored = false;
  let closed = false;

  const owedBy = (request: Request): Owed =>
    dueNotices(request, {
      people: options.people(),
      channels: options.channels,
      place: options.place,
      now: clock.now(),
    });

  const asOfNow = (due: Due): Due | undefined => {
    const request = options.request(due.request.id);
    return request && owedBy(request).due.find((each) => keyOf(each) === keyOf(due));
  };

  const attempt = createDelivery({ ...options, links, asOfNow, isEnding: () => closed });
  const gathering = createGathering({
    clock,
    digestAfter: options.digestAfter,
    send: (kept) => run(kept),
    isAnswered(id, reviewer) {
      const request = options.request(id);
      return request !== undefined && isAnswered(request, reviewer);
    },
  });

  const look = (id: string): void => {
    const request = options.request(id);
    const owed = request ? owedBy(request) : NOTHING;
    const wanted = new Set(owed.due.map(keyOf));
    for (const job of jobs.of(id)) {
      if (wanted.has(keyOf(job.due)) || job.running || job.answer) continue;
      jobs.remove(job);
      gathering.drop(job);
    }
    for (const due of owed.due) {
      if (jobs.find(due) || isAsking(due)) continue;
      const job: Job = { due, attempts: 0 };
      jobs.add(job);
      if (!canBeGathered(due) || gathering.admit(job)) run([job]);
    }
    lookLater(id, owed);
    if (owed.asleep.length > 0) asleep.set(id, owed.asleep);
    else asleep.delete(id);
    if ((!request || isSettled(request)) && jobs.of(id).length === 0) links.forget(id);
  };

  /** An outcome waits until the questions that it follows have been answered for. */
  const isAsking = (due: Due): boolean =>
    due.notice === 'outcome' &&
    jobs
      .of(due.request.id)
      .some(
        (job) =>
          isQuestion(job.due) &&
          job.due.reviewer === due.reviewer &&
          job.due.channel === due.channel &&
          (job.running ?? job.answer) !== undefined,
      );

  const lookLater = (id: string, { next }: Owed): void => {
    wakes.get(id)?.();
    wakes.delete(id);
    if (next === undefined) return;
    const wait = Math.min(LOOK_MS, next - clock.now());
    wakes.set(
      id,
      clock.after(wait, () => look(id)),
    );
  };

  const run = (group: readonly Job[]): void => {
    const attempted = attempt(group).catch((error: unknown): readonly Failure[] => [{ jobs: group, error }]);
    const running = attempted.then((failures) => {
      const failed = new Set(failures.flatMap((failure) => failure.jobs));
      for (const job of group) {
        delete job.running;
        if (!failed.has(job)) jobs.remove(job);
      }
      if (closed) return;
      for (const failure of failures) retry(failure);
      for (const id of new Set(group.map(({ due }) => due.request.id))) look(id);
    });
    for (const job of group) job.running = running;
  };

  const retry = ({ jobs: group, error }: Failure): void => {
    for (const job of group) {
      job.attempts += 1;
      job.failure = reasonOf(error);
    }
    const left = Math.min(...group.map(({ due }) => patienceOf(due) - clock.now()));
    if (left <= 0) {
      for (const job of group)
        job.answer = { detail: `${job.failure ?? ''} It is given up, so that others can be asked.` };
      return run(group);
    }
    const asked = error instanceof DeliveryError ? error.retry_after_ms : undefined;
    const attempts = Math.max(...group.map((job) => job.attempts));
    const wait = Math.max(RETRY_MIN_MS, Math.min(left, asked ?? backoff(attempts, PATIENCE, options.random)));
    for (const { due, failure = '' } of group)
      log(`notify: ${labelOf(due)}: ${failure} Next try in ${Math.ceil(wait / 1000)} s.`);
    const stop = clock.after(Math.min(LOOK_MS, wait), () => {
      retries.delete(stop);
      const wanted = group.filter((job) => jobs.holds(job));
      if (wanted.length > 0) run(wanted);
    });
    retries.add(stop);
  };

  /**
   * Until when a question is tried, in milliseconds since the epoch. Where there are people to fall back on and nobody
   * was reached yet, half of the request's time is theirs.
   */
  const patienceOf = ({ request: { id }, notice }: Due): number => {
    const request = options.request(id);
    if (!request || notice !== 'ask' || hasReached(request)) return Number.POSITIVE_INFINITY;
    if (!request.terms.some(({ fallback = [] }) => fallback.length > 0)) return Number.POSITIVE_INFINITY;
    return (Date.parse(request.requested_at) + Date.parse(request.expires_at)) / 2;
  };

  const drain = async (): Promise<void> => {
    for (;;) {
      const running = jobs.all().flatMap((job) => job.running ?? []);
      if (running.length === 0) return;
      await Promise.all(running);
    }
  };

  return {
    poke(requestId) {
      if (closed) return;
      if (!restored) gathering.restore(options.requests());
      restored = true;
      if (requestId !== undefined) return look(requestId);
      for (const id of new Set([...idsOf(options.requests()), ...jobs.requests()])) look(id);
    },
    undelivered: () => [
      ...jobs.all().map((job) => undelivered(job, gathering.until(job))),
      ...[...asleep.values()].flat().map(({ due, until }) => undelivered({ due, attempts: 0 }, until)),
    ],
    drain,
    close: async () => {
      closed = true;
      gathering.close();
      for (const stop of [...wakes.values(), ...retries]) stop();
      await drain();
    },
  };
}

/** Only what was written for people to read is told: another error may quote an address or a token. */
function reasonOf(error: unknown): string {
  if (error instanceof PlacetError) return messageOf(error);
  return `Something went wrong in Placet itself (${error instanceof Error ? error.name : 'no error'}).`;
}

function undelivered({ due, attempts, failure }: Job, until: number | undefined): Undelivered {
  const { request, reviewer, channel, notice, round } = due;
  return {
    request_id: request.id,
    ...(reviewer === undefined ? {} : { reviewer }),
    channel,
    notice,
    ...(round === undefined ? {} : { round }),
    attempts,
    ...(failure === undefined ? {} : { failure }),
    ...(until === undefined ? {} : { waits_until: new Date(until).toISOString() }),
  };
}

/** Whether this person decided, or others did for good. What an agent cancelled was answered by nobody. */
function isAnswered({ decisions, phase }: Request, reviewer: string): boolean {
  if (decisions.some((decision) => decision.reviewer === reviewer)) return true;
  return !['pending', 'expired', 'cancelled', 'voided'].includes(phase.kind);
}

function canBeGathered(due: Due): boolean {
  return isQuestion(due) && due.way.kind === 'send' && due.way.channel.digest !== undefined;
}

function idsOf(requests: Iterable<Request>): readonly string[] {
  return [...requests].map(({ id }) => id);
}
