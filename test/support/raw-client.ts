import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BINARY } from './workspace.ts';

export interface RawAnswer {
  readonly id?: string | number | null;
  readonly result?: { readonly isError?: boolean; readonly content: readonly { readonly text: string }[] };
  readonly error?: { readonly code: number; readonly message: string };
}

/** A client that sends over `placet stdio` whatever bytes it is given. */
export interface RawClient {
  /** Sends one line. @returns the next line that comes back */
  ask(line: string | Buffer): Promise<RawAnswer>;
  close(): Promise<void>;
}

export function openRawClient(dir: string): RawClient {
  const child = spawn(process.execPath, [BINARY, 'stdio', '--dir', dir], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'close');
  return {
    async ask(line) {
      child.stdin.write(line);
      child.stdin.write('\n');
      const [answer] = (await once(lines, 'line')) as [string];
      return JSON.parse(answer) as RawAnswer;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
