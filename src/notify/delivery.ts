import type { Card } from '../core/card.ts';
import type { Clock } from '../core/clock.ts';
import { JournalError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import type { People } from '../core/person.ts';
import type { Request } from '../core/request.ts';
import { DeliveryError, type AskNotice, type Delivered, type DigestNotice } from './channel.ts';
import { byUrgency, digestId } from './digest.ts';
import { isNoticed } from './due.ts';
import { labelOf, type Answer, type Job } from './job.ts';
import type { LinkDesk, UpdateRequest } from './link-desk.ts';
import { handoverOf, isQuestion, type Contents, type Handover } from './notice-of.ts';
import type { Due } from './ways.ts';

export interface DeliveryOptions {
  readonly update: UpdateRequest;
  readonly content: (request: Request) => Promise<{ readonly card: Card; readonly args: JsonObject }>;
  readonly people: () => People;
  /** The signed note that goes out with a notice, if there is one; never throws, and never takes long. */
  readonly checkpoint: () => Promise<string | undefined>;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What has to be tried again, and why. */
export interface Failure {
  readonly jobs: readonly Job[];
  readonly error: unknown;
}

type Ready = Handover & { readonly job: Job };

const SILENT_MS = 90_000;
const GONE = new Set(['payload_erased', 'payload_missing', 'payload_corrupt']);

/**
 * Makes one attempt to deliver a notice, or several questions to one person on one channel as a digest, and journals
 * what became of it. A notice that is not wanted any more is left alone.
 *
 * @param options.asOfNow the same notice as it is due now: the request, the person and the address may have changed
 * @returns what failed for now
 */
export function createDelivery(
  options: DeliveryOptions & {
    readonly links: LinkDesk;
    readonly asOfNow: (due: Due) => Due | undefined;
    /** Nothing is handed over any more: drivers give up what is under way, and what comes after that nobody ends. */
    readonly isEnding: () => boolean;
  },
): (jobs: readonly Job[]) => Promise<readonly Failure[]> {
  const { links, asOfNow, isEnding, clock, log } = options;
  const base = options.publicUrl.replace(/\/+$/, '');

  /** What the notice is made of, or what is said of it without asking the channel. */
  const prepare = async ({ due }: Job): Promise<Contents | Answer> => {
    const { request, reviewer, notice, way } = due;
    if (way.kind === 'fail') return { detail: way.detail };
    if (notice === 'outcome' && reviewer !== undefined && wasNeverAsked(request, reviewer))
      return { detail: `The request was over before ${reviewer} was asked.` };
    const link = isQuestion(due) ? await linkOf(request.id, reviewer) : undefined;
    const content = await options.content(request);
    return { ...content, people: options.people(), ...(link === undefined ? {} : { link }) };
  };

  /** A place is read by many: its link leads to a page that asks who reads it to sign in. */
  const linkOf = async (id: string, reviewer: string | undefined): Promise<string | undefined> =>
    reviewer === undefined ? `${base}/console/requests/${id}` : links.linkFor(id, reviewer);

  const wasNeverAsked = ({ id, notices }: Request, reviewer: string): boolean =>
    links.isUnused(id, reviewer) &&
    !notices.some((each) => each.reviewer === reviewer && each.notice === 'ask');

  const readyOf = (job: Job, contents: Contents): Ready | undefined => {
    if (isEnding()) return undefined;
    const due = asOfNow(job.due);
    const handover = due && handoverOf(due, contents);
    if (!due || !handover) return undefined;
    if (isQuestion(due) && due.reviewer !== undefined) links.markUsed(due.request.id, due.reviewer);
    return { ...handover, job };
  };

  const handOver = async (ready: readonly [Ready, ...Ready[]]): Promise<Delivered> => {
    const [first] = ready;
    if (first.kind === 'post') return first.place.post(first.notice);
    const { channel, notice } = first;
    if (ready.length === 1 || !channel.digest) return channel.deliver(notice);
    const asks = ready.flatMap(({ notice: each }) => (each.kind === 'ask' && 'to' in each ? [each] : []));
    return channel.digest({ ...digestOf(asks), to: notice.to, console: `${base}/console` });
  };

  const watched = async (ready: readonly [Ready, ...Ready[]]): Promise<Delivered> => {
    const stopWatch = clock.after(SILENT_MS, () => {
      for (const { job } of ready) {
        job.failure = `The channel ${job.due.channel} has not answered for ${SILENT_MS / 1000} seconds.`;
        log(`notify: ${labelOf(job.due)}: ${job.failure}`);
      }
    });
    try {
      return await handOver(ready);
    } finally {
      stopWatch();
    }
  };

  const journal = async ({ due, answer }: Job): Promise<void> => {
    if (!answer) return;
    const { request, reviewer, channel, notice, round } = due;
    if ('detail' in answer) log(`notify: ${labelOf(due)}: ${answer.detail}`);
    const entry = {
      request_id: request.id,
      ...(reviewer === undefined ? {} : { reviewer }),
      channel,
      notice,
      ...(round === undefined ? {} : { round }),
    };
    await options.update(request.id, (now) => {
      if (isNoticed(now, due)) return undefined;
      return 'detail' in answer
        ? [{ type: 'notice.failed', ...entry, detail: answer.detail }]
        : [{ type: 'notice.sent', ...entry, message_id: answer.message_id }];
    });
    if (asOfNow(due)) throw new JournalError('not_taken_up', 'The journal did not take up the notice.');
  };

  return async (jobs) => {
    const failures: Failure[] = [];
    const trying = async (those: readonly Job[], step: () => Promise<void> | void): Promise<void> => {
      try {
        await step();
      } catch (error) {
        if (!isFinal(error)) failures.push({ jobs: those, error });
        else for (const job of those) job.answer = { detail: error.message };
      }
    };

    const prepared: { readonly job: Job; readonly contents: Contents }[] = [];
    await Promise.all(
      jobs
        .filter(({ answer }) => !answer)
        .map((job) =>
          trying([job], async () => {
            const made = await prepare(job);
            if ('card' in made) prepared.push({ job, contents: made });
            else job.answer = made;
          }),
        ),
    );
    const checkpoint = prepared.length > 0 ? await options.checkpoint() : undefined;
    const ready: Ready[] = [];
    for (const { job, contents } of prepared)
      await trying([job], () => {
        const one = readyOf(job, { ...contents, ...(checkpoint === undefined ? {} : { checkpoint }) });
        if (one) ready.push(one);
      });
    const [first, ...rest] = ready;
    if (first) {
      const those = ready.map(({ job }) => job);
      await trying(those, async () => {
        const answer = await watched([first, ...rest]);
        for (const job of those) job.answer = answer;
      });
    }
    const answered = jobs.filter(({ answer }) => answer);
    await Promise.all(answered.map((job) => trying([job], () => journal(job))));
    return failures;
  };
}

function digestOf(notices: readonly AskNotice[]): Omit<DigestNotice, 'to' | 'console'> {
  const checkpoint = notices[0]?.checkpoint;
  return {
    id: digestId(notices),
    asks: byUrgency(notices).map(({ to: _to, checkpoint: _checkpoint, ...ask }) => ask),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}

/** Whether nothing can change by trying again. */
function isFinal(error: unknown): error is Error {
  if (error instanceof DeliveryError) return error.permanent;
  return error instanceof JournalError && GONE.has(error.code);
}
