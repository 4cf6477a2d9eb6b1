import { join } from 'node:path';
import { readStamps } from '../attest/stored-stamps.ts';
import type { Payloads } from '../journal/payloads.ts';
import type { Secrets } from '../journal/secrets.ts';
import type { Verifier } from '../tlog/note.ts';
import { extentOf, type Extent } from './extent.ts';
import { checkHead, readHead, type Head } from './head-check.ts';
import { LogKeys } from './log-keys.ts';
import { passOver } from './pass.ts';
import { checkPin } from './pin-check.ts';
import { Problems } from './problems.ts';
import { checkSeen } from './seen-check.ts';
import type { SeenFiles } from './seen-files.ts';
import { checkStamps, openStamps, type KeptStamp } from './stamp-check.ts';
import { listDerived, type TreeCheckOptions, type TreeFindings } from './tree-check.ts';
import { treeHere, treeThread } from './tree-thread.ts';
import type { Verdict } from './verdict.ts';

export type { Problem } from './problems.ts';
export type { Verdict } from './verdict.ts';

export interface VerifyOptions {
  /** The folder of the segments, such as `data/journal`. */
  readonly dir: string;
  /** To check the commitments of payloads; without it none is checked. */
  readonly payloads?: Pick<Payloads, 'get'> | undefined;
  /** To see that what is told to be erased of secrets is; without it nobody looks. */
  readonly secrets?: Pick<Secrets, 'get'> | undefined;
  /** Milliseconds since the epoch: what claims to be of a later day cannot be. */
  readonly now: number;
  /** The key of the head mark; without it a tail that was cut behind the last checkpoint is not noticed. */
  readonly headKey?: Buffer | undefined;
  /** Checkpoints that were kept elsewhere, each of which the journal has to extend. */
  readonly seen?: Pick<SeenFiles, 'seen' | 'unreadable'> | undefined;
  /** The key that whoever asks has noted elsewhere. */
  readonly pin?: Verifier | undefined;
  /** Keys of witnesses whose cosignatures are checked. */
  readonly witnesses?: readonly Verifier[];
  /** Certificates in PEM of the authorities whose time stamps are believed. */
  readonly stampCa?: string | undefined;
  /** Bytes, tree, tiles, checkpoints and signatures alone: no entry is read for what it says. */
  readonly quick?: boolean;
  /** Told now and then how many entries of how many were seen. */
  readonly onProgress?: (entries: number, of: number) => void;
}

/** Segments. A longer journal is worth a second thread. */
const ALONE = 4;
/** No longer than that after an entry its log is unsigned. */
const UNSIGNED_MS = 60_000;

/**
 * Checks a whole journal, offline and streaming, beside a running host if there is one: that no entry is missing,
 * added or out of order, that each stands in canonical form, that every change of state was legal when it is
 * replayed, that nothing was executed without its quorum, that what passkeys signed is what the entries tell, that
 * payloads are what was committed to and gone only where an entry tells so; and that every tile and every checkpoint
 * that was kept, here or elsewhere, is over exactly these lines and signed by the key in force.
 */
export async function verifyJournal(options: VerifyOptions): Promise<Verdict> {
  const { dir, now, headKey, payloads, secrets, seen, witnesses = [], quick = false, onProgress } = options;
  const problems = new Problems();
  // What is derived is looked at first: the lines that it is over stand by then.
  const head = await readHead(dir, headKey, problems);
  const derived = listDerived(dir);
  const stamps = await openStamps(readStamps(join(dir, 'stamps')));
  const extent = await extentOf(dir, problems);
  const sizes = [
    ...(seen?.seen ?? []).map(({ checkpoint }) => checkpoint.size),
    ...stamps.flatMap(({ stamped }) => stamped?.checkpoint.size ?? []),
  ];
  const treeOptions: TreeCheckOptions = {
    derived,
    firsts: extent.firsts,
    wanted: [...new Set(sizes)].toSorted((a, b) => a - b),
    ...(head.mark ? { wantedLeaf: head.mark.size - 1 } : {}),
    witnesses: witnesses.map(({ vkey }) => vkey),
    quick,
  };
  const long = extent.firsts.length > ALONE && !quick;
  const work = long ? treeThread(treeOptions) : treeHere(treeOptions);
  try {
    const passed = await passOver({ extent, work, problems, payloads, secrets, now, quick, onProgress });
    const tree = await work.finish(extent.size);
    const judged = await judge(options, { extent, tree, head, stamps, problems });
    return {
      ok: problems.found === 0,
      ...(quick ? { quick } : {}),
      ...passed,
      ...judged,
      problems: problems.listed,
      problems_found: problems.found,
      ...(extent.tail ? { tail: extent.tail } : {}),
    };
  } finally {
    await work.close();
  }
}

interface Found {
  readonly extent: Extent;
  readonly tree: TreeFindings;
  readonly head: Head;
  readonly stamps: readonly KeptStamp[];
  readonly problems: Problems;
}

/** Compares the tree with what was said of it here and elsewhere. */
async function judge(
  { seen, witnesses = [], pin, stampCa }: VerifyOptions,
  { extent, tree, head, stamps, problems }: Found,
): Promise<Pick<Verdict, 'log' | 'seen'>> {
  const { root, keys, tiles, checkpoints } = tree;
  const { size } = extent;
  for (const problem of tree.problems) problems.add(problem);
  checkHead(head, size, tree.leaf, problems);
  const known = LogKeys.of(keys);
  const unpinned = pin && checkPin(pin, known);
  if (unpinned) problems.add(unpinned);
  const [first] = keys;
  const last = extent.last?.['time'];
  if (
    first &&
    checkpoints.kept === 0 &&
    typeof last === 'string' &&
    Date.parse(last) - Date.parse(first.since) > UNSIGNED_MS
  )
    problems.at(first.from, 'checkpoints.log')(
      'checkpoint_missing',
      'no checkpoint is kept, although the log has been signed from this entry on',
    );
  const log = {
    root,
    keys,
    ...(pin ? { pinned: pin.vkey } : {}),
    tiles: first ? tiles : { ...tiles, missing: 0 },
    checkpoints,
    newer: size - (checkpoints.newest?.size ?? 0),
    stamps: await checkStamps(stamps, { ca: stampCa, keys: known, roots: tree.roots, problems }),
    head: head.state,
  };
  if (!seen) return { log };
  for (const { where, why } of seen.unreadable) problems.at(null, where)('checkpoint_unreadable', why);
  const checked = checkSeen({
    seen: seen.seen,
    keys: known,
    size,
    roots: tree.roots,
    witnesses,
    pinned: pin !== undefined,
  });
  const { problems: wrong, ...counts } = checked;
  for (const problem of wrong) problems.add(problem);
  return { log, seen: counts };
}
