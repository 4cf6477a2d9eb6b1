import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Measured {
  readonly seconds: number;
  /** The most that was resident at once, in MiB, as Linux counts it for the process itself. */
  readonly peak: number;
  readonly stdout: string;
}

/** Runs a program to its end. @throws Error when it fails */
export async function measured(command: string, args: readonly string[]): Promise<Measured> {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  let peak = 0;
  const look = setInterval(() => {
    peak = Math.max(peak, highWater(child.pid));
  }, 10);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(look);
  if (code !== 0)
    throw new Error(`${command} ${args.slice(0, 4).join(' ')} ended with ${String(code)}: ${stdout}`);
  return { seconds: (performance.now() - began) / 1000, peak, stdout };
}

/** In MiB; 0 where it is not to be had. */
export function highWater(pid: number | undefined): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) / 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Such as `2.31 (2.20 to 2.60)`. */
export function spread(values: readonly number[], digits = 2): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
