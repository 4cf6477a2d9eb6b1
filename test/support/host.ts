import { spawn, type ChildProcess } from 'node:child_process';
import { BINARY } from './workspace.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `placet serve` in the foreground. */
export interface ServingHost {
  readonly child: ChildProcess;
  /** Everything it has printed, once it is over. */
  readonly ended: Promise<Ended>;
}

export interface HostSetting {
  readonly env?: Readonly<Record<string, string>>;
  /** The numeric user under which it runs. */
  readonly uid?: number;
}

/** Starts `placet serve` in this folder. @returns once it serves or has ended */
export async function serveHost(dir: string, { env = {}, uid }: HostSetting = {}): Promise<ServingHost> {
  const child = spawn(process.execPath, [BINARY, 'serve', '--dir', dir], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = '';
  let stderr = '';
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const serving = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (stdout.includes('Placet serves')) resolve();
    });
  });
  await Promise.race([serving, ended]);
  return { child, ended };
}

/** Asks until it holds, a quarter of a second apart. For what no event tells of. */
export async function eventually<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  for (let left = 120; left > 0; left -= 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, 250);
    });
  }
  throw new Error(`It never came to be that ${what}.`);
}
