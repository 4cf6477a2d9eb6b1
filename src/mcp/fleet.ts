import type { Clock } from '../core/clock.ts';
import { DownstreamError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Reach } from '../guard/ports.ts';
import type { Downstream } from './server-side.ts';
import { createLane, type Lane } from './lane.ts';
import type { ServerConfig } from './servers.ts';
import type { ToolList } from './tool-list.ts';

export interface FleetOptions {
  /** The servers of the workspace, that of the guarded tools among them. */
  readonly servers: readonly ServerConfig[];
  readonly connect: (
    server: ServerConfig,
    onToolsChanged: () => void,
    signal: AbortSignal,
  ) => Promise<Downstream>;
  /** What a connection lists when it is fresh or has changed; `session` when the server is that one's own. */
  readonly onList: (server: string, list: ToolList, session: string | undefined) => void;
  /** A connection for calls could not be made: time to find out how the server stands. */
  readonly onFailed: (server: string, session: string | undefined) => void;
  /** How long connections that belong to no client stay unused, in milliseconds. Default five minutes. */
  readonly idleMs?: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SessionOptions {
  readonly id: string;
  readonly agent: string;
  /** The server that this client brought along with `placet wrap`. */
  readonly wrapped?: ServerConfig;
}

/** All connections to downstreams: each client session's own, and the host's for what outlives its session. */
export interface Fleet {
  /** @returns the way to end it: its connections close once the calls on them have ended */
  openSession(session: SessionOptions): () => void;
  /**
   * The session's own connection while it lives, else one of the host's, kept apart by agent. A wrapped server
   * is only reached through a live session of the same agent that wraps one of that name.
   */
  readonly reach: Reach;
  /** Asks a server for its tools, over the session's connection or the host's own. @throws DownstreamError */
  list(server: string, session?: string): Promise<ToolList>;
  /** From now on this server is reached over new connections; the old ones close once their calls have ended. */
  restart(server: string): void;
  /** Closes every connection now. */
  close(): Promise<void>;
}

interface Session extends SessionOptions {
  readonly lanes: Map<string, Lane>;
}

const IDLE_MS = 5 * 60_000;
/** Agents' names are never empty. */
const HOST = '';

export function createFleet(options: FleetOptions): Fleet {
  const { clock, log } = options;
  const servers = new Map(options.servers.map((server) => [server.name, server]));
  const sessions = new Map<string, Session>();
  const hostLanes = new Map<string, Map<string, Lane>>();
  /** Every lane with a connection that may be open, and its server's name. */
  const all = new Map<Lane, string>();
  let closed = false;

  function laneOf(lanes: Map<string, Lane>, server: ServerConfig, rest: LaneKind): Lane {
    if (closed) throw unavailable(server.name, 'the host is ending');
    const known = lanes.get(server.name);
    if (known) return known;
    const made = createLane({
      connect: (onToolsChanged, signal) => options.connect(server, onToolsChanged, signal),
      onList: (list) => options.onList(server.name, list, rest.session),
      onFailed: () => options.onFailed(server.name, rest.session),
      ...(rest.idleMs === undefined ? {} : { idleMs: rest.idleMs }),
      clock,
      log,
    });
    lanes.set(server.name, made);
    all.set(made, server.name);
    return made;
  }

  function hostLane(server: ServerConfig, agent: string): Lane {
    let lanes = hostLanes.get(agent);
    if (!lanes) hostLanes.set(agent, (lanes = new Map<string, Lane>()));
    return laneOf(lanes, server, { idleMs: options.idleMs ?? IDLE_MS });
  }

  function find(server: string, sessionId: string | undefined, agent: string): Lane {
    const session = sessionId === undefined ? undefined : sessions.get(sessionId);
    const own = session?.agent === agent ? session : undefined;
    const wrapper = own?.wrapped?.name === server ? own : wrapperOf(server, agent);
    if (wrapper?.wrapped) return laneOf(wrapper.lanes, wrapper.wrapped, { session: wrapper.id });
    const config = servers.get(server);
    if (!config) throw unavailable(server, 'it waits for its client to attach again');
    return own ? laneOf(own.lanes, config, {}) : hostLane(config, agent);
  }

  function wrapperOf(server: string, agent: string): Session | undefined {
    return [...sessions.values()].find((each) => each.agent === agent && each.wrapped?.name === server);
  }

  return {
    openSession(session) {
      const opened: Session = { ...session, lanes: new Map() };
      sessions.set(session.id, opened);
      return () => {
        sessions.delete(session.id);
        for (const lane of opened.lanes.values()) void lane.finish().then(() => all.delete(lane));
      };
    },

    reach: async (server, session, agent) => find(server, session, agent).target(),

    list: async (server, session) =>
      find(
        server,
        session,
        (session === undefined ? undefined : sessions.get(session)?.agent) ?? HOST,
      ).tools(),

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
  readonly session?: string;
  readonly idleMs?: number;
}

function unavailable(server: string, why: string): DownstreamError {
  return new DownstreamError('downstream_unavailable', `Nothing was sent to the server ${server}: ${why}.`);
}
