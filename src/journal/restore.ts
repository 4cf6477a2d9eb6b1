import { messageOf } from '../core/errors.ts';
import type { Disk } from './disk.ts';
import type { Fold } from './journal.ts';
import { replay, type Place, type Replayed } from './replay.ts';
import { damaged, listSegments, SegmentIndex } from './segments.ts';
import { loadSnapshot } from './snapshot.ts';
import { setAside } from './torn-tail.ts';

export interface RestoreOptions {
  readonly dir: string;
  readonly disk: Disk;
  readonly fold: Fold;
  readonly snapshotKey: Buffer;
  readonly software: string;
  readonly onTrouble?: (sentence: string) => void;
}

export interface Restored {
  readonly index: SegmentIndex;
  /** The journal's end. What stood behind it in the last segment was set aside and has to be cut off. */
  readonly place: Place;
}

/**
 * Brings the fold up to the journal's end, from the snapshot where that can be believed.
 *
 * @throws JournalError `journal_damaged`
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { dir, disk, fold, onTrouble } = options;
  const { firsts, strange } = await listSegments(dir);
  if (strange[0] !== undefined) throw damaged(strange[0], undefined, 'no segment has such a name');
  const { from, index } = await start(options, firsts);
  const reached: Replayed = await replay({ index, firsts, from, apply: (entry) => fold.apply(entry) });
  if (reached.torn !== undefined) {
    onTrouble?.(`The end of the journal was torn and is set aside: ${reached.torn}.`);
    await setAside(disk, dir, reached);
  }
  return { index, place: reached };
}

async function start(
  { dir, fold, snapshotKey, software, onTrouble }: RestoreOptions,
  firsts: readonly number[],
): Promise<{ readonly from: Place; readonly index: SegmentIndex }> {
  const begin = { from: { size: 0, segment: 0, offset: 0 }, index: new SegmentIndex(dir) };
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
  return { from: snapshot, index: new SegmentIndex(dir, snapshot.segments) };
}
