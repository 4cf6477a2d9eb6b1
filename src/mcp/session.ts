import type { Clock } from '../core/clock.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError, type Caller, type Intercept, type OfferedTool } from '../guard/ports.ts';
import { brief } from './brief.ts';
import type { ClientHello, ClientSide } from './client-side.ts';
import { createClientQueue } from './client-queue.ts';
import { createClientRequests } from './client-requests.ts';
import type { Link } from './link.ts';
import type { MessageId, NotificationMessage, RequestMessage } from './message.ts';
import type { CatalogueView } from './offers.ts';
import { LATEST_REVISION } from './revisions.ts';
import type { SessionConnections } from './server-side.ts';
import { createSessionMethods } from './session-methods.ts';

export interface OpenSessionOptions {
  readonly link: Link;
  readonly caller: Omit<Caller, 'client'>;
  readonly intercept: Intercept;
  readonly catalogue: CatalogueView;
  /** Opens the session's connections to downstreams, in this client's name. */
  readonly connect: (client: ClientSide) => SessionConnections;
  /** Whether the policy could hold a call of this tool for this agent. */
  readonly mayHold: (tool: OfferedTool) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Placet's version. */
  readonly software: string;
}

export interface AgentSession {
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;
  /** Resolves when every request that has come was answered. */
  answered(): Promise<void>;
  close(): Promise<void>;
}

/** One request of the client, its progress token taken out. */
export interface Asked {
  readonly id: MessageId;
  readonly method: string;
  readonly params: JsonObject;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: JsonObject) => void;
}

const MAX_LOG_LINES = 200;
const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;

/** The agent's face: one client on one link, from its first message to its last. Nothing waits for a handshake. */
export async function openSession(options: OpenSessionOptions): Promise<AgentSession> {
  const { link, software } = options;
  const log = atMost(MAX_LOG_LINES, options.log);
  let hello: ClientHello = {
    protocolVersion: LATEST_REVISION,
    capabilities: {},
    clientInfo: { name: 'placet', version: software },
  };
  let greeted = false;
  let congested = false;
  let full = false;
  let gone: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });

  const client = createClientRequests({ link, hello: () => hello });
  const connections = options.connect({
    hello: () => hello,
    request: client.request,
    notified: (notification) => methods.notified(notification),
  });
  const methods = createSessionMethods({
    ...options,
    log,
    connections,
    hello: () => hello,
    caller(): Caller {
      if (!greeted) return options.caller;
      const { name, version } = hello.clientInfo;
      const said = [name, version].filter((each) => typeof each === 'string').join(' ');
      return said === '' ? options.caller : { ...options.caller, client: brief(said, 100) };
    },
    greet(said) {
      greeted = true;
      hello = said;
    },
  });

  const queue = createClientQueue({
    async work(request, signal) {
      const { id, method } = request;
      try {
        const result = await methods.answer(askedOf(request, signal));
        if (!signal.aborted) link.send({ kind: 'result', id, result }, { related: id });
      } catch (error) {
        if (!signal.aborted) fail(id, errorOf(error, method));
      }
    },
    onFull: (isFull) => (isFull ? hold('full') : release('full')),
  });

  function take(request: RequestMessage): void {
    if (queue.take(request)) return;
    fail(request.id, { code: INVALID_REQUEST, message: 'A request with this id is under way.' });
  }

  function askedOf({ id, method, params }: RequestMessage, signal: AbortSignal): Asked {
    const given = params instanceof Verbatim ? params.value : (params ?? {});
    if (!isJsonObject(given._meta) || given._meta.progressToken === undefined) {
      return { id, method, params: given, signal };
    }
    const { progressToken, ...meta } = given._meta;
    return {
      id,
      method,
      params: { ...given, _meta: meta },
      signal,
      onProgress(progress) {
        // Of a task it is told as long as the task goes on.
        if (!queue.isUnderWay(id) && !isJsonObject(given.task)) return;
        const told = { kind: 'notification', method: 'notifications/progress' } as const;
        link.send({ ...told, params: { ...progress, progressToken } }, { related: id });
      },
    };
  }

  function fail(id: MessageId, error: RpcError['error']): void {
    link.send({ kind: 'error', id, error }, { related: id });
  }

  function errorOf(error: unknown, method: string): RpcError['error'] {
    if (error instanceof RpcError) return error.error;
    if (error instanceof PlacetError) {
      return { code: INTERNAL_ERROR, message: error.message, data: { code: error.code } };
    }
    log(`A client's ${brief(method, 60)} failed: ${messageOf(error)}`);
    return {
      code: INTERNAL_ERROR,
      message: "Placet failed on this request; the reason stands in the host's log.",
    };
  }

  function notified({ method, params }: NotificationMessage): void {
    const given = params instanceof Verbatim ? params.value : (params ?? {});
    switch (method) {
      case 'notifications/initialized':
        return;
      case 'notifications/cancelled':
        return cancel(given.requestId);
      case 'notifications/progress':
        return client.progressed(given, connections);
      default:
        // A call without an id is a call all the same to a server that looks for none.
        if (!method.startsWith('notifications/')) {
          log(`A client's ${brief(method, 60)} without an id was passed over.`);
          return;
        }
        for (const downstream of connections.all().values()) downstream.notify(method, given);
    }
  }

  function cancel(id: unknown): void {
    if (typeof id === 'string' || typeof id === 'number') queue.cancel(id);
  }

  /** Who does not read is told nothing more, and who asks too much is not read. */
  function hold(why: 'congested' | 'full'): void {
    if (why === 'full') full = true;
    else {
      congested = true;
      connections.pause();
    }
    link.pause();
  }

  function release(why: 'congested' | 'full'): void {
    if (why === 'full') full = false;
    else {
      congested = false;
      connections.resume();
    }
    if (!full && !congested) link.resume();
  }

  await link.start({
    message(message) {
      switch (message.kind) {
        case 'request':
          return take(message);
        case 'notification':
          return notified(message);
        case 'result':
        case 'error':
          if (!client.answered(message)) log('A client answered what it was not asked.');
      }
    },
    trouble: (what) => log(`A client's message was passed over: ${brief(what, 300)}`),
    failed: (_, error) => log(`A client could not be told something: ${brief(error.message, 300)}`),
    congested: (on) => (on ? hold('congested') : release('congested')),
    closed() {
      queue.close();
      client.close();
      methods.close();
      connections.end();
      gone();
    },
  });

  return {
    closed,
    answered: () => queue.idle(),
    close: () => link.close(),
  };
}

/** What a client does wrong must not fill the log. */
function atMost(lines: number, log: Log): Log {
  let left = lines;
  return (line) => {
    if (left > 0) log(left === 1 ? `${line} What else this client does wrong is not logged.` : line);
    left -= 1;
  };
}
