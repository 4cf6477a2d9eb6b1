import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError, PlacetError } from '../core/errors.ts';
import type { Pinned } from '../tlog/merkle.ts';
import { diskReason, realDisk, type Disk } from './disk.ts';
import { readLines } from './line-reader.ts';
import { lockFolder } from './lock.ts';
import { LogTree } from './log-tree.ts';
import { replay } from './replay.ts';
import { damaged, listSegments, SegmentIndex, segmentName } from './segments.ts';

export interface RebuildOptions {
  /** The folder of the segments, such as `data/journal`. */
  readonly dir: string;
  /** Told now and then how many entries were hashed. */
  readonly onProgress?: (entries: number) => void;
  readonly disk?: Disk;
}

/**
 * Makes all tiles of the log anew from its lines, under the journal's lock. Lines of the last segment that are no
 * whole append are left out, as the next start leaves them out.
 *
 * @returns the tree that the lines make: whether it is the one that was signed, `placet log verify` says
 * @throws JournalError `journal_missing`, `workspace_in_use`, `journal_damaged`, `tiles_unwritable`
 */
export async function rebuildTiles({ dir, onProgress, disk = realDisk }: RebuildOptions): Promise<Pinned> {
  const firsts = await segmentsIn(dir);
  const lock = await lockFolder(dir);
  try {
    const old = join(dir, 'tile.old');
    // At once, so that nobody takes what is left of an interrupted removal for the tiles of the log.
    await rm(old, { recursive: true, force: true });
    await rename(join(dir, 'tile'), old).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
    const tree = LogTree.empty({ disk, dir });
    await hashLines({ dir, firsts, tree, onProgress });
    await tree.persist();
    await rm(old, { recursive: true, force: true });
    return tree.pinned();
  } catch (error) {
    if (error instanceof PlacetError) throw error;
    throw new JournalError('tiles_unwritable', `The tiles cannot be made: ${diskReason(error)}.`, {
      cause: error,
    });
  } finally {
    await lock.release();
  }
}

interface Hashing {
  readonly dir: string;
  readonly firsts: readonly number[];
  readonly tree: LogTree;
  readonly onProgress: RebuildOptions['onProgress'];
}

/** Each segment but the last was whole when the next one was begun. */
async function hashLines({ dir, firsts, tree, onProgress }: Hashing): Promise<void> {
  const last = firsts.at(-1) ?? 0;
  for (const first of firsts) {
    if (first !== tree.size) {
      throw damaged(segmentName(first), undefined, `the entries from ${tree.size} on are missing before it`);
    }
    if (first === last) break;
    for await (const lines of readLines(join(dir, segmentName(first)))) {
      for (const line of lines) tree.add(line);
      await tree.flush();
    }
    onProgress?.(tree.size);
  }
  await replay({
    index: new SegmentIndex(dir),
    firsts: [last],
    from: { size: last, segment: last, offset: 0 },
    apply: (_entry, line) => tree.add(line),
    settle: () => tree.flush(),
  });
  onProgress?.(tree.size);
}

async function segmentsIn(dir: string): Promise<readonly number[]> {
  const there = await stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const { firsts, strange } = there ? await listSegments(dir) : { firsts: [], strange: [] };
  if (strange[0] !== undefined)
    throw damaged(strange[0], undefined, 'no segment has such a name, or it is no file');
  if (firsts.length > 0) return firsts;
  throw new JournalError(
    'journal_missing',
    `There is no journal in ${dir}: no host has run for this workspace.`,
  );
}
