import { digestOf } from '../core/digest.ts';
import type { Clock } from '../core/clock.ts';
import { DownstreamError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Reach } from '../guard/ports.ts';
import { nobody, type ClientHello, type ClientSide } from './client-side.ts';
import { createLane, type Lane, type Offering } from './lane.ts';
import type { Downstream, SessionConnections } from './server-side.ts';
import type { ServerConfig } from './servers.ts';

export interface FleetOptions {
  /** The servers of the workspace, that of the guarded tools among them. */
  readonly servers: readonly ServerConfig[];
  readonly connect: (
    server: ServerConfig,
    client: ClientSide,
    onChanged: () => void,
    signal: AbortSignal,
  ) => Promise<Downstream>;
  /**
   * What a connection offers a client that said this of itself, when it is fresh or something has changed; `session`
   * when the server is that one's own.
   */
  readonly onList: (
    server: string,
    hello: ClientHello,
    offering: Offering,
    session: string | undefined,
  ) => void;
  /** A connection for calls could not be made: time to find out how the server stands. */
  readonly onFailed: (server: string, session: string | undefined) => void;
  /** What the host says of itself where it connects for no client. */
  readonly hello: ClientHello;
  /** How long connections that belong to no client stay unused, in milliseconds. Default five minutes. */
  readonly idleMs?: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SessionOptions {
  readonly id: string;
  readonly agent: string;
  readonly client: ClientSide;
  /** The server that this client brought along with `placet wrap`. */
  readonly wrapped?: ServerConfig;
}

/** All connections to downstreams: each client session's own, and the host's for what outlives its session. */
export interface Fleet {
  openSession(session: SessionOptions): SessionConnections;
  /**
   * The session's own connection while it lives, else one of the host's, kept apart by agent. A wrapped server
   * is only reached through a live session of the same agent that wraps one of that name.
   */
  readonly reach: Reach;
  /**
   * Asks a server what it offers a client that says this of itself: over the session's connection, or one of the
   * host's own, which refuses whatever the server asks of it.
   *
   * @throws DownstreamError
   */
  list(server: string, hello: ClientHello, session?: string): Promise<Offering>;
  /** From now on this server is reached over new connections; the old ones close once their calls have ended. */
  restart(server: string): void;
  /** Closes every connection now. */
  close(): Promise<void>;
}

interface Session extends SessionOptions {
  readonly lanes: Map<string, Lane>;
  readonly opened: Set<(server: string, downstream: Downstream) => void>;
  paused: boolean;
}

const IDLE_MS = 5 * 60_000;
/** A connection that was only asked for its lists. */
const ASKED_IDLE_MS = 15_000;

export function createFleet(options: FleetOptions): Fleet {
  const { clock, log } = options;
  const servers = new Map(options.servers.map((server) => [server.name, server]));
  const sessions = new Map<string, Session>();
  /** By agent, or by what was said where a server was only asked for its lists. */
  const hostLanes = new Map<string, Map<string, Lane>>();
  /** Every lane with a connection that may be open, and its server's name. */
  const all = new Map<Lane, string>();
  let closed = false;

  function laneOf(lanes: Map<string, Lane>, server: ServerConfig, kind: LaneKind): Lane {
    if (closed) throw unavailable(server.name, 'the host is ending');
    const known = lanes.get(server.name);
    if (known) return known;
    const { client, session, idleMs } = kind;
    const own = session?.wrapped?.name === server.name ? session.id : undefined;
    const made = createLane({
      connect: (onChanged, signal) => options.connect(server, client, onChanged, signal),
      onList: (offering) => options.onList(server.name, client.hello(), offering, own),
      onFailed: () => options.onFailed(server.name, own),
      onOpened: (downstream) => {
        for (const listener of session?.opened ?? []) listener(server.name, downstream);
      },
      ...(idleMs === undefined ? {} : { idleMs }),
      clock,
      log,
    });
    if (session?.paused === true) made.pause();
    lanes.set(server.name, made);
    all.set(made, server.name);
    return made;
  }

  function hostLane(server: ServerConfig, key: string, hello: ClientHello, idleMs: number): Lane {
    let lanes = hostLanes.get(key);
    if (!lanes) hostLanes.set(key, (lanes = new Map<string, Lane>()));
    return laneOf(lanes, server, { client: nobody(hello), idleMs });
  }

  function ownLane(session: Session, server: string): Lane {
    const config = session.wrapped?.name === server ? session.wrapped : servers.get(server);
    if (!config || !sessions.has(session.id)) throw unavailable(server, 'its session has ended');
    return laneOf(session.lanes, config, { client: session.client, session });
  }

  function find(server: string, sessionId: string, agent: string): Lane {
    const session = sessions.get(sessionId);
    const own = session?.agent === agent ? session : undefined;
    const wrapper = own?.wrapped?.name === server ? own : wrapperOf(server, agent);
    if (wrapper) return ownLane(wrapper, server);
    const config = servers.get(server);
    if (!config) throw unavailable(server, 'it waits for its client to attach again');
    return own
      ? ownLane(own, server)
      : hostLane(config, `agent ${agent}`, options.hello, options.idleMs ?? IDLE_MS);
  }

  function wrapperOf(server: string, agent: string): Session | undefined {
    return [...sessions.values()].find((each) => each.agent === agent && each.wrapped?.name === server);
  }

  return {
    openSession(given) {
      const session: Session = { ...given, lanes: new Map(), opened: new Set(), paused: false };
      sessions.set(session.id, session);
      return {
        to: async (server) => ownLane(session, server).downstream(),
        standing: (server) => session.lanes.get(server)?.standing(),
        all() {
          const standing = [...session.lanes].map(([server, lane]) => [server, lane.standing()] as const);
          return new Map(standing.flatMap(([server, each]) => (each ? [[server, each] as const] : [])));
        },
        onOpened: (listener) => void session.opened.add(listener),
        pause() {
          session.paused = true;
          for (const lane of session.lanes.values()) lane.pause();
        },
        resume() {
          session.paused = false;
          for (const lane of session.lanes.values()) lane.resume();
        },
        end() {
          sessions.delete(session.id);
          for (const lane of session.lanes.values()) {
            // Nobody reads what it says any more; what is under way on it still ends.
            lane.resume();
            void lane.finish().then(() => all.delete(lane));
          }
        },
      };
    },

    reach: async (server, session, agent) => find(server, session, agent).target(),

    async list(server, hello, sessionId) {
      const session = sessionId === undefined ? undefined : sessions.get(sessionId);
      if (session) return ownLane(session, server).offering();
      const config = servers.get(server);
      if (!config) throw unavailable(server, 'it is not named in mcp.json');
      return hostLane(config, `lists ${digestOf(hello)}`, hello, ASKED_IDLE_MS).offering();
    },

    restart(server) {
      for (const [lane, name] of all) if (name === server) lane.renew();
    },

    async close() {
      closed = true;
      await Promise.all([...all.keys()].map((lane) => lane.end()));
    },
  };
}

interface LaneKind {
  readonly client: ClientSide;
  readonly session?: Session;
  readonly idleMs?: number;
}

function unavailable(server: string, why: string): DownstreamError {
  return new DownstreamError('downstream_unavailable', `Nothing was sent to the server ${server}: ${why}.`);
}
