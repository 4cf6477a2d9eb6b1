import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readWorkspaceKeys } from '../journal/keys.ts';
import { openPayloadFiles } from '../journal/payload-files.ts';
import { openSecretFiles } from '../journal/secret-files.ts';
import { verifyJournal, type Verdict, type VerifyOptions } from './verify.ts';

export interface VerifyWorkspaceOptions
  extends Omit<VerifyOptions, 'dir' | 'payloads' | 'secrets' | 'headKey'> {
  /** The data folder. */
  readonly data: string;
}

/**
 * Verifies a workspace's data folder, offline or beside a running host. Without the workspace's key neither the
 * payloads nor the head mark can be read, and everything else is checked.
 */
export async function verifyWorkspace({ data, ...options }: VerifyWorkspaceOptions): Promise<Verdict> {
  const { now } = options;
  const keys = await readWorkspaceKeys(join(data, 'keys'));
  const payloads = keys
    ? openPayloadFiles({
        dir: join(data, 'payloads'),
        key: keys.derive('payloads'),
        clock: { now: () => now, after: () => () => undefined },
        random: randomBytes,
      })
    : undefined;
  try {
    return await verifyJournal({
      ...options,
      dir: join(data, 'journal'),
      payloads,
      secrets:
        keys &&
        openSecretFiles({ dir: join(data, 'secrets'), key: keys.derive('secrets'), random: randomBytes }),
      headKey: keys?.derive('snapshot'),
    });
  } finally {
    await payloads?.close();
  }
}
