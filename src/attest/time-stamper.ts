import { backoff } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf, PlacetError, ProofError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { Checkpoints, SignedCheckpoint } from '../journal/checkpoints.ts';
import { PATIENCE } from './patience.ts';
import { readAuthorities } from './certificates.ts';
import { post, type Fetch } from './post.ts';
import { NONCE_BYTES, nonceFrom, timeStampRequest } from './time-stamp-request.ts';
import { newestStamp } from './stored-stamps.ts';
import { checkTimeStamp } from './time-stamp.ts';

export interface TimeStamperOptions {
  /** Of the authority (RFC 3161 over HTTP). */
  readonly url: string;
  /** Certificates in PEM; a stamp by an authority whose chain does not end in one of them is not kept. */
  readonly ca?: string;
  /** Where the stamps are kept, such as `data/journal/stamps`. */
  readonly dir: string;
  /** Writes a file of this name into `dir`, made if need be; MUST NOT resolve before it is on the disk. */
  readonly save: (name: string, bytes: Uint8Array) => Promise<void>;
  readonly checkpoints: Pick<Checkpoints, 'newest' | 'subscribe'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default: Node's. */
  readonly fetch?: Fetch;
}

/** The newest stamp that is kept. */
export interface LastStamp {
  /** Of the checkpoint that was stamped. */
  readonly size: number;
  /** What the authority says. RFC 3339, UTC. */
  readonly at: string;
  readonly authority: string;
  readonly trusted: boolean;
}

export interface TimeStamper {
  /** Nothing before the first. */
  last(): LastStamp | undefined;
  /** One sentence, while the authority does not stamp what it is asked to. */
  trouble(): string | undefined;
  /** Asks no more; resolves when nothing is under way. */
  close(): Promise<void>;
}

/** From one stamp to the next, while the log grows. */
const EVERY_MS = 60 * 60_000;
/** Before the first, so that it is not of a log with nothing in it. */
const SOON_MS = 10_000;
/** A token with its chain of certificates has a few thousand bytes. */
const ANSWER_MAX = 64 * 1024;

/**
 * Has the newest checkpoint stamped by an authority, once soon after the first and then at most every hour while the
 * log grows. Nothing ever waits for it.
 *
 * @throws ProofError `bad_certificates`
 */
export function startTimeStamper(options: TimeStamperOptions): TimeStamper {
  const { checkpoints, clock, random, log } = options;
  if (options.ca !== undefined) readAuthorities(options.ca);
  const ended = new AbortController();
  let last: LastStamp | undefined;
  let nextAt = 0;
  let trouble: string | undefined;
  let failures = 0;
  let cancelTimer: (() => void) | undefined;

  const failed = (error: unknown): void => {
    if (ended.signal.aborted) return;
    failures += 1;
    const sentence = sentenceOf(error);
    if (sentence !== trouble) log(sentence);
    trouble = sentence;
    nextAt = clock.now() + backoff(failures, PATIENCE, random);
  };

  const stamp = async (checkpoint: SignedCheckpoint): Promise<void> => {
    try {
      last = { ...(await request(options, checkpoint, ended.signal)), size: checkpoint.size };
      if (trouble !== undefined) log('The time stamp authority stamps again.');
      trouble = undefined;
      failures = 0;
      nextAt = clock.now() + EVERY_MS;
    } catch (error) {
      failed(error);
    }
  };

  let running: Promise<void> | undefined = found(options).then(
    (standing) => {
      last = standing;
      nextAt = standing ? Date.parse(standing.at) + EVERY_MS : clock.now() + SOON_MS;
    },
    (error: unknown) => {
      log(`The time stamps that were kept cannot be read: ${messageOf(error)}`);
      nextAt = clock.now() + SOON_MS;
    },
  );

  const wake = (): void => {
    if (running || cancelTimer || ended.signal.aborted) return;
    const newest = checkpoints.newest();
    if (!newest || newest.size === 0 || newest.size === last?.size) return;
    // A clock that was set back must not stop it for long.
    const wait = Math.min(nextAt - clock.now(), EVERY_MS);
    if (wait > 0) {
      cancelTimer = clock.after(wait, () => {
        cancelTimer = undefined;
        nextAt = 0;
        wake();
      });
    } else {
      track(stamp(newest));
    }
  };

  const track = (work: Promise<void>): void => {
    running = work.finally(() => {
      running = undefined;
      wake();
    });
  };

  const unsubscribe = checkpoints.subscribe(wake);
  track(running);
  return {
    last: () => last,
    trouble: () => trouble,
    async close() {
      unsubscribe();
      ended.abort();
      cancelTimer?.();
      await running;
    },
  };
}

/** Asks for a stamp, checks it, and keeps it. */
async function request(
  { url, ca, save, clock, random, fetch: ask = fetch }: TimeStamperOptions,
  { size, note }: SignedCheckpoint,
  signal: AbortSignal,
): Promise<Omit<LastStamp, 'size'>> {
  const message = Buffer.from(note);
  const nonce = nonceFrom(random(NONCE_BYTES));
  const { status, body } = await post({
    url,
    type: 'application/timestamp-query',
    accept: 'application/timestamp-reply',
    body: timeStampRequest(message, nonce),
    limit: ANSWER_MAX,
    fetch: ask,
    clock,
    signal,
  });
  if (status !== 200) throw new PlacetError('bad_answer', `answered with status ${status}`);
  const { time, authority, trusted } = await checkTimeStamp({
    response: body,
    message,
    nonce,
    ...(ca === undefined ? {} : { ca }),
  });
  // In this order, so that what was stamped stands beside every stamp.
  await save(`${size}.checkpoint`, message);
  await save(`${size}.tsr`, body);
  return { at: time, authority, trusted };
}

/** The newest stamp of an earlier run; one that is not right counts as none, so that a new one is made. */
async function found({ dir, ca }: TimeStamperOptions): Promise<LastStamp | undefined> {
  const newest = await newestStamp(dir);
  if (!newest) return undefined;
  const { size, note, response } = newest;
  const { time, authority, trusted } = await checkTimeStamp({
    response,
    message: note,
    ...(ca === undefined ? {} : { ca }),
  });
  return { size, at: time, authority, trusted };
}

function sentenceOf(error: unknown): string {
  const told = messageOf(error);
  if (error instanceof ProofError) return `What the time stamp authority answered is not kept. ${told}`;
  if (error instanceof PlacetError) return `The time stamp authority ${told}.`;
  return `The time stamp cannot be kept: ${told}`;
}
