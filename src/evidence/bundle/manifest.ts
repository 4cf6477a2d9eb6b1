import { createHash } from 'node:crypto';
import type { Framework } from '../../core/controls.ts';
import type { Tally } from '../../core/evidence.ts';
import { formatNote, type Signer } from '../../tlog/note.ts';
import type { ListedFile } from './bundle-files.ts';
import type { ReportInput } from './report-input.ts';

export interface ManifestFacts {
  readonly input: ReportInput;
  /** The verifier key that signs the manifest. */
  readonly signedBy: string;
  readonly frameworks: readonly Framework[];
  /** By rising paths. */
  readonly files: readonly ListedFile[];
  readonly notes: Readonly<Record<string, string>>;
}

/** The manifest, each file on a line of its own, so that a shell can read it. */
export function manifestText({ input, signedBy, frameworks, files, notes }: ManifestFacts): string {
  const { period, query, made_at, software, log, tally, sample, completeness, policies } = input;
  const head = {
    kind: 'placet-evidence',
    v: 1,
    made_at,
    software,
    period,
    query,
    log: { ...log, signed_by: signedBy },
    counts: {
      lines: completeness.lines.count,
      entries: completeness.entries.count,
      ...countsOf(tally),
      open: completeness.open,
    },
    sample: {
      seed: sample.seed,
      by_default: sample.by_default,
      calls: sample.calls.map(({ row, folder }) => ({ call_id: row.call_id, folder })),
    },
    mapping: frameworks.map(({ id, version }) => ({ framework: id, version })),
    policies: policies.map(({ policy: _policy, ...version }) => version),
    notes,
  };
  const lines = files.map(({ path, bytes, sha256 }) => `    ${JSON.stringify({ path, bytes, sha256 })}`);
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "files": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** The signed note over the manifest (C2SP signed-note). Its first line is no origin, so that it is no checkpoint. */
export function manifestNote(manifest: string, origin: string, signer: Signer): string {
  const digest = createHash('sha256').update(manifest).digest('base64');
  const text = `placet-evidence v1\n${origin}\n${digest}\n`;
  return formatNote(text, [signer.sign(text, 0)]);
}

function countsOf({ calls, carried, by_verdict, by_outcome, exceptions }: Tally): object {
  return { calls, carried, by_verdict, by_outcome, exceptions };
}
