import { timestamp, type Clock } from '../core/clock.ts';
import { JournalError, messageOf, PlacetError, ProofError } from '../core/errors.ts';
import type { Entry } from '../core/entry.ts';
import { checkpointText, parseCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import { consistencyProof, extendsTree, type Pinned } from '../tlog/merkle.ts';
import { formatNote, type Verifier } from '../tlog/note.ts';
import { subtreesOf } from '../tlog/tile.ts';
import { CheckpointHistory, readHistoryTail } from './checkpoint-history.ts';
import { scheduleCheckpoints, type CheckpointSchedule } from './checkpoint-schedule.ts';
import type { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
import { cosigned } from './cosigned.ts';
import { diskReason, realDisk, type Disk } from './disk.ts';
import type { Journal } from './journal.ts';
import { readLastSigned } from './last-signed.ts';
import { LogSigner, type LogSignerOptions } from './log-signer.ts';

export interface CheckpointFilesOptions extends Omit<LogSignerOptions, 'disk' | 'journal'> {
  /** The journal's folder, in which the checkpoints are kept, such as `data/journal`. */
  readonly dir: string;
  readonly journal: Pick<Journal, 'append' | 'sync' | 'tree'>;
  /** Tells of each durable entry. */
  readonly changes: { subscribe(listener: (entry: Entry) => void): () => void };
  readonly clock: Clock;
  /** The system calls; for tests. */
  readonly disk?: Disk;
}

/** Of how many of the last checkpoints cosignatures are taken. */
const RECENT = 64;

/**
 * Opens what signs the log, over an open journal: makes the log's key where there is none, and a first checkpoint.
 * `checkpoint` is the newest, `checkpoints.log` the history of all.
 *
 * @throws JournalError `log_key_lost`, `key_unusable`, `checkpoint_contradicted`, `checkpoint_unwritable`
 */
export async function openCheckpoints(options: CheckpointFilesOptions): Promise<Checkpoints> {
  const { dir, disk = realDisk, log } = options;
  const last = await readLastSigned(options);
  // The first key stands among the first entries, and all that was ever signed begins with it.
  if (last && options.custody().logKey === null) throw contradicted(last.size, 'names no key');
  const signer = await LogSigner.open({ ...options, disk });
  let opened: { abandon(): Promise<void> } | undefined;
  try {
    const tail = await readHistoryTail(dir);
    if (tail && tail.torn > 0) log('The last line of checkpoints.log was torn and is cut off.');
    if (tail && tail.damaged > 0)
      log('The last line of checkpoints.log is damaged: `placet log verify` says more.');
    const history = await CheckpointHistory.open({ disk, dir, tail });
    opened = { abandon: () => history.close() };
    if (last && !tail?.notes.some(({ note }) => note === last.note)) await history.append(last);
    const checkpoints = new CheckpointFiles({ ...options, signer, history, last });
    opened = checkpoints;
    await checkpoints.cover();
    return checkpoints;
  } catch (error) {
    await opened?.abandon().catch(() => undefined);
    throw refused(error);
  }
}

interface Parts extends CheckpointFilesOptions {
  readonly signer: LogSigner;
  readonly history: CheckpointHistory;
  readonly last: SignedCheckpoint | undefined;
}

class CheckpointFiles implements Checkpoints {
  readonly #parts: Parts;
  readonly #schedule: CheckpointSchedule;
  readonly #listeners = new Set<(checkpoint: SignedCheckpoint) => void>();
  /** By size. */
  readonly #recent = new Map<number, SignedCheckpoint>();
  /** The largest tree that was ever signed, whether or not its note could be kept. */
  #signed: Pinned | undefined;
  #newest: SignedCheckpoint | undefined;
  /** The last that the history took; its tiles may still have to be written. */
  #kept: SignedCheckpoint | undefined;
  /** What stands in `checkpoint`. */
  #placed: string | undefined;
  #trouble: JournalError | undefined;
  /** One thing at a time; never rejects. */
  #busy: Promise<unknown> = Promise.resolve();
  /** A checkpoint that was asked for and is not begun. */
  #queued: Promise<SignedCheckpoint> | undefined;
  #rotating: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#signed = parts.last;
    if (parts.last) this.#remember(parts.last);
    this.#schedule = scheduleCheckpoints({ ...parts, cover: () => this.cover() });
  }

  newest(): SignedCheckpoint | undefined {
    return this.#newest;
  }

  verifier(): Verifier {
    return this.#parts.signer.inForce().verifier;
  }

  trouble(): string | undefined {
    return this.#trouble?.message;
  }

  subscribe(listener: (checkpoint: SignedCheckpoint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async cover(): Promise<SignedCheckpoint> {
    this.#mustBeOpen();
    this.#queued ??= this.#alone(() => {
      this.#queued = undefined;
      return this.#attempt();
    });
    return this.#queued;
  }

  async rotate(reason: string): Promise<Verifier> {
    const turn = this.#rotating.then(async () => {
      this.#mustBeOpen();
      const { signer } = this.#parts;
      // The key before the last one is destroyed only when a checkpoint is signed by both.
      if (signer.owes()) await this.cover();
      await signer.succeed(reason);
      await this.cover();
      return this.verifier();
    });
    this.#rotating = turn.catch(() => undefined);
    return turn;
  }

  addCosignatures(checkpoint: Checkpoint, lines: readonly string[]): Promise<void> {
    return this.#alone(async () => {
      this.#mustBeOpen();
      const kept = this.#recent.get(checkpoint.size);
      if (kept?.origin !== checkpoint.origin || !kept.root.equals(checkpoint.root))
        throw new ProofError(
          'unknown_checkpoint',
          `No checkpoint of ${checkpoint.size} entries and that root was signed lately.`,
        );
      const more = cosigned(kept, lines);
      if (!more) return;
      try {
        await this.#parts.history.write(more);
        this.#remember(more);
        if (this.#newest?.size !== more.size) return;
        this.#newest = more;
        await this.#place(more);
      } catch (error) {
        throw refused(error);
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Signs nothing more. */
  async abandon(): Promise<void> {
    this.#schedule.close();
    this.#closed = true;
    await this.#busy;
    await this.#parts.history.close();
  }

  async #close(): Promise<void> {
    try {
      await this.#parts.journal.sync();
    } finally {
      try {
        await this.cover();
      } finally {
        await this.abandon();
      }
    }
  }

  async #attempt(): Promise<SignedCheckpoint> {
    this.#schedule.begun();
    try {
      const checkpoint = await this.#sign();
      this.#trouble = undefined;
      return checkpoint;
    } catch (error) {
      const trouble = refused(error);
      if (trouble.message !== this.#trouble?.message) this.#parts.log(trouble.message);
      this.#trouble = trouble;
      this.#schedule.failed();
      throw trouble;
    }
  }

  async #sign(): Promise<SignedCheckpoint> {
    const { signer, journal, history, clock } = this.#parts;
    // In one turn: a checkpoint is signed by the key that stands in force among its entries.
    const pinned = journal.tree.pinned();
    const by = signer.inForce();
    await this.#mustExtend(pinned);
    let checkpoint = this.#recent.get(pinned.size) ?? this.#keptOf(pinned.size);
    if (!checkpoint) {
      const text = checkpointText({ origin: signer.origin, ...pinned });
      this.#signed = pinned;
      const note = formatNote(text, signer.sign(by, text, Math.floor(clock.now() / 1000)));
      checkpoint = { ...parseCheckpoint(text), note, at: timestamp(clock) };
      await history.append({ at: checkpoint.at, note });
      this.#kept = checkpoint;
    }
    if (!this.#recent.has(pinned.size)) {
      await journal.tree.publish(pinned.size);
      this.#remember(checkpoint);
    }
    await this.#place(checkpoint);
    if (this.#newest?.size !== checkpoint.size) this.#tell(checkpoint);
    await signer.settle(by);
    return checkpoint;
  }

  #keptOf(size: number): SignedCheckpoint | undefined {
    return this.#kept?.size === size ? this.#kept : undefined;
  }

  /** @throws JournalError `checkpoint_contradicted` */
  async #mustExtend(pinned: Pinned): Promise<void> {
    const signed = this.#signed;
    if (!signed) return;
    if (signed.size <= pinned.size) {
      const subtrees = subtreesOf(pinned.size, this.#parts.journal.tree.tile);
      const proof = await consistencyProof(signed.size, pinned.size, subtrees);
      if (extendsTree(pinned, signed, proof)) return;
    }
    throw contradicted(signed.size, `has a tree of ${pinned.size} that does not begin with it`);
  }

  async #place(checkpoint: SignedCheckpoint): Promise<void> {
    if (this.#placed === checkpoint.note) return;
    await this.#parts.history.place(checkpoint.note);
    this.#placed = checkpoint.note;
  }

  #remember(checkpoint: SignedCheckpoint): void {
    this.#recent.set(checkpoint.size, checkpoint);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > RECENT && oldest !== undefined) this.#recent.delete(oldest);
  }

  #tell(checkpoint: SignedCheckpoint): void {
    this.#newest = checkpoint;
    for (const listener of this.#listeners) {
      try {
        listener(checkpoint);
      } catch (error) {
        this.#parts.log(`Something failed on hearing of a checkpoint: ${messageOf(error)}`);
      }
    }
  }

  #mustBeOpen(): void {
    if (this.#closed)
      throw new JournalError('journal_closed', 'Nothing more is signed: the host is stopping.');
  }

  #alone<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(task);
    this.#busy = done.catch(() => undefined);
    return done;
  }
}

function contradicted(size: number, why: string): JournalError {
  return new JournalError(
    'checkpoint_contradicted',
    `A checkpoint of ${size} entries was signed, and the journal ${why}: nothing more is signed. \`placet log verify\` says what is wrong; restore the folder from a backup or, where only tiles are damaged, run \`placet log rebuild\`.`,
  );
}

function refused(error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const why = error instanceof PlacetError ? messageOf(error) : diskReason(error);
  return new JournalError(
    'checkpoint_unwritable',
    `The log's checkpoints cannot be written: ${why}. Nothing new is signed until they can be; it goes on by itself.`,
    { cause: error },
  );
}
