import { chmodSync, existsSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { ConfigError, messageOf, PlacetError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { attach, readLine } from './attach.ts';
import { helloSchema, type Hello, type Reply } from './hello.ts';
import { isAbsent } from './launch.ts';
import { prepareSocketFolder } from './socket-path.ts';

/** Who connects says what for within this time. */
const HELLO_MS = 10_000;

/** More would leave no file descriptors for the journal and the reviewers' site. */
const MOST_CONNECTIONS = 512;

/** Whoever can reach a socket: the owner may do everything, an agent of the group only speak MCP. */
export type Door = 'owner' | 'agents';

export interface SocketServerOptions {
  readonly path: string;
  readonly door: Door;
  readonly log: Log;
  /** Where every connection is kept while it stands, for whoever ends the host. */
  readonly connections: Set<Socket>;
  /**
   * Decides on an attachment. A `hold` keeps the socket for MCP.
   *
   * @throws PlacetError whose sentence is sent to the other side
   */
  readonly accept: (
    hello: Hello,
  ) => Promise<{ readonly data?: unknown; readonly hold?: (socket: Socket) => void }>;
}

/**
 * Listens for pipes and commands; `close` ends the listening, not what is connected.
 *
 * @throws ConfigError `workspace_in_use` when another host listens there
 */
export async function listenOnSocket(options: SocketServerOptions): Promise<{ close(): void }> {
  const { path, door } = options;
  if (door === 'owner') prepareSocketFolder(dirname(path));
  await removeStale(path);
  const server = createServer({ allowHalfOpen: true }, (socket) => void welcome(socket, options));
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, path);
  if (process.platform !== 'win32') chmodSync(path, door === 'owner' ? 0o600 : 0o660);
  // The connections that stand are ended by whoever holds them.
  return { close: () => void server.close() };
}

async function welcome(
  socket: Socket,
  { accept, door, log, connections }: SocketServerOptions,
): Promise<void> {
  connections.add(socket);
  socket.once('close', () => connections.delete(socket));
  socket.on('error', (error) => log(`A client's connection broke: ${error.message}`));
  socket.setTimeout(HELLO_MS, () => socket.destroy());
  try {
    const hello = helloSchema.safeParse(JSON.parse(await readLine(socket)));
    socket.setTimeout(0);
    if (!hello.success) {
      throw new PlacetError(
        'bad_hello',
        'This host does not understand the request: is the client of another version?',
      );
    }
    if (door === 'agents' && hello.data.op !== 'stdio') {
      throw new PlacetError('not_allowed', `${hello.data.op} is not possible over the agents' socket.`);
    }
    const { data, hold } = await accept(hello.data);
    reply(socket, { ok: true, ...(data === undefined ? {} : { data }) });
    if (hold) hold(socket);
    else socket.destroySoon();
  } catch (error) {
    const code = error instanceof PlacetError ? error.code : 'bad_hello';
    if (!socket.destroyed) reply(socket, { ok: false, code, error: messageOf(error) });
    socket.destroySoon();
  }
}

function reply(socket: Socket, answer: Reply): void {
  socket.write(`${JSON.stringify(answer)}\n`);
}

/** A host that was killed leaves its socket behind; one that lives answers on it. */
async function removeStale(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const { socket } = await attach(path, { placet: 1, op: 'status' });
    socket.destroy();
  } catch (error) {
    if (!isAbsent(error) && !(error instanceof PlacetError)) throw error;
    if (isAbsent(error)) {
      if (existsSync(path) && !lstatSync(path).isSocket()) {
        throw new ConfigError(
          'not_a_socket',
          `${path} is no socket: name another place for it, or move that file away.`,
        );
      }
      rmSync(path, { force: true });
      return;
    }
  }
  throw new ConfigError(
    'workspace_in_use',
    `Another host already listens on ${path}: end it with "placet stop".`,
  );
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
