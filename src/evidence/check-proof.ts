import type { Entry } from '../core/entry.ts';
import { ProofError } from '../core/errors.ts';
import { decodeLine } from '../journal/line.ts';
import { openCheckpoint } from '../tlog/checkpoint.ts';
import { includes, leafHash } from '../tlog/merkle.ts';
import type { Verifier } from '../tlog/note.ts';
import { parseProof } from '../tlog/proof.ts';

export interface CheckedProof {
  readonly entry: Entry;
  /** Of the checkpoint. */
  readonly origin: string;
  readonly size: number;
  /** The keys, of those given, that signed it; a cosignature with its time in seconds since the epoch. */
  readonly signed: readonly { readonly key: string; readonly time?: number }[];
  /** In whose names it is signed otherwise, and the ids of those keys. */
  readonly unchecked: readonly string[];
}

/**
 * Checks a proof of an entry with nothing but the proof and keys: that the entry which it holds leads to the root of
 * the checkpoint which it holds.
 *
 * @throws ProofError `bad_proof`, `not_proven`, `bad_note`, `bad_checkpoint`, `bad_signature`
 */
export function checkProof(text: string, keys: readonly Verifier[]): CheckedProof {
  const { extra, index, hashes, checkpoint: note } = parseProof(text);
  if (!extra)
    throw new ProofError('bad_proof', 'The proof does not hold its entry, so it does not stand alone.');
  const { checkpoint, note: parsed, right, wrong } = openCheckpoint(note, keys);
  if (wrong.length > 0)
    throw new ProofError(
      'bad_signature',
      `The signature of ${wrong.join(', ')} is not by the key that was given: it, or the checkpoint, was changed.`,
    );
  const { entry, fault } = decodeLine(extra);
  if (!entry) throw new ProofError('not_proven', `What the proof holds is no entry: ${fault.why}.`);
  if (entry.seq !== index)
    throw new ProofError(
      'not_proven',
      `The entry says that it is the ${entry.seq}., and the proof that it is the ${index}.`,
    );
  if (!includes(checkpoint, index, leafHash(extra), hashes))
    throw new ProofError(
      'not_proven',
      `The entry ${index} does not lead to the root of the checkpoint: it, the proof or the checkpoint was changed.`,
    );
  return {
    entry,
    origin: checkpoint.origin,
    size: checkpoint.size,
    signed: right.map(({ verifier, time }) => ({
      key: verifier.vkey,
      ...(time === undefined ? {} : { time }),
    })),
    unchecked: parsed.signatures
      .filter(({ line }) => !right.some((each) => each.line === line))
      .map(({ name, id }) => `${name}+${id}`),
  };
}
