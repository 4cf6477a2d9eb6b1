import type { Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import { newId, type Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { People } from '../core/person.ts';
import type { Guard } from '../guard/guard.ts';
import { wrappedServer } from '../mcp/servers.ts';
import { openSession, type AgentSession } from '../mcp/session.ts';
import { agentFor } from './agents.ts';
import type { Hello } from './attach.ts';
import { withinLimit } from './drain.ts';
import { mustKeepOut, type Downstreams } from './downstreams.ts';

/** The clients that are attached over a socket. */
export interface Clients {
  /** Takes a pipe in. @returns what to do with its socket once it was told that it is welcome */
  welcome(hello: Extract<Hello, { readonly op: 'stdio' | 'wrap' }>): (socket: Socket) => void;
  count(): number;
  close(): Promise<void>;
}

export function createClients(options: {
  readonly settings: Settings;
  readonly people: () => People;
  readonly guard: Guard;
  readonly downstreams: Downstreams;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly software: string;
  /** Bytes of a message that a client may send. */
  readonly maxMessageBytes: number;
}): Clients {
  const { settings, guard, downstreams, clock, random, log, software } = options;
  const sessions = new Set<AgentSession>();
  let closed = false;

  return {
    welcome(hello) {
      if (closed) throw ending();
      const agent = agentFor(hello.agent, options.people());
      const wrapped =
        hello.op === 'wrap'
          ? downstreams.identify(
              wrappedServer(
                hello.name,
                { command: hello.command, args: hello.args, env: hello.env, cwd: hello.cwd },
                downstreams.servers,
              ),
            )
          : undefined;
      if (wrapped) mustKeepOut(wrapped, settings);

      return (socket) => {
        const id = newId('ses', clock.now(), random);
        const endSession = downstreams.fleet.openSession({ id, agent, ...(wrapped ? { wrapped } : {}) });
        const own = wrapped ? downstreams.wrappedCatalogue(wrapped, id) : undefined;
        const started = own?.start() ?? Promise.resolve();
        started
          .then(() => {
            if (closed) throw ending();
            return openSession({
              stream: socket,
              caller: { agent, session: id, identity: 'claimed' },
              intercept: guard.intercept,
              catalogue: own ?? downstreams.catalogue,
              log,
              software,
              limits: { maxBytes: options.maxMessageBytes },
            });
          })
          .then(async (session) => {
            sessions.add(session);
            guard.wake();
            await session.closed;
            sessions.delete(session);
          })
          .catch((error: unknown) => log(`A client's session failed: ${messageOf(error)}`))
          .finally(() => {
            // What was written still leaves.
            socket.destroySoon();
            own?.close();
            endSession();
          });
      };
    },

    count: () => sessions.size,

    async close() {
      closed = true;
      const all = [...sessions];
      await withinLimit(Promise.all(all.map((session) => session.answered())), { clock, log });
      // The answers are on their way out of the protocol's queue.
      await immediate();
      await Promise.all(all.map((session) => session.close()));
    },
  };
}

function ending(): PlacetError {
  return new PlacetError('host_ending', 'The host is ending; start the client again.');
}
