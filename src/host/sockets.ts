import type { Socket } from 'node:net';
import type { Log } from '../core/log.ts';
import { socketPath } from './socket-path.ts';
import { listenOnSocket, type SocketServerOptions } from './socket-server.ts';

/** Lets clients and commands in: by the owner's socket, and by that of the agents where there is one. */
export async function openSockets(
  options: {
    readonly workspace: string;
    readonly agentsSocket: string | undefined;
    readonly log: Log;
    readonly connections: Set<Socket>;
    readonly accept: SocketServerOptions['accept'];
  },
  closers: (() => Promise<void> | void)[],
): Promise<void> {
  const { workspace, agentsSocket, ...rest } = options;
  const doors = [
    ['owner', socketPath(workspace)],
    ['agents', agentsSocket],
  ] as const;
  for (const [door, path] of doors) {
    if (path === undefined) continue;
    const listener = await listenOnSocket({ ...rest, path, door });
    closers.push(() => listener.close());
  }
}
