import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { newId, type Random } from '../core/ids.ts';
import { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Changes } from '../guard/context.ts';
import type { Journal } from '../journal/journal.ts';
import { openJsonlJournal } from '../journal/jsonl.ts';
import { openWorkspaceKeys, type WorkspaceKeys } from '../journal/keys.ts';
import { readLastSigned } from '../journal/last-signed.ts';
import { openPayloadFiles } from '../journal/payload-files.ts';
import type { Payloads } from '../journal/payloads.ts';
import { openSecretFiles } from '../journal/secret-files.ts';
import type { Secrets } from '../journal/secrets.ts';
import { observedLedger } from './changes.ts';
import { makeDataFolder } from './data-folder.ts';

/** What a workspace keeps: its keys, its journal with the state that follows from it, its payloads. */
export interface Store {
  readonly keys: WorkspaceKeys;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly changes: Changes;
  readonly payloads: Payloads;
  readonly secrets: Secrets;
}

/**
 * Opens the data folder. The journal has to begin with all that was ever signed of it.
 *
 * @param closers what was opened is to be closed by these, the last first, also when this throws
 * @throws ConfigError, JournalError
 */
export async function openStore(
  options: {
    readonly data: string;
    readonly software: string;
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
  },
  closers: (() => Promise<void> | void)[],
): Promise<Store> {
  const { data, software, clock, random, log } = options;
  makeDataFolder(data);
  const dir = join(data, 'journal');
  const keys = await openWorkspaceKeys(join(data, 'keys'), random);
  const last = await readLastSigned({ dir, keysDir: join(data, 'keys') });
  const ledger = new Ledger();
  const { fold, changes } = observedLedger(ledger, log);
  const journal = await openJsonlJournal({
    dir,
    clock,
    random,
    node: newId('nod', clock.now(), random),
    fold,
    snapshotKey: keys.derive('snapshot'),
    software,
    onTrouble: log,
    ...(last === undefined ? {} : { extends: last }),
  });
  closers.push(() => journal.close());
  const payloads = openPayloadFiles({
    dir: join(data, 'payloads'),
    key: keys.derive('payloads'),
    clock,
    random,
    onTrouble: log,
  });
  closers.push(() => payloads.close());
  const secrets = openSecretFiles({ dir: join(data, 'secrets'), key: keys.derive('secrets'), random });
  return { keys, journal, ledger, changes, payloads, secrets };
}
