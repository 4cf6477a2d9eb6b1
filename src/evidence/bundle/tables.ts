import { canonicalJson } from '../../core/json.ts';
import type { CallRow, Exception } from '../../core/evidence.ts';
import type { AccessPeriod } from './access.ts';
import type { BundleFile, BundleFiles } from './bundle-files.ts';
import { csvLine, type Cell } from './csv.ts';

/** The same rows twice: JSON Lines for programs, CSV for spreadsheets. */
export interface Table<T> {
  add(row: T): Promise<void>;
  close(): Promise<void>;
}

/** A column's name and what stands in it. */
type Columns<T> = readonly (readonly [string, (row: T) => Cell])[];

const CALLS: Columns<CallRow> = [
  ['call_id', (row) => row.call_id],
  ['seq', (row) => row.seq],
  ['requested_at', (row) => row.requested_at],
  ['carried', (row) => row.carried ?? false],
  ['agent', (row) => row.agent],
  ['owner', (row) => row.owner],
  ['server', (row) => row.server],
  ['tool', (row) => row.tool],
  ['verdict', (row) => row.verdict],
  ['rule', (row) => row.rule],
  ['policy_version', (row) => row.policy_version],
  ['request_id', (row) => row.request_id],
  ['approved_by', (row) => decidersOf(row, 'approve')],
  ['rejected_by', (row) => decidersOf(row, 'reject')],
  ['verified_by', (row) => row.decisions.map(({ verification }) => verification).join('; ')],
  ['reasons', (row) => row.decisions.flatMap(({ reason }) => reason ?? []).join('; ')],
  ['resolution', (row) => row.resolution],
  ['decided_at', (row) => row.decided_at],
  ['resolved_at', (row) => row.resolved_at],
  ['started_at', (row) => row.started_at],
  ['ended_at', (row) => row.ended_at],
  ['outcome', (row) => row.outcome],
  ['definition_sha256', (row) => row.definition_sha256],
  ['action_digest', (row) => row.action_digest],
  ['args_commit', (row) => row.args_commit],
  ['result_commit', (row) => row.result_commit],
  ['entries', (row) => row.entries.join(' ')],
];

const EXCEPTIONS: Columns<Exception> = [
  ['kind', (row) => row.kind],
  ['seq', (row) => row.seq],
  ['at', (row) => row.at],
  ['call_id', (row) => row.call_id],
  ['request_id', (row) => row.request_id],
  ['agent', (row) => row.agent],
  ['server', (row) => row.server],
  ['tool', (row) => row.tool],
  ['person', (row) => row.person],
  ['detail', (row) => row.detail],
];

const ACCESS: Columns<AccessPeriod> = [
  ['person', (row) => row.person],
  ['kind', (row) => row.kind],
  ['what', (row) => row.what],
  ['verification', (row) => row.verification.join('; ')],
  ['quorum', (row) => row.quorum],
  ['from', (row) => row.from],
  ['to', (row) => row.to],
  ['from_seq', (row) => row.from_seq],
  ['to_seq', (row) => row.to_seq],
];

export const CALLS_JSONL = 'population/calls.jsonl';
export const EXCEPTIONS_JSONL = 'exceptions.jsonl';

export function callTable(files: BundleFiles): Promise<Table<CallRow>> {
  return table(files, { jsonl: CALLS_JSONL, csv: 'population/calls.csv', columns: CALLS });
}

export function exceptionTable(files: BundleFiles): Promise<Table<Exception>> {
  return table(files, { jsonl: EXCEPTIONS_JSONL, csv: 'exceptions.csv', columns: EXCEPTIONS });
}

export async function writeAccess(files: BundleFiles, access: readonly AccessPeriod[]): Promise<void> {
  const lines = access.map((row) => csvLine(ACCESS.map(([, cell]) => cell(row))));
  await files.write('people/access.csv', csvLine(ACCESS.map(([name]) => name)) + lines.join(''));
}

async function table<T>(
  files: BundleFiles,
  { jsonl, csv, columns }: { readonly jsonl: string; readonly csv: string; readonly columns: Columns<T> },
): Promise<Table<T>> {
  const lines: BundleFile = await files.open(jsonl);
  const cells: BundleFile = await files.open(csv);
  await cells.write(csvLine(columns.map(([name]) => name)));
  return {
    async add(row) {
      await lines.write(`${canonicalJson(row)}\n`);
      await cells.write(csvLine(columns.map(([, cell]) => cell(row))));
    },
    async close() {
      await lines.close();
      await cells.close();
    },
  };
}

function decidersOf({ decisions }: CallRow, kind: 'approve' | 'reject'): string {
  return decisions
    .filter(({ decision }) => decision === kind)
    .map(({ person }) => person)
    .join('; ');
}
