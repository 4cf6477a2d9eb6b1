import type { Clock } from '../core/clock.ts';
import { messageOf, ProofError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { diskReason, type Disk } from '../journal/disk.ts';
import { openCheckpoint, type OpenedCheckpoint } from '../tlog/checkpoint.ts';
import { EMPTY_ROOT, extendsTree } from '../tlog/merkle.ts';
import { formatNote, type Signer } from '../tlog/note.ts';
import { parseSubmission, type Submission } from '../tlog/submission.ts';
import type { LogList } from './log-list.ts';
import { openRecords, originHash, type Cosigned } from './records.ts';
import { openRefusals, type Disagreement } from './refusals.ts';

/** An HTTP answer, as C2SP tlog-witness prescribes it. */
export interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422 | 500;
  readonly body: string;
  /** Default `text/plain; charset=utf-8`. */
  readonly type?: 'text/x.tlog.size';
}

/** Cosigns checkpoints of logs that only ever grow. */
export interface Witness {
  /** @param body of a request to `add-checkpoint` */
  addCheckpoint(body: Uint8Array): Promise<Answer>;
  /** The newest cosigned checkpoint of the log with that origin hash. */
  checkpoint(originHash: string): string | undefined;
}

export interface WitnessOptions {
  readonly dir: string;
  readonly signer: Signer;
  readonly logs: LogList;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whoever opens one holds the folder's lock. @throws ProofError `record_damaged` */
export async function openWitness(options: WitnessOptions): Promise<Witness> {
  const { dir, signer, logs, disk, clock, log } = options;
  const records = await openRecords(disk, dir, signer.verifier);
  const refusals = openRefusals(disk, dir, clock, log);
  const queues = new Map<string, Promise<unknown>>();

  /** One after the other for each log, so that nothing comes between what is compared and what is set. */
  const inTurn = <T>(hash: string, task: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(hash) ?? Promise.resolve()).then(task, task);
    queues.set(hash, turn);
    const forget = (): void => {
      if (queues.get(hash) === turn) queues.delete(hash);
    };
    turn.then(forget, forget);
    return turn;
  };

  const cosign = async (submission: Submission, opened: OpenedCheckpoint): Promise<Answer> => {
    const { checkpoint, note, right } = opened;
    const known = records.get(originHash(checkpoint.origin));
    const judged = judge(submission, opened, known);
    if (judged.disagreement && known)
      await refusals.remember(judged.disagreement, known, { ...checkpoint, note: submission.checkpoint });
    if (judged.answer) return judged.answer;
    const line = signer.sign(note.text, Math.floor(clock.now() / 1000));
    try {
      await records.put({
        ...checkpoint,
        note: formatNote(note.text, [...right.map(({ line }) => line), line]),
      });
    } catch (error) {
      log(`Nothing is cosigned for ${checkpoint.origin}: ${diskReason(error)}.`);
      return { status: 500, body: 'The witness cannot write down what it would cosign. Try again later.\n' };
    }
    return { status: 200, body: `${line}\n` };
  };

  return {
    async addCheckpoint(body) {
      try {
        const submission = parseSubmission(new TextDecoder('utf-8', { fatal: true }).decode(body));
        const { origin } = openCheckpoint(submission.checkpoint, []).checkpoint;
        const keys = await logs.keysOf(origin);
        if (keys.length === 0) return { status: 404, body: 'This witness does not know the log.\n' };
        const opened = openCheckpoint(submission.checkpoint, keys);
        if (opened.right.length === 0 || opened.wrong.length > 0)
          return { status: 403, body: 'The checkpoint is not rightly signed by a key of the log.\n' };
        return await inTurn(originHash(origin), () => cosign(submission, opened));
      } catch (error) {
        if (error instanceof ProofError) return { status: 400, body: `${messageOf(error)}\n` };
        if (error instanceof TypeError) return { status: 400, body: 'The request is not UTF-8.\n' };
        throw error;
      }
    },
    checkpoint: (hash) => records.get(hash)?.note,
  };
}

/** Why a rightly signed checkpoint is not cosigned; nothing when it is. In the order of the specification. */
function judge(
  { old, proof }: Submission,
  { checkpoint }: OpenedCheckpoint,
  known: Cosigned | undefined,
): { readonly answer?: Answer; readonly disagreement?: Disagreement } {
  const { size, root } = checkpoint;
  const last = known ?? { size: 0, root: EMPTY_ROOT };
  if (old > size) return { answer: { status: 400, body: 'The old size is larger than the checkpoint’s.\n' } };
  const forked = known?.size === size && !known.root.equals(root);
  if (old !== last.size) {
    const disagreement = forked ? 'forked' : size < last.size ? 'smaller' : undefined;
    const answer: Answer = { status: 409, body: `${last.size}\n`, type: 'text/x.tlog.size' };
    return disagreement ? { answer, disagreement } : { answer };
  }
  if (forked)
    return { answer: refused('It has another root than the one cosigned.'), disagreement: 'forked' };
  if (size === 0 && !root.equals(EMPTY_ROOT))
    return { answer: refused('A log without entries has another root.') };
  if (old === 0 && proof.length > 0)
    return { answer: refused('There is nothing to prove from an old size of 0.') };
  if (old === 0 || extendsTree(checkpoint, last, proof)) return {};
  return {
    answer: refused('The proof does not lead from the old root to this one.'),
    // Something to say of as many entries under the same root proves nothing against the log.
    ...(size === old ? {} : { disagreement: 'unproven' }),
  };
}

function refused(why: string): Answer {
  return { status: 422, body: `The checkpoint is not consistent with the one cosigned last. ${why}\n` };
}
