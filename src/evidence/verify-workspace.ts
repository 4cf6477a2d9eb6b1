import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readWorkspaceKeys } from '../journal/keys.ts';
import { openPayloadFiles } from '../journal/payload-files.ts';
import { verifyJournal, type Verdict } from './verify.ts';

/**
 * Verifies a workspace's data folder, offline or beside a running host. Without the workspace's key the payloads
 * cannot be read, and everything else is checked.
 *
 * @param options.data the data folder
 */
export async function verifyWorkspace(options: {
  readonly data: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly onProgress?: (entries: number) => void;
}): Promise<Verdict> {
  const { data, now, onProgress } = options;
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
      dir: join(data, 'journal'),
      payloads,
      now,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  } finally {
    await payloads?.close();
  }
}
