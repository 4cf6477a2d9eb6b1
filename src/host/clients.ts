import type { Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import { newId, type Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { mayHold, type Policy } from '../core/policy.ts';
import type { Guard } from '../guard/guard.ts';
import { agentLink } from '../mcp/agent-link.ts';
import type { Link } from '../mcp/link.ts';
import { wrappedServer, type ServerConfig } from '../mcp/servers.ts';
import { openSession, type AgentSession } from '../mcp/session.ts';
import type { AgentAccess } from './agent-access.ts';
import type { Hello } from './hello.ts';
import { withinLimit } from './drain.ts';
import { mustKeepOut, type Downstreams } from './downstreams.ts';

/** Who is at the other end of a link, and how that is known. */
export interface ClientIdentity {
  readonly agent: string;
  readonly identity: 'claimed' | 'authenticated';
}

/** The clients that are attached, over whatever link. */
export interface Clients {
  /** Takes a pipe in. @returns what to do with its socket once it was told that it is welcome */
  welcome(hello: Extract<Hello, { readonly op: 'stdio' | 'wrap' }>): (socket: Socket) => void;
  /** Opens a session over a link that was let in elsewhere. @throws PlacetError `host_ending` */
  open(link: Link, client: ClientIdentity): Promise<AgentSession>;
  count(): number;
  close(): Promise<void>;
}

export function createClients(options: {
  readonly settings: Settings;
  readonly agents: Pick<AgentAccess, 'identify' | 'sessions'>;
  readonly policy: () => Policy;
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

  async function open(link: Link, client: ClientIdentity, wrapped?: ServerConfig): Promise<AgentSession> {
    if (closed) throw ending();
    const id = newId('ses', clock.now(), random);
    const { agent } = client;
    const own = wrapped ? downstreams.wrappedCatalogue(wrapped, id) : undefined;
    const session = await openSession({
      link,
      caller: { ...client, session: id },
      intercept: guard.intercept,
      catalogue: own ?? downstreams.catalogue,
      connect: (side) =>
        downstreams.fleet.openSession({ id, agent, client: side, ...(wrapped ? { wrapped } : {}) }),
      mayHold: (tool) => mayHold(options.policy(), agent, tool),
      clock,
      random,
      log,
      software,
    });
    sessions.add(session);
    guard.wake();
    void session.closed.then(() => {
      sessions.delete(session);
      own?.close();
    });
    return session;
  }

  return {
    welcome(hello) {
      if (closed) throw ending();
      const { agent, identity, key } = options.agents.identify(hello);
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
        const forget = key && options.agents.sessions.opened(key, () => socket.destroy());
        open(agentLink(socket, options.maxMessageBytes), { agent, identity }, wrapped)
          .then((session) => session.closed)
          .catch((error: unknown) => log(`A client's session failed: ${messageOf(error)}`))
          // What was written still leaves.
          .finally(() => {
            forget?.();
            socket.destroySoon();
          });
      };
    },

    open,
    count: () => sessions.size,

    async close() {
      closed = true;
      const all = [...sessions];
      await withinLimit(Promise.all(all.map((session) => session.answered())), { clock, log });
      // The answers are on their way out of the links.
      await immediate();
      await Promise.all(all.map((session) => session.close()));
    },
  };
}

function ending(): PlacetError {
  return new PlacetError('host_ending', 'The host is ending; start the client again.');
}
