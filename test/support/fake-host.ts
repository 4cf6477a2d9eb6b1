import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { readLine } from '../../src/host/attach.ts';
import { helloSchema, type Hello, type Reply } from '../../src/host/hello.ts';
import { socketPath } from '../../src/host/socket-path.ts';

export interface FakeHost {
  /** What was asked, in order. */
  readonly asked: readonly Hello[];
  close(): void;
}

/** Stands at the workspace's socket in the place of a host, and answers what it is told to. */
export async function fakeHost(workspace: string, answer: (hello: Hello) => Reply): Promise<FakeHost> {
  const path = socketPath(workspace);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const asked: Hello[] = [];
  const server = createServer((socket) => {
    void readLine(socket).then((line) => {
      const hello = helloSchema.parse(JSON.parse(line));
      asked.push(hello);
      socket.end(`${JSON.stringify(answer(hello))}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { asked, close: () => void server.close() };
}
