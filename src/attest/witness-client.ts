import { backoff } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { Checkpoints, SignedCheckpoint } from '../journal/checkpoints.ts';
import type { TreeView } from '../journal/journal.ts';
import { consistencyProof } from '../tlog/merkle.ts';
import { checkNote, parseNote, parseVerifier, type Verifier } from '../tlog/note.ts';
import { formatSubmission } from '../tlog/submission.ts';
import { subtreesOf } from '../tlog/tile.ts';
import { PATIENCE } from './patience.ts';
import { cosignatureIn, type Cosignature } from './cosignatures.ts';
import { post, type Fetch, type Posted } from './post.ts';

export interface WitnessClientOptions {
  readonly witnesses: readonly { readonly vkey: string; readonly url: string }[];
  readonly checkpoints: Pick<Checkpoints, 'newest' | 'subscribe' | 'addCosignatures'>;
  readonly tree: Pick<TreeView, 'tile'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default: Node's. */
  readonly fetch?: Fetch;
}

/** How things stand with one witness. */
export interface WitnessState {
  /** Of its key. */
  readonly name: string;
  readonly host: string;
  /** The newest checkpoint that it cosigned, as far as is known since the start; absent before the first. */
  readonly size?: number;
  /** When it did, by its own clock. RFC 3339, UTC. */
  readonly at?: string;
  /** One sentence, while the newest checkpoint cannot be cosigned. */
  readonly trouble?: string;
}

export interface WitnessClient {
  /** In the order of the settings. */
  state(): readonly WitnessState[];
  /** Asks nobody any more; resolves when nothing is under way. */
  close(): Promise<void>;
}

/** Between two submissions to one witness, however fast checkpoints are signed. */
const SPACING_MS = 1000;
/** More cosignature lines than any witness has keys. */
const ANSWER_MAX = 16 * 1024;
/** How often in a row a witness may correct the size that it is believed to have. */
const CORRECTIONS_MAX = 3;

/**
 * Has every new checkpoint cosigned by each witness, the newest first and one at a time. Nothing ever waits for it,
 * and nothing that a witness answers can make it throw.
 *
 * @throws ProofError `bad_key` when one of the configured keys is none
 */
