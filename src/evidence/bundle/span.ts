import { ProofError } from '../../core/errors.ts';
import { parseCheckpoint } from '../../tlog/checkpoint.ts';
import { formatNote, parseNote } from '../../tlog/note.ts';
import type { Extent } from '../extent.ts';
import { signedByOf, type LogKeys } from '../log-keys.ts';
import { historyOf, listCheckpoints, newestIn, type KeptCheckpoint } from '../standing-checkpoints.ts';
import type { Bounds } from './bounds.ts';

/** A checkpoint at one end of a bundle. */
export interface Edge {
  readonly size: number;
  /** In base64. */
  readonly root: string;
  /** The signed note. */
  readonly note: string;
}

/** The checkpoints between which the lines of a bundle stand. */
export interface Span {
  /** Nothing where the log begins in the bundle. */
  readonly start?: Edge;
  /** Nothing where none that is kept covers the period. */
  readonly end?: Edge;
}

/** Of checkpoints before the period, so many of the last are looked at for one that is rightly signed. */
const LOOKED_AT = 16;

/**
 * How far the lines have to go, so that nothing can have been cut off unseen: up to the first entry behind the period,
 * where there is one.
 */
export function leastEnd({ to }: Bounds, size: number): number {
  return Math.min(to + 1, size);
}

/**
 * The newest checkpoint that leaves an entry between it and the period, and the oldest that covers the period and the
 * entry behind it. Only those count that the key in force signed.
 */
export function spanOf(
  { dir, size: all }: Pick<Extent, 'dir' | 'size'>,
  bounds: Bounds,
  keys: LogKeys,
): Span {
  const least = leastEnd(bounds, all);
  const standing = listCheckpoints(dir);
  const isSigned = ({ note, checkpoint }: KeptCheckpoint) =>
    signedByOf(note, checkpoint, keys).key !== undefined;
  const before: KeptCheckpoint[] = [];
  let end: KeptCheckpoint | undefined;
  for (const kept of historyOf(standing)) {
    if ('fault' in kept) continue;
    const { size } = kept.checkpoint;
    if (size > 0 && size < bounds.from) {
      before.push(kept);
      if (before.length > LOOKED_AT) before.shift();
    }
    if (size >= least && size > 0 && !end && isSigned(kept)) end = kept;
    if (end && size >= bounds.from) break;
  }
  const newest = newestIn(standing);
  // The newest has the cosignatures of witnesses, which come in when it stands in the history already.
  if (newest && !('fault' in newest) && newest.checkpoint.size >= least && isSigned(newest))
    if (!end || end.checkpoint.size === newest.checkpoint.size) end = newest;
  const start = before.findLast(isSigned);
  return { ...(start ? { start: edgeOf(start) } : {}), ...(end ? { end: edgeOf(end) } : {}) };
}

/**
 * A checkpoint that was signed just now.
 *
 * @throws ProofError `bad_note`, `bad_checkpoint`, `checkpoint_key`, `checkpoint_signature`
 */
export function freshEdge(text: string, keys: LogKeys): Edge {
  const note = parseNote(text);
  const checkpoint = parseCheckpoint(note.text);
  const { code, why } = signedByOf(note, checkpoint, keys);
  if (why !== undefined) throw new ProofError(code, `The host's checkpoint is not believed: ${why}.`);
  return edgeOf({ where: '', note, checkpoint });
}

function edgeOf({ note, checkpoint }: KeptCheckpoint): Edge {
  return {
    size: checkpoint.size,
    root: checkpoint.root.toString('base64'),
    note: formatNote(
      note.text,
      note.signatures.map(({ line }) => line),
    ),
  };
}
