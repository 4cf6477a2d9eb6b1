import { join } from 'node:path';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Changes } from '../guard/context.ts';
import { openCheckpoints } from '../journal/checkpoint-files.ts';
import type { Checkpoints } from '../journal/checkpoints.ts';
import type { Journal } from '../journal/journal.ts';
import { parseVerifier, type Verifier } from '../tlog/note.ts';

/** The journal as a transparency log: who signs it, and who attests to that. */
export interface Transparency {
  readonly checkpoints: Checkpoints;
  /** The keys of those who are asked to cosign. */
  readonly witnesses: readonly Verifier[];
  /** What people of the workspace have to mend. */
  problems(): readonly string[];
  /** Signs a last checkpoint. */
  close(): Promise<void>;
}

/** @throws JournalError when the log cannot be signed */
export async function openTransparency(options: {
  readonly settings: Pick<Settings, 'data' | 'witnesses' | 'tsaUrl' | 'tsaCa'>;
  /** The base of links: its host name becomes part of a new log's name. */
  readonly publicUrl: string;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Promise<Transparency> {
  const { settings, publicUrl, ledger } = options;
  const checkpoints = await openCheckpoints({
    ...options,
    dir: join(settings.data, 'journal'),
    keysDir: join(settings.data, 'keys'),
    host: new URL(publicUrl).hostname,
    custody: () => ledger.custody,
  });
  return {
    checkpoints,
    witnesses: settings.witnesses.map(({ vkey }) => parseVerifier(vkey)),
    problems: () => [checkpoints.trouble()].filter((each) => each !== undefined),
    close: () => checkpoints.close(),
  };
}
