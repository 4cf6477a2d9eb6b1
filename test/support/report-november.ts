import type { CallOutcome, CallRow, Exception, ExceptionKind, Tally } from '../../src/core/evidence.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2026-11-01T00:00:00.000Z');
const TOOLS = [
  ['files', 'read_file', 'allow'],
  ['files', 'write_file', 'review'],
  ['bank', 'send_payment', 'review'],
  ['mail', 'send_mail', 'review'],
  ['crm', 'search_contacts', 'allow'],
  ['crm', 'delete_contact', 'deny'],
] as const;
const AGENTS = ['invoice-bot', 'research-agent', 'support-desk'];
const BUCKETS = [60_000, 300_000, 900_000, 3_600_000, 14_400_000];

interface November {
  readonly rows: readonly CallRow[];
  readonly exceptions: readonly Exception[];
  readonly tally: Tally;
}

/** The calls of a month and what is counted of them, from a generator that always gives the same. */
export function november(write: (text: string) => string): November {
  const random = generator(20_261_101);
  const rows: CallRow[] = [];
  const exceptions: Exception[] = [];
  const times: number[] = [];
  const byPerson: Record<string, { approve: number; reject: number }> = {};
  for (let day = 0; day < 30; day += 1) {
    const weekend = [0, 6].includes(new Date(FIRST + day * DAY_MS).getUTCDay());
    const count = Math.floor((weekend ? 4 : 22) + random() * (weekend ? 6 : 26));
    for (let i = 0; i < count; i += 1) {
      const [server, tool, verdict] = TOOLS[Math.floor(random() ** 1.6 * TOOLS.length)] ?? TOOLS[0];
      const at = FIRST + day * DAY_MS + Math.floor((7 + ((i + random()) / count) * 11) * 3_600_000);
      const outcome = outcomeOf(verdict, random());
      const seq = 4131 + rows.length * 8;
      rows.push(
        rowOf(seq, at, outcome, { server, tool, verdict, agent: AGENTS[rows.length % 3] ?? '' }, write),
      );
      if (verdict === 'review' && outcome !== 'expired' && outcome !== 'pending') {
        times.push(Math.floor(30_000 + random() ** 4 * 20_000_000));
        const person = ['alice', 'carol', 'dave'][Math.floor(random() ** 1.5 * 3)] ?? 'alice';
        const counts = (byPerson[person] ??= { approve: 0, reject: 0 });
        if (outcome === 'rejected') counts.reject += 1;
        else counts.approve += 1;
      }
      const kind = KINDS[outcome];
      const [row] = rows.slice(-1);
      if (kind && row) exceptions.push(exceptionOf(kind, row, write));
    }
  }
  exceptions.push(...OTHERS.map(([kind, day, detail, person]) => other(kind, day, detail, person, write)));
  exceptions.sort((a, b) => a.seq - b.seq);
  return { rows, exceptions, tally: tallyOf(rows, exceptions, times, byPerson) };
}

const KINDS: Readonly<Partial<Record<CallOutcome, ExceptionKind>>> = {
  denied: 'denied',
  expired: 'expired',
  outcome_unknown: 'outcome_unknown',
  voided: 'voided',
};

const OTHERS: readonly (readonly [ExceptionKind, number, string, string])[] = [
  ['self_approval_refused', 3, 'The agent acts for this person.', 'bob'],
  ['verification_refused', 9, 'The passkey is not enrolled for this person.', 'carol'],
  ['notice_failed', 12, 'The mail server refused the address for good.', 'dave'],
  ['escalated', 13, 'Nobody had decided in time.', 'dave'],
  ['policy_changed', 18, 'Ten rules, version 999999999999.', 'operator'],
  ['people_changed', 18, 'Four people and three agents.', 'operator'],
  ['definition_changed', 21, 'send_mail of mail is described in another way.', 'placet'],
  ['definition_accepted', 22, 'Looked at and taken as it is.', 'alice'],
  ['log_recovered', 25, '212 bytes of an unfinished line were set aside.', 'placet'],
];

