import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { EvidenceError } from '../../core/errors.ts';
import { readWorkspaceKeys } from '../../journal/keys.ts';
import { readLogKeys } from '../../journal/log-key.ts';
import { openPayloadFiles } from '../../journal/payload-files.ts';
import type { Signer } from '../../tlog/note.ts';
import type { NamedKey } from '../log-keys.ts';
import { makeBundle, type BundleOptions, type MadeBundle } from './make-bundle.ts';

export interface WorkspaceBundleOptions
  extends Omit<BundleOptions, 'journal' | 'policies' | 'payloads' | 'signer'> {
  /** The data folder. */
  readonly data: string;
}

/**
 * Makes the bundle of a workspace's data folder, beside a running host or without one. Without the workspace's key no
 * payload is shown; without the log's, which signs it, there is no bundle.
 *
 * @throws as `makeBundle`; JournalError `key_unusable`
 */
export async function bundleWorkspace({ data, ...options }: WorkspaceBundleOptions): Promise<MadeBundle> {
  const keys = await readWorkspaceKeys(join(data, 'keys'));
  const payloads = keys
    ? openPayloadFiles({
        dir: join(data, 'payloads'),
        key: keys.derive('payloads'),
        clock: { now: () => options.now, after: () => () => undefined },
        random: randomBytes,
      })
    : undefined;
  try {
    return await makeBundle({
      ...options,
      journal: join(data, 'journal'),
      policies: join(data, 'policies'),
      payloads,
      signer: (named) => signerIn(join(data, 'keys'), named),
    });
  } finally {
    await payloads?.close();
  }
}

/** The key that the journal names last; while the key is being changed, it may have another name in the folder. */
async function signerIn(dir: string, named: readonly NamedKey[]): Promise<Signer> {
  const { current, next } = await readLogKeys(dir);
  const newest = named.at(-1)?.key;
  const signer = [current, next].find((each) => each?.verifier.vkey === newest);
  if (signer) return signer;
  throw new EvidenceError(
    'no_key',
    `The log's key is not in ${dir}, and nothing can be signed without it: run this where the host runs, as its user.`,
  );
}
