import type { Card } from '../core/card.ts';
import { timestamp, type Clock } from '../core/clock.ts';
import type { NoticeKind } from '../core/entry.ts';
import { JournalError, messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { People } from '../core/person.ts';
import { isClosed, type Request } from '../core/request.ts';
import { backoff } from './backoff.ts';
import { DeliveryError, type Channel, type Notice } from './channel.ts';
import { dueNotices, isNoticed, keyOf, type Due } from './due.ts';
import { createLinkDesk, type UpdateRequest } from './link-desk.ts';

export interface OutboxOptions {
  /** The state as the journal has it. */
  readonly requests: () => Iterable<Request>;
  readonly request: (id: string) => Request | undefined;
  readonly update: UpdateRequest;
  readonly content: (request: Request) => Promise<{ readonly card: Card; readonly args: JsonObject }>;
  readonly people: () => People;
  /** The signed note that goes out with a notice, if there is one; never throws, and never takes long. */
  readonly checkpoint: () => Promise<string | undefined>;
  /** Closed by whoever made them, after the outbox. */
  readonly channels: readonly Channel[];
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
}

/** A notice that is still owed to a reviewer. */
export interface Undelivered {
  readonly request_id: string;
  readonly reviewer: string;
  readonly channel: string;
  readonly notice: NoticeKind;
  readonly attempts: number;
  /** Why the last attempt failed, in a sentence. */
  readonly failure?: string;
}

export interface Outbox {
  /** Looks at the state again; to be called at the start and after every change of a request. */
  poke(): void;
  undelivered(): readonly Undelivered[];
  /** Resolves when no delivery is under way; those that wait for their next try do not count. */
  drain(): Promise<void>;
  /** Starts nothing more, and drains. */
  close(): Promise<void>;
}

interface Job {
  readonly due: Due;
  attempts: number;
  failure?: string;
  /** What remains to be journalled once the channel has answered for good. */
  answer?: { readonly message_id: string } | { readonly detail: string };
  running?: Promise<void>;
  cancelRetry?: () => void;
}

const SILENT_MS = 90_000;
const GONE = new Set(['payload_erased', 'payload_missing', 'payload_corrupt']);

/**
 * Tells reviewers what they have to know. What is owed is a fold over the requests, so nothing is lost by a
 * restart; a mail that was sent just before a crash may be sent again, under the same message id.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, log } = options;
  const jobs = new Map<string, Job>();
  const links = createLinkDesk(options);
  let closed = false;

  const dueOf = (request: Request, now = timestamp(clock)) =>
    dueNotices(request, { people: options.people(), channels: options.channels, now });

  /** The same notice as it is due now: the request, the person and the address may have changed. */
  const asOfNow = (due: Due): Due | undefined => {
    const request = options.request(due.request.id);
    return request && dueOf(request).find((each) => keyOf(each) === keyOf(due));
  };

  const poke = (): void => {
    if (closed) return;
    const wanted = new Map<string, Due>();
    const open = new Set<string>();
    const now = timestamp(clock);
    for (const request of options.requests()) {
      if (isClosed(request)) continue;
      open.add(request.id);
      for (const due of dueOf(request, now)) wanted.set(keyOf(due), due);
    }
    links.forgetAllBut(open);
    for (const [key, job] of jobs) {
      if (wanted.has(key) || job.running || job.answer) continue;
      job.cancelRetry?.();
      jobs.delete(key);
    }
    for (const [key, due] of wanted) {
      if (jobs.has(key) || isAsking(due)) continue;
      const job: Job = { due, attempts: 0 };
      jobs.set(key, job);
      run(key, job);
    }
  };

  /** An outcome waits until the question that it follows has been answered for. */
  const isAsking = (due: Due): boolean => {
    const ask = due.notice === 'outcome' ? jobs.get(keyOf({ ...due, notice: 'ask' })) : undefined;
    return ask?.running !== undefined || ask?.answer !== undefined;
  };

  const run = (key: string, job: Job): void => {
    delete job.cancelRetry;
    job.running = attempt(job)
      .then(
        () => void jobs.delete(key),
        (error: unknown) => {
          job.attempts += 1;
          job.failure = messageOf(error);
          if (closed) return;
          const wait = backoff(job.attempts, options.random);
          log(`notify: ${label(job.due)}: ${job.failure} Next try in ${Math.ceil(wait / 1000)} s.`);
          job.cancelRetry = clock.after(wait, () => run(key, job));
        },
      )
      .then(() => {
        delete job.running;
        poke();
      });
  };

  const attempt = async (job: Job): Promise<void> => {
    const { due } = job;
    const answer = job.answer ?? (await answerFor(job));
    if (answer === undefined) return;
    job.answer = answer;
    const notice = {
      request_id: due.request.id,
      reviewer: due.reviewer,
      channel: due.channel,
      notice: due.notice,
    };
    if ('detail' in answer) log(`notify: ${label(due)}: ${answer.detail}`);
    await options.update(due.request.id, (request) => {
      if (isNoticed(request, due)) return undefined;
      return 'detail' in answer
        ? [{ type: 'notice.failed', ...notice, detail: answer.detail }]
        : [{ type: 'notice.sent', ...notice, message_id: answer.message_id }];
    });
    if (asOfNow(due)) throw new Error('The journal did not take up the notice.');
  };

  /** What the channel says for good; nothing when the notice is not wanted any more. Throws to be tried again. */
  const answerFor = async (job: Job): Promise<Job['answer']> => {
    const { due } = job;
    if (due.way.kind === 'fail') return { detail: due.way.detail };
    if (due.notice === 'outcome' && links.isUnused(due.request.id, due.reviewer)) {
      return { detail: `The request was over before ${due.reviewer} was asked.` };
    }
    try {
      const link = due.notice === 'ask' ? await links.linkFor(due) : undefined;
      const content = await options.content(due.request);
      const checkpoint = await options.checkpoint();
      const now = asOfNow(due);
      if (now?.way.kind !== 'send') return undefined;
      const { channel, to } = now.way;
      const common = {
        request: now.request,
        ...content,
        to,
        names: namesOf(options.people()),
        ...(checkpoint === undefined ? {} : { checkpoint }),
      };
      if (due.notice === 'outcome') {
        return await deliver(job, channel, { kind: 'outcome', as: 'reviewer', ...common });
      }
      if (link === undefined) throw new Error('The journal did not take up the link.');
      links.markUsed(due.request.id, due.reviewer);
      return await deliver(job, channel, { kind: 'ask', round: 0, ...common, link });
    } catch (error) {
      if (error instanceof DeliveryError && error.permanent) return { detail: error.message };
      if (error instanceof JournalError && GONE.has(error.code)) return { detail: error.message };
      throw error;
    }
  };

  const deliver = async (job: Job, channel: Channel, notice: Notice): Promise<Job['answer']> => {
    const stopWatch = clock.after(SILENT_MS, () => {
      job.failure = `The channel ${channel.name} has not answered for ${SILENT_MS / 1000} seconds.`;
      log(`notify: ${label(job.due)}: ${job.failure}`);
    });
    try {
      return await channel.deliver(notice);
    } finally {
      stopWatch();
    }
  };

  const drain = async (): Promise<void> => {
    for (;;) {
      const running = [...jobs.values()].flatMap((job) => job.running ?? []);
      if (running.length === 0) return;
      await Promise.all(running);
    }
  };

  return {
    poke,
    undelivered: () =>
      [...jobs.values()].map(({ due, attempts, failure }) => ({
        request_id: due.request.id,
        reviewer: due.reviewer,
        channel: due.channel,
        notice: due.notice,
        attempts,
        ...(failure === undefined ? {} : { failure }),
      })),
    drain,
    close: async () => {
      closed = true;
      for (const job of jobs.values()) job.cancelRetry?.();
      await drain();
    },
  };
}

function label(due: Due): string {
  return `${due.notice} of ${due.request.id} to ${due.reviewer} by ${due.channel}`;
}

function namesOf(people: People): Readonly<Record<string, string>> {
  return Object.fromEntries(people.people.map((person) => [person.id, person.name]));
}
