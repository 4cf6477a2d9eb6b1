import { spawn, type ChildProcess } from 'node:child_process';
import { createGzip } from 'node:zlib';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../core/clock.ts';
import { EvidenceError, messageOf } from '../core/errors.ts';
import type { Period } from '../core/evidence.ts';
import { newId, type Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { wordsOf } from '../core/period.ts';
import { bareEnvironment } from '../environment.ts';
import type { SentBundle } from '../web/evidence-desk.ts';
import { reasonIn } from './launch.ts';
import { tarOf } from './tar.ts';

/** Makes auditors' bundles for the console, each in a process of its own, so that no decision waits for one. */
export interface BundleMaker {
  /** As `EvidenceDesk.bundle`. */
  make(period: Period, person: string, signal: AbortSignal): Promise<SentBundle>;
  readonly busy: () => boolean;
  close(): Promise<void>;
}

export interface BundleMakerOptions {
  readonly workspace: string;
  readonly data: string;
  /** For bundles on their way, which hold arguments in clear. Whatever is in it is removed at the start and the end. */
  readonly exports: string;
  /** The command line of the `placet` program. */
  readonly program: readonly [string, ...string[]];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** At once, for all people. */
const MOST = 2;
const MAKING_MS = 15 * 60_000;
const SENDING_MS = 60 * 60_000;
const TOLD_MAX = 4096;

export async function openBundleMaker(options: BundleMakerOptions): Promise<BundleMaker> {
  const { workspace, data, exports, program, clock, random, log } = options;
  await rm(exports, { recursive: true, force: true });
  const making = new Set<string>();
  /** The ends of those that are under way. */
  const ends = new Set<() => Promise<void>>();

  async function run(folder: string, name: string, { from, to }: Period, signal: AbortSignal): Promise<void> {
    // What the program leaves there when it is killed goes with the folder.
    const temp = join(folder, 'tmp');
    await mkdir(temp, { recursive: true, mode: 0o700 });
    signal.throwIfAborted();
    const out = join(folder, name);
    const [command, ...args] = program;
    const asked = ['evidence', '--dir', workspace, '--from', from, '--to', to, '--out', out];
    const child = spawn(command, [...args, ...asked], {
      env: { ...bareEnvironment(workspace), PLACET_DATA: data, TMPDIR: temp, TMP: temp, TEMP: temp },
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own, so that what it started ends with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const kill = (): void => killGroup(child);
    signal.addEventListener('abort', kill, { once: true });
    const late = clock.after(MAKING_MS, kill);
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told = (told + text).slice(-TOLD_MAX);
    });
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      if (code !== 0) throw new Error(reasonIn(told) || 'It was ended before it was done.');
    } finally {
      signal.removeEventListener('abort', kill);
      late();
    }
  }

  return {
    async make(period, person, signal) {
      if (making.has(person))
        throw new EvidenceError(
          'evidence_busy',
          'A bundle is being made or sent for you already. Wait until it is there, or end that download.',
        );
      if (making.size >= MOST)
        throw new EvidenceError('evidence_busy', 'Bundles are being made for others. Try again in a minute.');
      making.add(person);
      const folder = join(exports, newId('bun', clock.now(), random));
      const ending = new AbortController();
      let running: Promise<unknown> = Promise.resolve();
      let ended: Promise<void> | undefined;
      const end = (): Promise<void> =>
        (ended ??= (async () => {
          ending.abort();
          // What still runs could write once more.
          await running;
          await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
            log(`A bundle that was sent could not be removed: ${messageOf(error)}`);
          });
          making.delete(person);
          ends.delete(end);
        })());
      ends.add(end);
      const gone = (): void => ending.abort();
      signal.addEventListener('abort', gone, { once: true });
      if (signal.aborted) gone();
      const name = nameOf(period);
      try {
        const made = run(folder, name, period, ending.signal);
        running = made.catch(() => undefined);
        await made;
        ending.signal.throwIfAborted();
      } catch (error) {
        await end();
        if (!signal.aborted) log(`A bundle could not be made: ${messageOf(error)}`);
        throw new EvidenceError('evidence_failed', `The bundle could not be made. ${sentence(error)}`, {
          cause: error,
        });
      } finally {
        signal.removeEventListener('abort', gone);
      }
      return { name: `${name}.tar.gz`, body: sent(join(folder, name), name, { clock, log, ending, end }) };
    },

    busy: () => making.size > 0,

    async close() {
      await Promise.all([...ends].map((end) => end()));
      await rm(exports, { recursive: true, force: true });
    },
  };
}

/** The folder as it goes out; when it has, or cannot go on, it is removed. */
function sent(
  folder: string,
  root: string,
  parts: {
    readonly clock: Clock;
    readonly log: Log;
    readonly ending: AbortController;
    readonly end: () => Promise<void>;
  },
): ReadableStream<Uint8Array> {
  const { clock, log, ending, end } = parts;
  const zipped = createGzip();
  const late = clock.after(SENDING_MS, () => ending.abort());
  pipeline(Readable.from(tarOf(folder, root)), zipped, { signal: ending.signal })
    .catch((error: unknown) => {
      const gone = (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
      if (!gone && !ending.signal.aborted) log(`A bundle could not be sent whole: ${messageOf(error)}`);
    })
    .finally(() => {
      late();
      void end();
    });
  return Readable.toWeb(zipped) as ReadableStream<Uint8Array>;
}

/** A name without signs that some file system does not take. */
function nameOf(period: Period): string {
  const { first, last } = wordsOf(period);
  return `placet-evidence-${first}-${last}`.replaceAll(/[^\w.-]/g, '');
}

function sentence(error: unknown): string {
  const words = messageOf(error).trim();
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid === undefined) return;
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
