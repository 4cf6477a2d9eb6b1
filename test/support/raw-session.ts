import { createConnection } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { BINARY } from './workspace.ts';

export interface RawMessage {
  readonly jsonrpc: string;
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** A client of which nothing is hidden: every line it is sent can be looked at as it came. */
export interface RawSession {
  /** Every message that came, but for answers. */
  readonly others: RawMessage[];
  send(message: object): void;
  /** Sends a request under the next id. @returns its answer */
  ask(method: string, params?: object): Promise<RawMessage>;
  /** The same for a tool. @returns the text of its first content, or of its error */
  call(tool: string, args?: object): Promise<string>;
  /** The line in which the answer with this id came. */
  line(id: string | number): string | undefined;
  handshake(capabilities?: object): Promise<RawMessage>;
  /** Resolves with the first message, answers left out, for which it holds, come or still to come. */
  other(holds: (message: RawMessage) => boolean): Promise<RawMessage>;
  /** Reads nothing more until `resume`. */
  pause(): void;
  resume(): void;
  /** Resolves when the other side has ended. */
  readonly ended: Promise<unknown>;
  close(): Promise<void>;
}

/** Over the real `placet stdio`. */
export function openStdioSession(dir: string, agent = 'claude'): RawSession {
  const child = spawn(process.execPath, [BINARY, 'stdio', '--dir', dir, '--agent', agent], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return sessionOver(child.stdout, child.stdin, once(child, 'close'));
}

/** Over the host's own socket, which costs no process. */
export async function openSocketSession(path: string, agent = 'claude'): Promise<RawSession> {
  const socket = createConnection(path);
  await once(socket, 'connect');
  socket.write(`${JSON.stringify({ placet: 1, op: 'stdio', agent })}\n`);
  const session = sessionOver(socket, socket, once(socket, 'close'));
  const welcome = (await session.other(() => true)) as unknown as { readonly ok?: boolean };
  if (welcome.ok !== true) throw new Error(`The host refused: ${JSON.stringify(welcome)}`);
  return session;
}

/** Over the pipes of a program that speaks MCP itself. */
export function openProgramSession(args: readonly string[]): RawSession {
  const child = spawn(process.execPath, [...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  return sessionOver(child.stdout, child.stdin, once(child, 'close'));
}

function sessionOver(input: Readable, output: Writable, ended: Promise<unknown>): RawSession {
  const others: RawMessage[] = [];
  const lines = new Map<string | number, string>();
  const waiting = new Map<string | number, (message: RawMessage) => void>();
  const watchers = new Set<() => void>();
  let rest: Buffer[] = [];
  let next = 1;
  input.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      receive(Buffer.concat([...rest, chunk.subarray(start, end)]).toString());
      rest = [];
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
  });

  function receive(line: string): void {
    const message = JSON.parse(line) as RawMessage;
    if (message.method === undefined && message.id !== undefined && message.id !== null) {
      lines.set(message.id, line);
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
      return;
    }
    others.push(message);
    for (const look of watchers) look();
  }

  const session: RawSession = {
    others,
    ended,
    send: (message) => void output.write(`${JSON.stringify(message)}\n`),
    ask(method, params) {
      const id = next;
      next += 1;
      const answer = new Promise<RawMessage>((resolve) => {
        waiting.set(id, resolve);
      });
      session.send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) });
      return answer;
    },
    async call(tool, args = {}) {
      const { result, error } = await session.ask('tools/call', { name: tool, arguments: args });
      const [first] = (result?.content ?? []) as readonly { readonly text?: string }[];
      return first?.text ?? error?.message ?? JSON.stringify(result);
    },
    line: (id) => lines.get(id),
    async handshake(capabilities = {}) {
      const answer = await session.ask('initialize', {
        protocolVersion: '2025-11-25',
        capabilities,
        clientInfo: { name: 'raw', version: '1' },
      });
      session.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
      return answer;
    },
    other: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = others.find(holds);
          if (!found) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
    pause: () => void input.pause(),
    resume: () => void input.resume(),
    async close() {
      output.end();
      await ended;
    },
  };
  return session;
}
