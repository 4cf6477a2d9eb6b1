import { EvidenceError } from '../../src/core/errors.ts';
import type { Exception, ExceptionKind, Period, Tally } from '../../src/core/evidence.ts';
import { exceptionsDigest } from '../../src/core/evidence-review.ts';
import type { EvidenceDesk } from '../../src/web/evidence-desk.ts';

const NOTHING: Tally = {
  calls: 0,
  carried: 0,
  by_verdict: {},
  by_outcome: {},
  by_tool: {},
  by_agent: {},
  by_person: {},
  by_verification: {},
  by_day: {},
  exceptions: {},
};

/** A desk that tells of every period what it is told to. */
export interface FakeEvidenceDesk extends EvidenceDesk {
  exceptions: readonly Exception[];
  tally: Partial<Tally>;
  size: number;
  /** Thrown by everything while set. */
  trouble: EvidenceError | undefined;
  /** What was asked, in order. */
  readonly asked: string[];
}

export function fakeEvidenceDesk(): FakeEvidenceDesk {
  const asked: string[] = [];
  const taken = (what: string, { from, to }: Period, person: string): void => {
    asked.push(`${what} ${from} ${to} ${person}`);
    if (desk.trouble) throw desk.trouble;
  };
  const desk: FakeEvidenceDesk = {
    exceptions: [],
    tally: {},
    size: 0,
    trouble: undefined,
    asked,
    async examine(period, { kind, skip, most }, person) {
      taken('examine', period, person);
      const { exceptions, size } = desk;
      const wanted = exceptions.filter((each) => kind === undefined || each.kind === kind);
      return {
        period,
        size,
        tally: { ...NOTHING, ...desk.tally, exceptions: countsOf(exceptions) },
        exceptions: exceptions.length,
        listed: wanted.slice(skip, skip + most),
        exceptions_sha256: exceptionsDigest(exceptions),
      };
    },
    async bundle(period, person) {
      taken('bundle', period, person);
      return { name: 'placet-evidence-test.tar.gz', body: new Blob(['the bundle']).stream() };
    },
  };
  return desk;
}

function countsOf(exceptions: readonly Exception[]): Partial<Record<ExceptionKind, number>> {
  const counts: Partial<Record<ExceptionKind, number>> = {};
  for (const { kind } of exceptions) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