function other(
  kind: ExceptionKind,
  day: number,
  detail: string,
  person: string,
  write: (text: string) => string,
): Exception {
  const at = new Date(FIRST + day * DAY_MS + 52_200_000).toISOString();
  return { kind, seq: 4135 + day * 251, at, person, detail: write(detail) };
}

function exceptionOf(kind: ExceptionKind, row: CallRow, write: (text: string) => string): Exception {
  const { seq, requested_at: at, call_id, agent, server, tool } = row;
  return { kind, seq: seq + 1, at, call_id, agent, server, tool, detail: write(`By the rule ${row.rule}.`) };
}

function outcomeOf(verdict: 'allow' | 'review' | 'deny', chance: number): CallOutcome {
  if (verdict === 'deny') return 'denied';
  if (verdict === 'allow') return chance < 0.97 ? 'succeeded' : 'failed';
  if (chance < 0.82) return 'succeeded';
  if (chance < 0.9) return 'rejected';
  if (chance < 0.95) return 'expired';
  if (chance < 0.98) return 'failed';
  return chance < 0.99 ? 'outcome_unknown' : 'voided';
}

function rowOf(
  seq: number,
  at: number,
  outcome: CallOutcome,
  of: {
    readonly server: string;
    readonly tool: string;
    readonly verdict: 'allow' | 'review' | 'deny';
    readonly agent: string;
  },
  write: (text: string) => string,
): CallRow {
  return {
    call_id: `cal_${String(seq).padStart(26, '0')}`,
    seq,
    requested_at: new Date(at).toISOString(),
    agent: write(of.agent),
    owner: 'bob',
    server: write(of.server),
    tool: write(of.tool),
    definition_sha256: 'd'.repeat(64),
    action_digest: 'a'.repeat(64),
    args_commit: 'c'.repeat(64),
    verdict: of.verdict,
    rule: `${of.server}-${of.verdict}`,
    policy_version: 'f'.repeat(64),
    decisions: [],
    outcome,
    entries: [seq],
  };
}

function tallyOf(
  rows: readonly CallRow[],
  exceptions: readonly Exception[],
  times: readonly number[],
  byPerson: Tally['by_person'],
): Tally {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  const byDay: Record<string, { calls: number; held: number }> = {};
  for (const row of rows) {
    const day = (byDay[row.requested_at.slice(0, 10)] ??= { calls: 0, held: 0 });
    day.calls += 1;
    if (row.verdict === 'review') day.held += 1;
  }
  return {
    calls: rows.length,
    carried: 2,
    by_verdict: counts(rows.map(({ verdict }) => verdict)),
    by_outcome: counts(rows.map(({ outcome }) => outcome)),
    by_tool: counts(rows.map(({ server, tool }) => `${server}/${tool}`)),
    by_agent: counts(rows.map(({ agent }) => agent)),
    by_person: byPerson,
    by_verification: { passkey: 181, sso: 64, slack: 22 },
    by_day: byDay,
    time_to_decision: {
      median: at(0.5),
      p95: at(0.95),
      most: at(1),
      count: sorted.length,
      buckets: [...BUCKETS, undefined].map((upTo, index) => ({
        ...(upTo === undefined ? {} : { up_to_ms: upTo }),
        count: sorted.filter((ms) => ms <= (upTo ?? Infinity) && ms > (BUCKETS[index - 1] ?? -1)).length,
      })),
    },
    exceptions: counts(exceptions.map(({ kind }) => kind)),
  };
}

function counts(names: readonly string[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const name of names) all[name] = (all[name] ?? 0) + 1;
  return all;
}

/** Numbers in [0, 1) that look random and are the same each time (Park and Miller). */
function generator(seed: number): () => number {
  let state = seed % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
