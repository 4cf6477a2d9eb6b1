import { ProofError } from '../core/errors.ts';
import { openCheckpoint } from './checkpoint.ts';
import { inclusionProof, includes, leafHash } from './merkle.ts';
import { formatProof } from './proof.ts';
import { subtreesOf, type ReadTile } from './tile.ts';

export interface EntryToProve {
  readonly index: number;
  /** The entry's bytes, without a line feed. */
  readonly line: Uint8Array;
  /** The signed note of a checkpoint that covers the entry. */
  readonly checkpoint: string;
  readonly readTile: ReadTile;
}

/**
 * That the entry stands in the log (C2SP tlog-proof), with the entry itself, so that it can be checked alone. A proof
 * that does not hold is not given out.
 *
 * @throws ProofError `not_covered`; `not_proven` where the tiles or the line are not those that were signed;
 * `bad_note`, `bad_checkpoint`
 * @throws what `readTile` throws
 */
export async function proveEntry({ index, line, checkpoint, readTile }: EntryToProve): Promise<string> {
  const signed = openCheckpoint(checkpoint, []).checkpoint;
  if (index >= signed.size)
    throw new ProofError(
      'not_covered',
      `The entry ${index} is newer than the checkpoint, which covers ${signed.size}: ask again when a newer one is signed.`,
    );
  const hashes = await inclusionProof(index, signed.size, subtreesOf(signed.size, readTile));
  if (!includes(signed, index, leafHash(line), hashes))
    throw new ProofError(
      'not_proven',
      `The entry ${index} cannot be proven: the line or the tiles are not those under the checkpoint of ${signed.size} entries. Run placet log verify.`,
    );
  return formatProof({ extra: Buffer.from(line), index, hashes, checkpoint });
}
