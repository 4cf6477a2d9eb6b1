import { ProofError } from '../../core/errors.ts';
import { consistencyProof, extendsTree } from '../../tlog/merkle.ts';
import { subtreesOf } from '../../tlog/tile.ts';
import { tilesIn } from '../prove.ts';
import type { BundleFiles } from './bundle-files.ts';
import type { Plan } from './plan.ts';
import type { Edge } from './span.ts';

/**
 * Writes the checkpoints at both ends, the proof that the second extends the first, and the edge of the first's tree,
 * from which the lines lead to the second's root.
 *
 * @throws ProofError `tile_missing`; `not_proven` where the tiles are not those of the lines
 */
export async function writeCheckpoints(
  { extent, start, end }: Plan,
  frontier: readonly Buffer[],
  files: BundleFiles,
): Promise<void> {
  if (start) await files.write('checkpoints/start.note', start.note);
  await files.write('checkpoints/end.note', end.note);
  const proof = start
    ? await consistencyProof(start.size, end.size, subtreesOf(end.size, tilesIn(extent.dir)))
    : [];
  if (start && !extendsTree(pinned(end), pinned(start), proof))
    throw new ProofError(
      'not_proven',
      'That the log only grew cannot be proven: its tiles are not those of its lines. "placet log rebuild" makes them anew, while no host runs.',
    );
  await files.write('checkpoints/consistency.txt', hashLines(proof));
  await files.write('checkpoints/frontier.txt', hashLines(frontier));
}

function pinned({ size, root }: Edge): { readonly size: number; readonly root: Buffer } {
  return { size, root: Buffer.from(root, 'base64') };
}

function hashLines(hashes: readonly Buffer[]): string {
  return hashes.map((hash) => `${hash.toString('base64')}\n`).join('');
}
