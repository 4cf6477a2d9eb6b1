import { messageOf } from '../core/errors.ts';
import type { StoredStamp } from '../attest/stored-stamps.ts';
import { parseCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import { parseNote, type SignedNote } from '../tlog/note.ts';
import { signedByOf, type LogKeys } from './log-keys.ts';
import type { Problems } from './problems.ts';

/** A stamp of an authority that stands beside the journal, opened as far as it can be. */
export interface KeptStamp {
  /** Its file. */
  readonly where: string;
  readonly stored: StoredStamp;
  /** What was stamped; nothing where that is no checkpoint. */
  readonly stamped?: { readonly note: SignedNote; readonly checkpoint: Checkpoint };
}

export interface StampCounts {
  readonly kept: number;
  /** Of these, how many are over a checkpoint that the journal extends. */
  readonly right: number;
  /** The newest of them. `trusted`: its authority is one of those that were given. */
  readonly newest?: {
    readonly size: number;
    readonly time: string;
    readonly authority: string;
    readonly trusted: boolean;
  };
}

/** @param stored in the order of their sizes */
export async function openStamps(stored: AsyncIterable<StoredStamp>): Promise<readonly KeptStamp[]> {
  const opened: KeptStamp[] = [];
  for await (const each of stored) {
    const where = `stamps/${each.size}.tsr`;
    try {
      const note = parseNote(each.note.toString('utf8'));
      opened.push({ where, stored: each, stamped: { note, checkpoint: parseCheckpoint(note.text) } });
    } catch {
      // That it is none is told when it is checked.
      opened.push({ where, stored: each });
    }
  }
  return opened;
}

/** @param options.ca certificates in PEM; without them an authority's name is only what it says of itself */
export async function checkStamps(
  stamps: readonly KeptStamp[],
  options: {
    readonly ca: string | undefined;
    readonly keys: LogKeys;
    readonly roots: ReadonlyMap<number, string>;
    readonly problems: Problems;
  },
): Promise<StampCounts> {
  const { ca, keys, roots, problems } = options;
  let right = 0;
  let newest: StampCounts['newest'];
  for (const { where, stored, stamped } of stamps) {
    const report = (why: string): void => problems.at(null, where)('time_stamp', why);
    if (!stamped || stamped.checkpoint.size !== stored.size) {
      report(`${stored.size}.checkpoint beside it is no checkpoint of ${stored.size} entries`);
      continue;
    }
    const { note, checkpoint } = stamped;
    const { why } = signedByOf(note, checkpoint, keys);
    if (why !== undefined) {
      report(`what was stamped cannot be believed: ${why}`);
      continue;
    }
    if (roots.get(checkpoint.size) !== checkpoint.root.toString('base64')) {
      report(`the first ${checkpoint.size} entries are not those that were stamped`);
      continue;
    }
    try {
      // What reads a stamp is large, and most journals have none.
      const { checkTimeStamp } = await import('../attest/time-stamp.ts');
      const { time, authority, trusted } = await checkTimeStamp({
        response: stored.response,
        message: stored.note,
        ...(ca === undefined ? {} : { ca }),
      });
      right += 1;
      newest = { size: checkpoint.size, time, authority, trusted };
    } catch (error) {
      report(messageOf(error).replace(/\.$/, ''));
    }
  }
  return { kept: stamps.length, right, ...(newest ? { newest } : {}) };
}
