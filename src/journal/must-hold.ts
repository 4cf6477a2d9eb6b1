import { PlacetError, type JournalError } from '../core/errors.ts';
import { HASH_BYTES, type Pinned } from '../tlog/merkle.ts';
import { TILE_WIDTH } from '../tlog/tile.ts';
import type { HeadMark } from './head-mark.ts';
import type { LogTree } from './log-tree.ts';
import { damaged, segmentName, type SegmentIndex } from './segments.ts';

/** What was said of the journal before, and must still be true of it. */
export interface Said {
  readonly mark: HeadMark | undefined;
  /** The tree of the newest checkpoint that was signed. */
  readonly checkpoint: Pinned | undefined;
}

export interface MustHoldOptions {
  readonly tree: LogTree;
  readonly index: SegmentIndex;
  /** Makes the tree anew from the lines, in case it is the tiles that are wrong. */
  readonly hashAnew: () => Promise<LogTree>;
}

/**
 * The tree of a journal that still holds what was said of it.
 *
 * @throws JournalError `journal_damaged`
 */
export async function mustHold(said: Said, { tree, index, hashAnew }: MustHoldOptions): Promise<LogTree> {
  const at = segmentName(index.all.at(-1)?.first ?? 0);
  const { mark, checkpoint } = said;
  const gone = (others: string): JournalError =>
    damaged(at, undefined, `it ends after ${tree.size} entries, and ${others}; the last ones are gone`);
  if (mark && tree.size < mark.size) throw gone(`${mark.size} were acknowledged`);
  if (checkpoint && tree.size < checkpoint.size)
    throw gone(`the newest signed checkpoint covers ${checkpoint.size}`);
  if ((await contradicted(said, tree)) === undefined) return tree;
  const anew = await hashAnew();
  const why = await contradicted(said, anew);
  if (why === undefined) return anew;
  throw damaged(at, undefined, why);
}

/** Which of what was said is not true of this tree. */
async function contradicted({ mark, checkpoint }: Said, tree: LogTree): Promise<string | undefined> {
  try {
    if (checkpoint && !(await tree.rootAt(checkpoint.size)).equals(checkpoint.root))
      return `its first ${checkpoint.size} entries are not those of the newest signed checkpoint`;
    if (mark && !(await leafOf(tree, mark.size - 1)).equals(mark.leaf))
      return `entry ${mark.size - 1} is not the one that was acknowledged`;
    return undefined;
  } catch (error) {
    if (error instanceof PlacetError) return error.message;
    throw error;
  }
}

async function leafOf(tree: LogTree, seq: number): Promise<Buffer> {
  const index = Math.floor(seq / TILE_WIDTH);
  const width = (seq % TILE_WIDTH) + 1;
  const bytes = await tree.tile({ level: 0, index, width });
  return Buffer.from(bytes.subarray((width - 1) * HASH_BYTES, width * HASH_BYTES));
}
