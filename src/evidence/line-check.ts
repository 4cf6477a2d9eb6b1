import type { Entry } from '../core/entry.ts';
import { SEGMENT_LINES, segmentName } from '../journal/segments.ts';
import { decodeFast } from './fast-decode.ts';
import type { LineBatch } from './line-batches.ts';
import type { Problems, Report } from './problems.ts';

/** An entry, and where to say what is wrong with it. */
export interface Taken {
  readonly entry: Entry;
  readonly report: Report;
}

/** Reads lines as entries: in canonical form, of a known kind, numbered without a gap, appends whole. */
export class LineCheck {
  readonly #problems: Problems;
  /** An append of which not all entries were seen yet. */
  #append: Taken[] = [];
  #expected = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** The sequence number that the next entry should have, by those before it. */
  get expected(): number {
    return this.#expected;
  }

  begin(segment: number): void {
    this.#expected = segment;
  }

  /** @returns the entries of those appends that end in the batch */
  take({ bytes, ends, first, segment }: LineBatch): readonly Taken[] {
    const taken: Taken[] = [];
    for (const [index, end] of ends.entries()) {
      const number = first + index - segment + 1;
      const begin = (index === 0 ? 0 : (ends[index - 1] ?? 0)) + 1;
      const report = reportAt(this.#problems, this.#expected, number, segment);
      if (number === SEGMENT_LINES + 1)
        report('segment_too_long', `a segment has ${SEGMENT_LINES} lines at most`);
      this.#expected += 1;
      const { entry, fault } = decodeFast(bytes.subarray(begin, end));
      if (fault) {
        report(fault.code, fault.why);
        this.#end(taken);
        continue;
      }
      if (entry.seq !== this.#expected - 1) {
        report('sequence', `it is entry ${entry.seq} where ${this.#expected - 1} is expected`);
        this.#expected = entry.seq + 1;
      }
      const promised = this.#append.at(-1)?.entry.more;
      if (promised !== undefined && (entry.more ?? 0) !== promised - 1) {
        report('append_torn', 'the append before it lacks its last entries');
        this.#end(taken);
      }
      this.#append.push({ entry, report });
      if (entry.more === undefined) this.#end(taken);
    }
    return taken;
  }

  /** The segment ends. @returns the entries of an append that has no end */
  torn(): readonly Taken[] {
    const taken: Taken[] = [];
    this.#end(taken);
    return taken;
  }

  #end(taken: Taken[]): void {
    for (const each of this.#append) taken.push(each);
    this.#append = [];
  }
}

/** The sentence is made when there is something to say. */
function reportAt(problems: Problems, seq: number, number: number, segment: number): Report {
  return (code, why) => problems.at(seq, `line ${number} of ${segmentName(segment)}`)(code, why);
}
