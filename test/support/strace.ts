import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp.ts';

/**
 * Makes system calls of a running process fail from outside, while something is done.
 *
 * @param faults such as `fdatasync:error=EIO:when=2`: in each thread the second such call from now on
 * @returns what was done, and the calls that were made to fail, as strace shows them
 */
export async function whileFailing<T>(
  pid: number,
  faults: readonly string[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly failed: readonly string[] }> {
  const out = join(tempDir(), 'strace');
  const calls = [...new Set(faults.map((fault) => fault.split(':')[0]))].join(',');
  const options = faults.flatMap((fault) => ['-e', `inject=${fault}`]);
  const child = spawn(
    'strace',
    ['-f', '-y', '-o', out, '-e', `trace=${calls}`, ...options, '-p', String(pid)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = once(child, 'exit');
  let said = '';
  let result: T;
  try {
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('attached')) resolve();
      });
      child.once('exit', () => reject(new Error(`strace: ${said}`)));
    });
    result = await work();
  } finally {
    child.kill('SIGINT');
    await ended;
  }
  const lines = readFileSync(out, 'utf8').split('\n');
  return { result, failed: lines.filter((line) => line.includes('(INJECTED)')) };
}