export function askWitnesses(options: WitnessClientOptions): WitnessClient {
  const lanes = options.witnesses.map(({ vkey, url }) => openLane(options, parseVerifier(vkey), url));
  const unsubscribe = options.checkpoints.subscribe(() => {
    for (const lane of lanes) lane.wake();
  });
  for (const lane of lanes) lane.wake();
  return {
    state: () => lanes.map((lane) => lane.state()),
    async close() {
      unsubscribe();
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

interface Lane {
  wake(): void;
  state(): WitnessState;
  close(): Promise<void>;
}

function openLane(options: WitnessClientOptions, witness: Verifier, url: string): Lane {
  const { checkpoints, clock, random, log } = options;
  const ended = new AbortController();
  const { host } = new URL(url);
  let done: { readonly size: number; readonly at: string } | undefined;
  /** What the witness cosigned last, as far as it is known. */
  let known = 0;
  let trouble: string | undefined;
  let failures = 0;
  let running: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;

  const succeeded = ({ size }: SignedCheckpoint, time: number): void => {
    known = size;
    done = { size, at: new Date(time * 1000).toISOString() };
    if (trouble !== undefined) log(`The witness ${witness.name} cosigns again.`);
    trouble = undefined;
    failures = 0;
  };

  const later = (ms: number): void => {
    cancelTimer = clock.after(ms, () => {
      cancelTimer = undefined;
      wake();
    });
  };

  const round = async (): Promise<void> => {
    const newest = checkpoints.newest();
    if (!newest || newest.size === done?.size) return;
    try {
      const standing = cosignedBefore(newest, witness);
      if (standing !== undefined) return succeeded(newest, standing);
      const cosignature = await submit(newest);
      later(SPACING_MS);
      if (!cosignature) return;
      await keep(newest, cosignature.line);
      succeeded(newest, cosignature.time);
    } catch (error) {
      if (ended.signal.aborted) return;
      failures += 1;
      const sentence = `The witness ${witness.name} at ${host} ${messageOf(error).replace(/\.$/, '')}.`;
      if (sentence !== trouble) log(sentence);
      trouble = sentence;
      cancelTimer?.();
      later(backoff(failures, PATIENCE, random));
    }
  };

  /** Nothing when the witness is ahead of this checkpoint, and another one is not: somebody else showed it that. */
  const submit = async (checkpoint: SignedCheckpoint): Promise<Cosignature | undefined> => {
    for (let corrections = 0; ; corrections += 1) {
      const old = known;
      const answer = await send(checkpoint, old);
      if (answer.status === 200) return cosignatureIn(answer.body.toString(), checkpoint.note, witness);
      known = sizeIn(answer, checkpoints.newest()?.size ?? checkpoint.size);
      if (known < (done?.size ?? 0))
        log(
          `The witness ${witness.name} forgot what it cosigned: it had ${done?.size} entries, and says ${known}.`,
        );
      if (known > checkpoint.size) return undefined;
      if (known === old || corrections === CORRECTIONS_MAX)
        throw new PlacetError('bad_answer', 'refuses every size that it is given, also its own');
    }
  };

  const keep = async (checkpoint: SignedCheckpoint, line: string): Promise<void> => {
    try {
      await checkpoints.addCosignatures(checkpoint, [line]);
    } catch (error) {
      throw new PlacetError('unkept', `cosigned what cannot be kept: ${messageOf(error)}`, { cause: error });
    }
  };

  const send = async (checkpoint: SignedCheckpoint, old: number): Promise<Posted> => {
    const proof = await proofOf(old, checkpoint.size);
    return post({
      url: `${url}/add-checkpoint`,
      type: 'text/plain; charset=utf-8',
      body: Buffer.from(formatSubmission({ old, proof, checkpoint: checkpoint.note })),
      limit: ANSWER_MAX,
      fetch: options.fetch ?? fetch,
      clock,
      signal: ended.signal,
    });
  };

  const proofOf = async (old: number, size: number) => {
    try {
      return await consistencyProof(old, size, subtreesOf(size, options.tree.tile));
    } catch (error) {
      throw new PlacetError('no_proof', `was not asked, as the tree cannot be read: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };

  const wake = (): void => {
    if (running || cancelTimer || ended.signal.aborted) return;
    running = round().finally(() => {
      running = undefined;
      // One that was signed meanwhile; where a timer waits, it will see to it.
      if (checkpoints.newest()?.size !== done?.size) wake();
    });
  };

  return {
    wake,
    state: () => ({
      name: witness.name,
      host,
      ...done,
      ...(trouble === undefined ? {} : { trouble }),
    }),
    async close() {
      ended.abort();
      cancelTimer?.();
      await running;
    },
  };
}

/** When this witness cosigned it already, before a restart; seconds since the epoch. */
function cosignedBefore({ note }: SignedCheckpoint, witness: Verifier): number | undefined {
  return checkNote(parseNote(note), [witness]).right[0]?.time;
}

/**
 * The size that a refusal names.
 *
 * @param size of the log's newest checkpoint
 * @throws PlacetError a sentence without a subject
 */
function sizeIn({ status, type, body }: Posted, size: number): number {
  if (status === 409 && type.split(';')[0]?.trim() === 'text/x.tlog.size') {
    const named = /^(0|[1-9]\d{0,15})\n$/.exec(body.toString())?.[1];
    if (named !== undefined && Number(named) <= size) return Number(named);
    if (named !== undefined)
      throw new PlacetError(
        'log_behind',
        `says that it cosigned ${named} entries of this log, which has only ${size}: entries are missing here, or the witness is wrong. Run \`placet log verify\``,
      );
  }
  throw new PlacetError('bad_answer', reasonOf(status));
}

function reasonOf(status: number): string {
  switch (status) {
    case 403:
      return 'does not accept the log’s key (403): give it the one that `placet log key` prints';
    case 404:
      return 'does not know this log (404): give it the key that `placet log key` prints';
    case 422:
      return 'says that the log does not extend what it cosigned before (422): the log was changed, or the witness is wrong. Run `placet log verify`';
    default:
      return `answered with status ${status}`;
  }
}
