import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LastStamp, TimeStamper } from '../attest/time-stamper.ts';
import { askWitnesses, type WitnessState } from '../attest/witness-client.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Changes } from '../guard/context.ts';
import { openCheckpoints } from '../journal/checkpoint-files.ts';
import type { Checkpoints } from '../journal/checkpoints.ts';
import { diskReason, makeFolderBelow, realDisk, replaceFile } from '../journal/disk.ts';
import type { Journal } from '../journal/journal.ts';
import type { Settings } from '../settings.ts';

/** What lets outsiders verify the log: its signed checkpoints, and others who attest them. */
export interface Transparency {
  readonly checkpoints: Checkpoints;
  /** How things stand with each witness, in the order of the settings. */
  witnesses(): readonly WitnessState[];
  /** Of the configured authority; nothing before the first. */
  lastStamp(): LastStamp | undefined;
  /** One sentence each, while something cannot be signed or attested. */
  problems(): readonly string[];
  /** Asks nobody any more, and signs the last checkpoint. */
  close(): Promise<void>;
}

export interface TransparencyOptions {
  readonly settings: Pick<Settings, 'data' | 'witnesses' | 'tsaUrl' | 'tsaCa'>;
  /** Its host is part of the name of a new log. */
  readonly publicUrl: string;
  readonly journal: Journal;
  readonly ledger: Pick<Ledger, 'custody'>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Below the journal's folder. */
const STAMPS = 'stamps';

/**
 * Signs what stands in the journal, and has it attested.
 *
 * @throws JournalError when the log's key is lost, or nothing can be signed
 * @throws ConfigError, ProofError when the key of a witness or the certificates of the authority cannot be read
 */
export async function openTransparency(options: TransparencyOptions): Promise<Transparency> {
  const { settings, publicUrl, journal, ledger } = options;
  const ca = await readCertificates(settings.tsaCa);
  const dir = join(settings.data, 'journal');
  const checkpoints = await openCheckpoints({
    ...options,
    dir,
    keysDir: join(settings.data, 'keys'),
    host: new URL(publicUrl).hostname,
    custody: () => ledger.custody,
  });
  const closers: (() => Promise<void>)[] = [() => checkpoints.close()];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    const { witnesses } = settings;
    const asked = askWitnesses({ ...options, witnesses, checkpoints, tree: journal.tree });
    closers.push(() => asked.close());
    const stamper = await stamperOf({ ...options, checkpoints, dir, ca });
    if (stamper) closers.push(() => stamper.close());
    return {
      checkpoints,
      witnesses: () => asked.state(),
      lastStamp: () => stamper?.last(),
      problems: () =>
        [checkpoints.trouble(), ...asked.state().map(({ trouble }) => trouble), stamper?.trouble()].flatMap(
          (each) => each ?? [],
        ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What reads time stamps is loaded where there is an authority. */
async function stamperOf({
  settings: { tsaUrl: url },
  checkpoints,
  dir,
  ca,
  clock,
  random,
  log,
}: TransparencyOptions & {
  readonly checkpoints: Checkpoints;
  readonly dir: string;
  readonly ca: string | undefined;
}): Promise<TimeStamper | undefined> {
  if (url === undefined) return undefined;
  const { startTimeStamper } = await import('../attest/time-stamper.ts');
  const stamps = join(dir, STAMPS);
  return startTimeStamper({
    url,
    ...(ca === undefined ? {} : { ca }),
    dir: stamps,
    async save(name, bytes) {
      await makeFolderBelow(realDisk, dir, STAMPS);
      await replaceFile(realDisk, stamps, name, bytes);
    },
    checkpoints,
    clock,
    random,
    log,
  });
}

/** @throws ConfigError `bad_setting` */
async function readCertificates(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError('bad_setting', `PLACET_TSA_CA cannot be read: ${diskReason(error)}.`, {
      cause: error,
    });
  }
}
