import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { readLines } from '../journal/line-reader.ts';
import { decodeLine } from '../journal/line.ts';
import type { Payloads } from '../journal/payloads.ts';
import { listSegments, SEGMENT_LINES, segmentName } from '../journal/segments.ts';
import { createEntryCheck, type EntryCounts, type Report } from './entry-check.ts';
import { createPayloadCheck, type PayloadCounts } from './payload-check.ts';

export interface VerifyOptions {
  /** The folder of the segments, such as `data/journal`. */
  readonly dir: string;
  /** To check the commitments of payloads; without it none is checked. */
  readonly payloads?: Pick<Payloads, 'get'> | undefined;
  /** Milliseconds since the epoch: what claims to be of a later day cannot be. */
  readonly now: number;
  /** Told now and then how many entries were seen. */
  readonly onProgress?: (entries: number) => void;
}

export interface Problem {
  /** The sequence number at which it was met, counting lines; null for what is not of one line. */
  readonly seq: number | null;
  /**
   * `journal_missing`, `segment_name`, `segment_too_long`, `sequence`, `line_too_long`, `not_canonical`,
   * `not_an_entry`, `append_torn`, `time`, `illegal`, `action_digest`, `no_quorum`, `owner_approved`, `receipt`,
   * `payload`
   */
  readonly code: string;
  /** One sentence with the file and the line. It may quote the journal, so it is shown through `reveal`. */
  readonly message: string;
}

export interface Verdict extends EntryCounts {
  readonly ok: boolean;
  readonly entries: number;
  readonly payloads: PayloadCounts;
  /** The first hundred. */
  readonly problems: readonly Problem[];
  readonly problems_found: number;
  /**
   * The last append has no end: a host is writing it at this moment, or a crash cut it short and the next start
   * sets it aside. It is not among the entries, and no problem.
   */
  readonly tail?: Tail;
}

interface Tail {
  readonly file: string;
  readonly bytes: number;
}

const PROBLEMS_LISTED = 100;

/**
 * Checks a whole journal, offline and streaming, beside a running host if there is one: that no entry is missing,
 * added or out of order, that each stands in canonical form, that every change of state was legal when it is
 * replayed, that nothing was executed without its quorum, that what passkeys signed is what the entries tell, and
 * that payloads are what was committed to.
 */
export async function verifyJournal({ dir, payloads, now, onProgress }: VerifyOptions): Promise<Verdict> {
  const problems: Problem[] = [];
  let found = 0;
  let count = 0;
  let expected = 0;
  let tail: Tail | undefined;

  const reportAt =
    (seq: number | null, where: string): Report =>
    (code, why) => {
      found += 1;
      if (problems.length < PROBLEMS_LISTED) problems.push({ seq, code, message: `${where}: ${why}.` });
    };
  const entryCheck = createEntryCheck(now);
  const payloadCheck = createPayloadCheck(payloads);

  /** An append of which not all entries were seen yet, each with where it stands. */
  let append: { readonly entry: Entry; readonly report: Report }[] = [];
  const takeAppend = async () => {
    for (const { entry, report } of append.splice(0)) {
      count += 1;
      entryCheck.check(entry, report);
      await payloadCheck.check(entry, report);
    }
  };

  const { firsts, strange } = await listSegments(dir).catch((error: unknown) => {
    reportAt(null, dir)('journal_missing', `the folder cannot be read: ${messageOf(error)}`);
    return { firsts: [], strange: [] };
  });
  for (const name of strange) reportAt(null, name)('segment_name', 'no segment has such a name');
  if (firsts.length === 0 && found === 0) {
    reportAt(null, dir)('journal_missing', 'there is no journal in this folder');
  }

  for (const first of firsts) {
    const name = segmentName(first);
    const path = join(dir, name);
    if (first !== expected) {
      reportAt(expected, name)('sequence', `it begins with entry ${first} where ${expected} is expected`);
      expected = first;
    }
    const { size } = await stat(path);
    let number = 0;
    let seen = 0;
    let whole = 0;
    for await (const lines of readLines(path)) {
      for (const line of lines) {
        number += 1;
        seen += line.length + 1;
        const report = reportAt(expected, `line ${number} of ${name}`);
        expected += 1;
        if (number === SEGMENT_LINES + 1)
          report('segment_too_long', `a segment has ${SEGMENT_LINES} lines at most`);
        const { entry, fault } = decodeLine(line);
        if (fault) {
          report(fault.code, fault.why);
          await takeAppend();
          continue;
        }
        if (entry.seq !== expected - 1) {
          report('sequence', `it is entry ${entry.seq} where ${expected - 1} is expected`);
          expected = entry.seq + 1;
        }
        const promised = append.at(-1)?.entry.more;
        if (promised !== undefined && (entry.more ?? 0) !== promised - 1) {
          report('append_torn', 'the append before it lacks its last entries');
          await takeAppend();
        }
        append.push({ entry, report });
        if (entry.more !== undefined) continue;
        await takeAppend();
        whole = seen;
      }
      onProgress?.(count);
    }
    if (size <= seen && append.length === 0) continue;
    if (first === firsts.at(-1)) {
      tail = { file: name, bytes: size - whole };
    } else {
      reportAt(expected, name)('append_torn', 'its last append has no end, and another segment follows');
      await takeAppend();
    }
  }
  return {
    ok: found === 0,
    entries: count,
    ...entryCheck.counts(),
    payloads: payloadCheck.counts(),
    problems,
    problems_found: found,
    ...(tail === undefined ? {} : { tail }),
  };
}
