import { ProofError } from '../core/errors.ts';
import { HASH_BYTES, type Pinned } from './merkle.ts';
import { base64, checkNote, parseNote, type NoteCheck, type SignedNote, type Verifier } from './note.ts';

/** A log's statement of how many entries it has and under which root they stand (C2SP tlog-checkpoint). */
export interface Checkpoint extends Pinned {
  /** Which log it is: the name of its keys. */
  readonly origin: string;
}

/** The text of a checkpoint, which is signed as a note. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

export interface OpenedCheckpoint extends NoteCheck {
  readonly checkpoint: Checkpoint;
  readonly note: SignedNote;
}

/**
 * Reads a checkpoint and checks those of its signatures that are by the given keys.
 *
 * @throws ProofError `bad_note`, `bad_checkpoint` when it cannot be read; whether anybody signed it is for the caller
 */
export function openCheckpoint(text: string, verifiers: readonly Verifier[]): OpenedCheckpoint {
  const note = parseNote(text);
  const checkpoint = parseCheckpoint(note.text);
  return { checkpoint, note, ...checkNote(note, verifiers) };
}

/** @throws ProofError `bad_checkpoint` */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : [];
  const [origin = '', size = '', encoded = ''] = lines;
  const root = base64(encoded);
  if (
    origin === '' ||
    !/^(?:0|[1-9]\d{0,15})$/.test(size) ||
    root?.length !== HASH_BYTES ||
    lines.includes('')
  )
    throw new ProofError('bad_checkpoint', 'This is no checkpoint: it lacks an origin, a size or a root.');
  const checkpoint = { origin, size: Number(size), root };
  if (Number.isSafeInteger(checkpoint.size)) return checkpoint;
  throw new ProofError('bad_checkpoint', 'This is no checkpoint: no log is of such a size.');
}
