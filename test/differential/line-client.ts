import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { memberText } from './member-text.ts';

/** What came over the line, with the text of its payload as it came. */
export type Happening =
  | { readonly kind: 'answer'; readonly result?: string; readonly error?: string }
  | { readonly kind: 'request' | 'notification'; readonly method: string; readonly params?: string };

/** A client that keeps the text of all that it is sent, and answers what the server asks from a fixed table. */
export interface LineClient {
  /** Everything that came, in order. */
  readonly happened: Happening[];
  notify(method: string, params?: object): void;
  /** Sends a request. @returns the text of its answer's result or error */
  ask(method: string, params?: object): Promise<{ readonly result?: string; readonly error?: string }>;
  /** Resolves when `happened` holds what is looked for. */
  until(holds: (happened: readonly Happening[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface LineClientOptions {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Answers what the server asks. */
  readonly reply: (method: string, params: Record<string, unknown>) => object;
}

export function openLineClient({ command, env, reply }: LineClientOptions): LineClient {
  const [program, ...args] = command;
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  const happened: Happening[] = [];
  const waiting = new Map<number, (text: { result?: string; error?: string }) => void>();
  const watchers = new Set<() => void>();
  let last = 0;
  const send = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };

  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as { id?: number; method?: string; params?: Record<string, unknown> };
    const text = (name: string): Record<string, string> => {
      const found = memberText(line, name);
      return found === undefined ? {} : { [name]: found };
    };
    if (message.method === undefined) {
      const answer = { ...text('result'), ...text('error') };
      happened.push({ kind: 'answer', ...answer });
      waiting.get(message.id ?? -1)?.(answer);
    } else {
      const kind = message.id === undefined ? 'notification' : 'request';
      happened.push({ kind, method: message.method, ...text('params') });
      if (kind === 'request') send({ id: message.id, result: reply(message.method, message.params ?? {}) });
    }
    for (const look of watchers) look();
  });

  return {
    happened,
    notify: (method, params) => send({ method, ...(params ? { params } : {}) }),
    ask(method, params) {
      const id = (last += 1);
      send({ id, method, ...(params ? { params } : {}) });
      return new Promise((resolve, reject) => {
        waiting.set(id, resolve);
        void ended.then(() => reject(new Error(`The server ended before it answered ${method}.`)));
      });
    },
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds(happened)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    async close() {
      // A server may have timers that outlive its input.
      child.kill();
      await ended;
    },
  };
}
