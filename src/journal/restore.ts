import { messageOf } from '../core/errors.ts';
import type { Pinned } from '../tlog/merkle.ts';
import type { Disk } from './disk.ts';
import { readLineBytes } from './entry-reader.ts';
import { readHeadMark } from './head-mark.ts';
import type { Fold } from './journal.ts';
import { LogTree } from './log-tree.ts';
import { mustHold, type Said } from './must-hold.ts';
import { replay, type Place, type Replayed } from './replay.ts';
import { damaged, listSegments, SEGMENT_LINES, SegmentIndex, segmentName } from './segments.ts';
import { loadSnapshot } from './snapshot.ts';
import { setAside } from './torn-tail.ts';

export interface RestoreOptions {
  readonly dir: string;
  readonly disk: Disk;
  readonly fold: Fold;
  readonly snapshotKey: Buffer;
  readonly software: string;
  readonly onTrouble?: (sentence: string) => void;
  /** The tree of the newest checkpoint that was signed, if one was. */
  readonly extends?: Pinned | undefined;
}

export interface Restored {
  readonly index: SegmentIndex;
  /** The journal's end. What stood behind it in the last segment was set aside and has to be cut off. */
  readonly place: Place;
  readonly tree: LogTree;
}

/**
 * Brings the fold up to the journal's end, from the snapshot where that can be believed.
 *
 * @throws JournalError `journal_damaged`
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { dir, disk, fold, onTrouble } = options;
  const { firsts, strange } = await listSegments(dir);
  if (strange[0] !== undefined)
    throw damaged(strange[0], undefined, 'no segment has such a name, or it is no file');
  const { from, index, tree } = await start(options, firsts);
  const reached: Replayed = await replay({
    index,
    firsts,
    from,
    apply: (entry, line) => {
      fold.apply(entry);
      tree.add(line);
    },
    settle: () => tree.flush(),
  });
  const held = await mustHold(await said(options), {
    tree,
    index,
    hashAnew: () => hashAnew(options, index, reached.size),
  });
  if (reached.torn !== undefined) {
    onTrouble?.(`The end of the journal was torn and is set aside: ${reached.torn}.`);
    await setAside(disk, dir, reached);
  }
  return { index, place: reached, tree: held };
}

async function said({ dir, snapshotKey, onTrouble, extends: checkpoint }: RestoreOptions): Promise<Said> {
  const { mark, why } = await readHeadMark(dir, snapshotKey);
  if (why !== undefined) onTrouble?.(`The journal's head mark is not used: ${why}.`);
  return { mark, checkpoint };
}

interface Start {
  readonly from: Place;
  readonly index: SegmentIndex;
  readonly tree: LogTree;
}

async function start(options: RestoreOptions, firsts: readonly number[]): Promise<Start> {
  const { dir, fold, snapshotKey, software, onTrouble } = options;
  const begin = {
    from: { size: 0, segment: 0, offset: 0 },
    index: new SegmentIndex(dir),
    tree: LogTree.empty(options),
  };
  const { snapshot, why } = await loadSnapshot(dir, snapshotKey, software);
  if (why !== undefined)
    onTrouble?.(`The journal is read from its beginning: its snapshot is not used, ${why}.`);
  if (!snapshot || snapshot.segments.some(({ first }, i) => first !== firsts[i])) return begin;
  const empty = fold.save();
  try {
    fold.load(snapshot.state);
  } catch (error) {
    onTrouble?.(
      `The journal is read from its beginning: its snapshot cannot be loaded, ${messageOf(error)}.`,
    );
    fold.load(empty);
    return begin;
  }
  const index = new SegmentIndex(dir, snapshot.segments);
  const at = { size: snapshot.size, root: Buffer.from(snapshot.root, 'hex') };
  return {
    from: snapshot,
    index,
    tree: (await LogTree.load(options, at)) ?? (await restTree(options, index, at)),
  };
}

/** The tree that a snapshot rests on, when its tiles are missing or wrong. */
async function restTree(options: RestoreOptions, index: SegmentIndex, at: Pinned): Promise<LogTree> {
  const tree = await hashAnew(options, index, at.size);
  if (!tree.pinned().root.equals(at.root)) {
    const why = `some of the first ${at.size} entries were changed after they were written`;
    throw damaged(segmentName(0), undefined, why);
  }
  await tree.persist();
  return tree;
}

/** The tree of the journal's first `size` lines, its tiles made anew. */
async function hashAnew(options: RestoreOptions, index: SegmentIndex, size: number): Promise<LogTree> {
  options.onTrouble?.("The log's tiles are missing or wrong: every line is hashed, and they are made anew.");
  const tree = LogTree.empty(options);
  for await (const line of readLineBytes(index, 0, size)) {
    tree.add(line);
    if (tree.size % SEGMENT_LINES === 0) await tree.flush();
  }
  return tree;
}
