import { ProofError } from '../core/errors.ts';
import { formatNote, parseNote, parseSignature } from '../tlog/note.ts';
import type { SignedCheckpoint } from './checkpoints.ts';

/** A note holds no more. */
const SIGNATURES_MAX = 64;

/**
 * The checkpoint with these lines of witnesses; of a key whose signature it has, none is added. Whether they are right
 * is for the caller.
 *
 * @returns nothing when it has all of them
 * @throws ProofError `bad_note`, `bad_cosignature`
 */
export function cosigned(
  checkpoint: SignedCheckpoint,
  lines: readonly string[],
): SignedCheckpoint | undefined {
  const { text, signatures } = parseNote(checkpoint.note);
  const all = new Map(signatures.map((signature) => [`${signature.name} ${signature.id}`, signature.line]));
  for (const line of lines) {
    const { name, id } = parseSignature(line);
    if (name === checkpoint.origin)
      throw new ProofError('bad_cosignature', 'Only the log itself signs in its own name.');
    if (!all.has(`${name} ${id}`)) all.set(`${name} ${id}`, line);
  }
  if (all.size === signatures.length) return undefined;
  if (all.size > SIGNATURES_MAX)
    throw new ProofError('bad_cosignature', `A note takes ${SIGNATURES_MAX} signatures and no more.`);
  return { ...checkpoint, note: formatNote(text, [...all.values()]) };
}
