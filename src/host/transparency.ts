import { join } from 'node:path';
import { askWitnesses, type WitnessState } from '../attest/witness-client.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Changes } from '../guard/context.ts';
import { openCheckpoints } from '../journal/checkpoint-files.ts';
import type { Checkpoints } from '../journal/checkpoints.ts';
import type { Journal } from '../journal/journal.ts';
import type { Settings } from '../settings.ts';

/** What lets outsiders verify the log: its signed checkpoints, and others who attest them. */
export interface Transparency {
  readonly checkpoints: Checkpoints;
  /** How things stand with each witness, in the order of the settings. */
  witnesses(): readonly WitnessState[];
  /** One sentence each, while something cannot be signed or attested. */
  problems(): readonly string[];
  /** Asks nobody any more, and signs the last checkpoint. */
  close(): Promise<void>;
}

/**
 * Signs what stands in the journal, and has it attested.
 *
 * @throws JournalError when the log's key is lost, or nothing can be signed
 * @throws ProofError when the key of a witness is none
 */
export async function openTransparency({
  settings,
  publicUrl,
  journal,
  ledger,
  changes,
  clock,
  random,
  log,
}: {
  readonly settings: Pick<Settings, 'data' | 'witnesses'>;
  /** Its host is part of the name of a new log. */
  readonly publicUrl: string;
  readonly journal: Journal;
  readonly ledger: Pick<Ledger, 'custody'>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Promise<Transparency> {
  const checkpoints = await openCheckpoints({
    dir: join(settings.data, 'journal'),
    keysDir: join(settings.data, 'keys'),
    host: new URL(publicUrl).hostname,
    journal,
    custody: () => ledger.custody,
    changes,
    clock,
    random,
    log,
  });
  try {
    const asked = askWitnesses({
      witnesses: settings.witnesses,
      checkpoints,
      tree: journal.tree,
      clock,
      random,
      log,
    });
    return {
      checkpoints,
      witnesses: () => asked.state(),
      problems: () =>
        [checkpoints.trouble(), ...asked.state().map(({ trouble }) => trouble)].flatMap((each) => each ?? []),
      async close() {
        await asked.close();
        await checkpoints.close();
      },
    };
  } catch (error) {
    await checkpoints.close();
    throw error;
  }
}
