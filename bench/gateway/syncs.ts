import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How often a process syncs a file while the task lasts, counted by strace; nothing where that is not to be had. */
export async function syncsDuring(pid: number, task: () => Promise<unknown>): Promise<number | undefined> {
  const dir = mkdtempSync(join(tmpdir(), 'placet-syncs-'));
  const counts = join(dir, 'counts');
  const tracer = spawn(
    'strace',
    ['-f', '-c', '-e', 'trace=fsync,fdatasync', '-o', counts, '-p', String(pid)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const started = await Promise.race([
    once(tracer.stderr, 'data').then(() => true),
    once(tracer, 'error').then(() => false),
    once(tracer, 'exit').then(() => false),
  ]);
  try {
    await task();
    if (!started) return undefined;
    const ended = once(tracer, 'exit');
    tracer.kill('SIGINT');
    await ended;
    const lines = readFileSync(counts, 'utf8').matchAll(/^\s*\S+\s+\S+\s+\S+\s+(\d+)\s.*sync$/gm);
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
