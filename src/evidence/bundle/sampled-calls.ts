import type { Card } from '../../core/card.ts';
import type { Entry, EntryOf } from '../../core/entry.ts';
import { PlacetError } from '../../core/errors.ts';
import type { CallRow } from '../../core/evidence.ts';
import type { Json } from '../../core/json.ts';
import type { PayloadRef, Payloads } from '../../journal/payloads.ts';
import type { Extent } from '../extent.ts';
import { proveEntries, type EntryLine } from '../prove.ts';
import type { BundleFiles } from './bundle-files.ts';
import { linesAt } from './lines-at.ts';
import type { SampledCall, Shown } from './report-input.ts';

export interface SampledOptions {
  readonly extent: Extent;
  /** The checkpoint under which entries are proven. */
  readonly checkpoint: string;
  /** Without it no payload is shown. */
  readonly payloads: Pick<Payloads, 'get'> | undefined;
  readonly files: BundleFiles;
}

/** Writes the proofs of all entries of the calls that were drawn, and reads what is kept of them. */
export async function sampledCalls(
  rows: readonly CallRow[],
  { extent, checkpoint, payloads, files }: SampledOptions,
): Promise<readonly SampledCall[]> {
  const lines = await linesAt(extent, new Set(rows.flatMap(({ entries }) => entries)));
  const calls: SampledCall[] = [];
  for (const [i, row] of rows.entries()) {
    const folder = folderOf(i + 1, row.call_id);
    const own = row.entries.flatMap((seq) => lines.get(seq) ?? []);
    const proofs = await prove(own, { folder, dir: extent.dir, checkpoint, files });
    const entries = own.map(({ entry }) => entry);
    const requested = entries.find((entry) => entry.type === 'call.requested');
    const held = entries.find((entry) => entry.type === 'approval.requested');
    const result = resultOf(entries);
    calls.push({
      number: i + 1,
      folder,
      row,
      entries,
      proofs,
      terms: held?.terms ?? [],
      args: await shown<Json>(refOf(row.args_commit, requested?.args_at), payloads),
      ...(held ? { card: await shown<Card>(refOf(held.card_digest, held.card_at), payloads) } : {}),
      ...(result ? { result: await shown<Json>(result, payloads) } : {}),
    });
  }
  return calls;
}

async function prove(
  lines: readonly EntryLine[],
  {
    folder,
    dir,
    checkpoint,
    files,
  }: {
    readonly folder: string;
    readonly dir: string;
    readonly checkpoint: string;
    readonly files: BundleFiles;
  },
): Promise<SampledCall['proofs']> {
  const texts = await proveEntries(dir, lines, checkpoint);
  const proofs: { seq: number; file: string }[] = [];
  for (const [i, { entry }] of lines.entries()) {
    const file = `${entry.seq}.tlog-proof`;
    await files.write(`${folder}/${file}`, texts[i] ?? '');
    proofs.push({ seq: entry.seq, file });
  }
  return proofs;
}

/** Nothing of an id that somebody else chose gets into a path. */
function folderOf(number: number, callId: string): string {
  return `sample/${String(number).padStart(3, '0')}-${callId.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)}`;
}

function resultOf(entries: readonly Entry[]): PayloadRef | undefined {
  const ending = entries.find(
    (entry): entry is EntryOf<'call.completed' | 'execution.succeeded' | 'execution.failed'> =>
      (entry.type === 'call.completed' ||
        entry.type === 'execution.succeeded' ||
        entry.type === 'execution.failed') &&
      entry.result_commit !== undefined,
  );
  return ending?.result_commit === undefined ? undefined : refOf(ending.result_commit, ending.result_at);
}

async function shown<T>(ref: PayloadRef, payloads: Pick<Payloads, 'get'> | undefined): Promise<Shown<T>> {
  const { commit } = ref;
  if (!payloads) return { state: 'unread', commit };
  try {
    const bytes = await payloads.get(ref);
    return { state: 'kept', commit, value: JSON.parse(Buffer.from(bytes).toString('utf8')) as T };
  } catch (error) {
    const code = error instanceof PlacetError ? error.code : undefined;
    if (code === 'payload_erased') return { state: 'erased', commit };
    if (code === 'payload_missing') return { state: 'missing', commit };
    return { state: 'damaged', commit };
  }
}

function refOf(commit: string, at: string | undefined): PayloadRef {
  return { commit, ...(at === undefined ? {} : { at }) };
}
