import { mkdirSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { tempDir } from './temp.ts';

/** Two ends of a real socket. The server's end stays open for writing after the client has ended its own. */
export async function socketPair(): Promise<{ readonly client: Socket; readonly server: Socket }> {
  const dir = tempDir();
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 's');
  const listener = createServer({ allowHalfOpen: true });
  const accepted = new Promise<Socket>((resolve) => {
    listener.once('connection', resolve);
  });
  await new Promise<void>((resolve) => {
    listener.listen(path, resolve);
  });
  const client = connect({ path, allowHalfOpen: true });
  const server = await accepted;
  listener.close();
  return { client, server };
}
