import type { Entry } from '../../core/entry.ts';
import { JournalError } from '../../core/errors.ts';
import { decodeFast } from '../fast-decode.ts';
import { placeOf, type Extent } from '../extent.ts';
import { oneRoom, segmentBatches, type LineBatch } from '../line-batches.ts';
import { TreeHasher } from '../tree-hasher.ts';
import type { BundleFile } from './bundle-files.ts';
import type { Edge } from './span.ts';

export interface LinesPassOptions {
  readonly extent: Extent;
  /** Nothing where the bundle begins with the log. */
  readonly start: Edge | undefined;
  readonly end: Edge;
  /** Entries before this one are read. */
  readonly to: number;
  /** Takes the lines from `start` to `end`, as they stand. */
  readonly lines: BundleFile;
  readonly take: (entry: Entry) => void;
  /** Waited for now and then. */
  readonly settle: () => Promise<void>;
  readonly onProgress: ((entries: number, of: number) => void) | undefined;
}

/**
 * Reads the journal's lines once, from the first to those under the last checkpoint.
 *
 * @returns the right edge of the tree at the start: the roots of its perfect trees, the widest first
 * @throws JournalError `journal_damaged` where a line is no entry, or the lines are not those that were signed
 */
export async function passOverLines(options: LinesPassOptions): Promise<readonly Buffer[]> {
  const { extent, start, end, to, lines, take, settle, onProgress } = options;
  const tree = new TreeHasher();
  const first = start?.size ?? 0;
  let frontier: readonly Buffer[] = [];
  const room = oneRoom();
  for (const segment of extent.firsts) {
    if (tree.size >= end.size) break;
    if (segment !== tree.size)
      throw damaged(extent, tree.size, `entry ${segment} follows the ${tree.size}. line`);
    const isLast = segment === extent.firsts.at(-1);
    const batches = segmentBatches({
      dir: extent.dir,
      segment,
      end: isLast ? extent.lastBytes : Number.POSITIVE_INFINITY,
      room,
      onCut: () => undefined,
    });
    for await (const batch of batches) {
      const count = Math.min(batch.ends.length, end.size - batch.first);
      const from = Math.max(0, first - batch.first);
      if (from < count) await lines.write(linesIn(batch, from, count));
      for (let at = 0; at < count && batch.first + at < to; at += 1) take(entryOf(batch, at, extent));
      const cut = first - batch.first;
      if (cut > 0 && cut <= count) {
        tree.add(batch, 0, cut);
        frontier = edgeIn(tree, start, extent);
      }
      tree.add(batch, Math.max(0, cut > count ? 0 : cut), count);
      await settle();
      onProgress?.(tree.size, end.size);
      if (count < batch.ends.length) break;
    }
  }
  if (tree.size < end.size)
    throw damaged(
      extent,
      tree.size,
      `a checkpoint was signed over ${end.size} entries, and no more stand here`,
    );
  edgeIn(tree, end, extent);
  return frontier;
}

function edgeIn(tree: TreeHasher, edge: Edge | undefined, extent: Extent): readonly Buffer[] {
  if (edge && tree.root().toString('base64') !== edge.root)
    throw damaged(
      extent,
      tree.size - 1,
      `the ${tree.size} entries up to here are not those that were signed`,
    );
  return tree.peaks();
}

/** Some of its lines with their line feeds. */
function linesIn({ bytes, ends }: LineBatch, from: number, to: number): Buffer {
  return bytes.subarray(beginOf(ends, from), (ends[to - 1] ?? 0) + 1);
}

function entryOf({ bytes, ends, first }: LineBatch, at: number, extent: Extent): Entry {
  const { entry, fault } = decodeFast(bytes.subarray(beginOf(ends, at), ends[at]));
  const seq = first + at;
  if (!entry) throw damaged(extent, seq, fault.why);
  if (entry.seq !== seq) throw damaged(extent, seq, `it is entry ${entry.seq} where ${seq} is expected`);
  return entry;
}

function beginOf(ends: Uint32Array, at: number): number {
  return at === 0 ? 1 : (ends[at - 1] ?? 0) + 1;
}

function damaged({ firsts }: Extent, seq: number, why: string): JournalError {
  return new JournalError(
    'journal_damaged',
    `The journal is damaged at ${placeOf(firsts, seq)}: ${why}. "placet log verify" says everything that is wrong.`,
  );
}
