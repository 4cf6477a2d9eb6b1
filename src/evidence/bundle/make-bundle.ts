import { rm } from 'node:fs/promises';
import type { ControlMapping } from '../../core/controls.ts';
import { EvidenceError } from '../../core/errors.ts';
import type { Period } from '../../core/evidence.ts';
import type { Payloads } from '../../journal/payloads.ts';
import type { Signer } from '../../tlog/note.ts';
import type { NamedKey } from '../log-keys.ts';
import { createBundleFiles } from './bundle-files.ts';
import { manifestNote, manifestText } from './manifest.ts';
import { planOf } from './plan.ts';
import type { BundlePart, Query, ReportInput } from './report-input.ts';
import { unfinished } from './unfinished.ts';
import type { PolicyReader } from './versions.ts';
import { writeBundle } from './write-bundle.ts';

export interface BundleOptions {
  /** The folder that is made; it must not exist. */
  readonly out: string;
  /** The folder of the segments, such as `data/journal`. */
  readonly journal: string;
  /** With the texts of policies, such as `data/policies`. */
  readonly policies: string;
  readonly reader: PolicyReader;
  /** Without them no payload is shown. */
  readonly payloads: Pick<Payloads, 'get'> | undefined;
  /** The key that signs the manifest, given those that the journal names. */
  readonly signer: (keys: readonly NamedKey[]) => Promise<Signer>;
  /** Asks the host for a checkpoint over all that stands. @returns the signed note */
  readonly cover: () => Promise<string>;
  readonly period: Period;
  readonly query: Query;
  /** Of the sample; default: the root at the end. */
  readonly seed: string | undefined;
  readonly mapping: ControlMapping;
  /** The mapping's own files, by names without a folder. */
  readonly mappingFiles: readonly { readonly name: string; readonly text: string }[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly software: string;
  /** What writes the other files. */
  readonly parts: readonly BundlePart[];
  readonly onProgress?: (entries: number, of: number) => void;
}

export interface MadeBundle {
  readonly input: ReportInput;
  /** How many files it has, and how many bytes, the manifest and its signature left out. */
  readonly files: number;
  readonly bytes: number;
  /** What an interrupted run had left was replaced. */
  readonly replaced: boolean;
}

/**
 * Makes the auditor's bundle of a period, beside a running host or without one. It appears under its name when it is
 * whole, and not before.
 *
 * @throws EvidenceError `out_exists`, `out_busy`, `out_unusable`, `no_key`
 * @throws JournalError `journal_missing`, `journal_damaged`
 * @throws ProofError `log_unsigned`, `log_key`, `not_covered`, `tile_missing`, `not_proven`
 */
export async function makeBundle(options: BundleOptions): Promise<MadeBundle> {
  const plan = await planOf(options);
  const signer = await options.signer(
    plan.keys.all.map(({ verifier, from, since }) => ({ key: verifier.vkey, from, since })),
  );
  const { vkey, name } = signer.verifier;
  if (!plan.keys.all.some(({ verifier }) => verifier.vkey === vkey))
    throw new EvidenceError(
      'no_key',
      'The key that would sign the bundle is not one that the journal names.',
    );
  const folder = await unfinished(options.out);
  const files = createBundleFiles(folder.dir);
  try {
    const input = await writeBundle(options, { plan, files, signedBy: vkey });
    const list = files.list();
    const manifest = manifestText({
      input,
      signedBy: vkey,
      frameworks: options.mapping.frameworks,
      files: list,
      notes: files.notes(),
    });
    await files.write('manifest.json', manifest);
    await files.write('manifest.note', manifestNote(manifest, name, signer));
    await folder.finish();
    const bytes = list.reduce((sum, file) => sum + file.bytes, 0);
    return { input, files: list.length, bytes, replaced: folder.replaced };
  } catch (error) {
    await files.abandon();
    // Only what is killed leaves something behind.
    await rm(folder.dir, { recursive: true, force: true });
    throw error;
  }
}
