import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { realDisk, type Disk } from '../journal/disk.ts';
import type { Verifier } from '../tlog/note.ts';
import { openWitnessKey } from './key.ts';
import { lockWitness } from './lock.ts';
import { addLogs, openLogList } from './log-list.ts';
import { serveWitness } from './serve.ts';
import { openWitness } from './witness.ts';

export interface RunWitnessOptions {
  /** Holds all that the witness has; made when it is not there. */
  readonly dir: string;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Of a new key. */
  readonly name?: string;
  /** Verifier keys of logs, which are added to those of the folder. */
  readonly logs: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default: the real one. */
  readonly disk?: Disk;
}

export interface RunningWitness {
  /** The submission and monitoring prefix, such as `http://127.0.0.1:7448`. */
  readonly url: string;
  readonly verifier: Verifier;
  /** Origins of the logs that are cosigned. */
  readonly origins: readonly string[];
  close(): Promise<void>;
}

/** Runs the witness of a folder. @throws ConfigError, and ProofError when its records are damaged */
export async function runWitness(options: RunWitnessOptions): Promise<RunningWitness> {
  const { dir, clock, log, disk = realDisk } = options;
  const unlock = await lockWitness(dir);
  try {
    const signer = await openWitnessKey(options);
    await addLogs(dir, options.logs);
    const logs = await openLogList(dir, log);
    const witness = await openWitness({ dir, signer, logs, disk, clock, log });
    const served = await serveWitness({ witness, host: options.host, port: options.port, log });
    return {
      url: served.url,
      verifier: signer.verifier,
      origins: logs.origins(),
      async close() {
        await served.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
