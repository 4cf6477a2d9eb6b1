import type { Checkpoint } from '../tlog/checkpoint.ts';
import { checkNote, type SignedNote, type Verifier } from '../tlog/note.ts';
import { cutWords } from './checkpoint-check.ts';
import { signedByOf, type LogKeys } from './log-keys.ts';
import type { Problem } from './problems.ts';

/** A checkpoint that somebody kept elsewhere: a mail, a file, a proof. */
export interface SeenCheckpoint {
  /** The file that it is in, and where in it. */
  readonly where: string;
  /** When the mail says that it was sent; RFC 3339. */
  readonly sent?: string;
  readonly note: SignedNote;
  readonly checkpoint: Checkpoint;
}

export interface SeenCounts {
  /** How many were handed in; equal ones are counted each. */
  readonly given: number;
  /** Of these, how many today's journal extends. */
  readonly extended: number;
  /** Of other logs, by their origins. */
  readonly of_other_logs: Readonly<Record<string, number>>;
  /** The oldest and the newest that are extended. */
  readonly oldest?: SeenPlace;
  readonly newest?: SeenPlace;
}

export interface SeenPlace {
  readonly where: string;
  readonly size: number;
  readonly sent?: string;
}

export interface SeenOptions {
  readonly seen: readonly SeenCheckpoint[];
  readonly keys: LogKeys;
  /** Entries that stand. */
  readonly size: number;
  /** The roots of the sizes that were seen, in base64. */
  readonly roots: ReadonlyMap<number, string>;
  readonly witnesses: readonly Verifier[];
  /** Whoever asks knows by which key the log is signed, so that a checkpoint of another one is no sign of a change. */
  readonly pinned: boolean;
}

/** Says of each checkpoint that was kept elsewhere whether today's journal extends it. */
export function checkSeen(options: SeenOptions): SeenCounts & { readonly problems: readonly Problem[] } {
  const { seen, keys, pinned } = options;
  const problems: Problem[] = [];
  const others: Record<string, number> = {};
  const right: SeenPlace[] = [];
  const origin = keys.all[0]?.verifier.name;
  for (const each of seen) {
    if (each.checkpoint.origin !== origin) {
      others[each.checkpoint.origin] = (others[each.checkpoint.origin] ?? 0) + 1;
      if (!pinned)
        problems.push(problemOf(each, null, 'other_log', otherLog(each.checkpoint.origin, origin)));
      continue;
    }
    const wrong = faultOf(each, options);
    if (wrong) problems.push(wrong);
    else
      right.push({
        where: each.where,
        size: each.checkpoint.size,
        ...(each.sent === undefined ? {} : { sent: each.sent }),
      });
  }
  if (
    pinned &&
    seen.length > 0 &&
    Object.values(others).reduce((sum, count) => sum + count, 0) === seen.length
  )
    problems.push({
      seq: null,
      code: 'other_log',
      message: `None of the checkpoints that were handed in is of this log, ${origin ?? 'which nobody signs'}.`,
    });
  const bySize = right.toSorted((a, b) => a.size - b.size);
  const [oldest] = bySize;
  const newest = bySize.at(-1);
  return {
    given: seen.length,
    extended: right.length,
    of_other_logs: others,
    ...(oldest ? { oldest } : {}),
    ...(newest ? { newest } : {}),
    problems,
  };
}

function faultOf(each: SeenCheckpoint, options: SeenOptions): Problem | undefined {
  const { keys, size, roots, witnesses } = options;
  const { note, checkpoint } = each;
  const { code, why } = signedByOf(note, checkpoint, keys);
  // A tree that is larger than the journal was signed by whatever key was in force then.
  const known =
    code === undefined ||
    (checkpoint.size > size && keys.all.some(({ verifier }) => checkNote(note, [verifier]).right.length > 0));
  if (!known) return problemOf(each, null, code, why);
  if (checkpoint.size > size) return problemOf(each, size, 'tail_cut', cutWords(checkpoint.size, size));
  const [forged] = checkNote(note, witnesses).wrong;
  if (forged !== undefined)
    return problemOf(each, null, 'cosignature', `the cosignature of ${forged} is wrong`);
  const root = checkpoint.root.toString('base64');
  const now = roots.get(checkpoint.size);
  if (now === root) return undefined;
  return problemOf(
    each,
    null,
    'contradicts',
    now === undefined
      ? `it was signed over ${checkpoint.size} entries, of which some are missing now`
      : `it was signed over ${checkpoint.size} entries under the root ${root}, and the first ${checkpoint.size} that stand now have ${now}: the log was rewritten since`,
  );
}

function otherLog(origin: string, own: string | undefined): string {
  return own === undefined
    ? `it is of the log ${origin}, and this journal is not signed`
    : `it is of another log, ${origin}, than this one, ${own}. If that is another workspace of yours, leave it out or say by --key which log is meant`;
}

function problemOf({ where, sent }: SeenCheckpoint, seq: number | null, code: string, why: string): Problem {
  return { seq, code, message: `${where}${sent === undefined ? '' : `, sent ${sent}`}: ${why}.` };
}
