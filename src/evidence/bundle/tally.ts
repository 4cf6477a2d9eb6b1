import type { CallRow, Exception, ExceptionKind, Period, Tally } from '../../core/evidence.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Of the times to a decision; what takes longer than the last stands in a bucket of its own. */
const BOUNDS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR, 72 * HOUR] as const;

type Counts = Map<string, number>;

/** Counts the calls and the exceptions of a period as they come. */
export class Counting {
  readonly #period: Period;
  #calls = 0;
  #carried = 0;
  #open = 0;
  readonly #verdicts: Counts = new Map();
  readonly #outcomes: Counts = new Map();
  readonly #tools: Counts = new Map();
  readonly #agents: Counts = new Map();
  readonly #verifications: Counts = new Map();
  readonly #exceptions: Counts = new Map();
  readonly #persons = new Map<string, { approve: number; reject: number }>();
  readonly #days = new Map<string, { calls: number; held: number }>();
  readonly #waits: number[] = [];

  constructor(period: Period) {
    this.#period = period;
  }

  /** Calls without an end. */
  get open(): number {
    return this.#open;
  }

  call(row: CallRow): void {
    this.#calls += 1;
    count(this.#verdicts, row.verdict);
    count(this.#outcomes, row.outcome);
    count(this.#tools, `${row.server}/${row.tool}`);
    count(this.#agents, row.agent);
    if (row.outcome === 'pending' || row.outcome === 'under_way') this.#open += 1;
    if (row.carried) this.#carried += 1;
    else this.#day(row);
    for (const { person, decision, verification, at } of row.decisions) {
      if (!this.#isWithin(at)) continue;
      count(this.#verifications, verification);
      const by = this.#persons.get(person) ?? { approve: 0, reject: 0 };
      by[decision] += 1;
      this.#persons.set(person, by);
    }
    if (row.decided_at !== undefined && this.#isWithin(row.decided_at))
      this.#waits.push(Date.parse(row.decided_at) - Date.parse(row.requested_at));
  }

  exception({ kind }: Pick<Exception, 'kind'>): void {
    count(this.#exceptions, kind);
  }

  tally(): Tally {
    const waits = this.#waits.sort((a, b) => a - b);
    return {
      calls: this.#calls,
      carried: this.#carried,
      by_verdict: record(this.#verdicts),
      by_outcome: record(this.#outcomes),
      by_tool: record(this.#tools),
      by_agent: record(this.#agents),
      by_person: record(this.#persons),
      by_verification: record(this.#verifications),
      by_day: record(this.#days),
      ...(waits.length === 0 ? {} : { time_to_decision: timesOf(waits) }),
      exceptions: record(this.#exceptions) as Partial<Record<ExceptionKind, number>>,
    };
  }

  #day({ requested_at, verdict }: CallRow): void {
    const day = requested_at.slice(0, 10);
    const of = this.#days.get(day) ?? { calls: 0, held: 0 };
    of.calls += 1;
    if (verdict === 'review') of.held += 1;
    this.#days.set(day, of);
  }

  #isWithin(time: string): boolean {
    const { from, to } = this.#period;
    return Date.parse(time) >= Date.parse(from) && Date.parse(time) < Date.parse(to);
  }
}

/** @param waits rising */
function timesOf(waits: readonly number[]): NonNullable<Tally['time_to_decision']> {
  let counted = 0;
  const buckets = BOUNDS.map((up_to_ms) => {
    const within = waits.filter((wait) => wait <= up_to_ms).length;
    const bucket = { up_to_ms, count: within - counted };
    counted = within;
    return bucket;
  });
  return {
    median: atShare(waits, 0.5),
    p95: atShare(waits, 0.95),
    most: waits.at(-1) ?? 0,
    count: waits.length,
    buckets: [...buckets, { count: waits.length - counted }],
  };
}

/** The smallest wait that so many of them do not exceed (nearest rank). */
function atShare(waits: readonly number[], share: number): number {
  return waits[Math.max(0, Math.ceil(waits.length * share) - 1)] ?? 0;
}

function count(counts: Counts, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** By rising names, whatever they are: `__proto__` is one, too. */
function record<T>(counts: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
