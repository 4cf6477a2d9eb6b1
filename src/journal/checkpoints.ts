import type { Checkpoint } from '../tlog/checkpoint.ts';
import type { Verifier } from '../tlog/note.ts';

/** A checkpoint that was signed and is kept durably: only such a one may leave the host. */
export interface SignedCheckpoint extends Checkpoint {
  /** The signed note, with the cosignatures of witnesses that have come in. */
  readonly note: string;
  /** When it was signed. RFC 3339, UTC. */
  readonly at: string;
}

/** Signs what the log has come to. */
export interface Checkpoints {
  /** The newest; nothing before the first. */
  newest(): SignedCheckpoint | undefined;
  /**
   * A checkpoint over everything that is durable when it is called, or over more. MUST NOT sign a tree that is
   * smaller than one that was signed before or does not begin with it, and MUST NOT resolve before what it signed is
   * on the disk.
   *
   * @throws JournalError `checkpoint_unwritable`, `checkpoint_contradicted`, `journal_closed`; as the tree's `tile`
   *   and `publish`
   */
  cover(): Promise<SignedCheckpoint>;
  /** The key in force. */
  verifier(): Verifier;
  /**
   * Goes on under a new key, journalled as `log.key`; the next checkpoint is signed by both, and then the key before
   * it is destroyed. When this throws after the key was journalled, that checkpoint follows by itself.
   *
   * @throws JournalError as `cover` and the journal's `append`; `key_unusable`
   */
  rotate(reason: string): Promise<Verifier>;
  /**
   * Adds signature lines of witnesses to one of the last checkpoints, that of this size and root; of a key whose
   * signature it has, none is added. Whether they are right is for the caller.
   *
   * @throws ProofError `unknown_checkpoint`, `bad_cosignature`, `bad_note`
   * @throws JournalError `checkpoint_unwritable`, `journal_closed`
   */
  addCosignatures(checkpoint: Checkpoint, lines: readonly string[]): Promise<void>;
  /** Told of each newly signed checkpoint. @returns a function that ends it */
  subscribe(listener: (checkpoint: SignedCheckpoint) => void): () => void;
  /** Nothing while signing succeeds; otherwise one sentence that says why it does not. */
  trouble(): string | undefined;
  /** Signs the last one. */
  close(): Promise<void>;
}
