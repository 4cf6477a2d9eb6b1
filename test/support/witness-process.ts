import { spawn } from 'node:child_process';

/** A witness in a process of its own, as people run it. */
export interface WitnessProcess {
  readonly url: string;
  readonly vkey: string;
  /** What it said on standard error. */
  readonly told: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  stop(): Promise<number | NodeJS.Signals | null>;
}

export interface WitnessProcessOptions {
  /** Preloaded modules. */
  readonly preload?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `placet witness --dir DIR --port 0 ARGS…`. Rejects with what it said when it ends before it listens. */
export function witnessProcess(
  dir: string,
  args: readonly string[] = [],
  { preload = [], env = {} }: WitnessProcessOptions = {},
): Promise<WitnessProcess> {
  const imports = ['tsx', ...preload].flatMap((module) => ['--import', module]);
  const command = [...imports, 'src/cli/main.ts', 'witness', '--dir', dir, '--port', '0', ...args];
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let [out, err] = ['', ''];
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    void ended.then((code) => reject(Object.assign(new Error(err), { code, out })));
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const url = /listens at (\S+)\n/.exec(out)?.[1];
      const vkey = /key is (\S+)\n/.exec(out)?.[1];
      if (url === undefined || vkey === undefined) return;
      resolve({
        url,
        vkey,
        told: () => err,
        ended,
        stop() {
          child.kill('SIGTERM');
          return ended;
        },
      });
    });
  });
}
