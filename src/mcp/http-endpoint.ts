import type { Clock } from '../core/clock.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { MAX_DEPTH } from './agent-link.ts';
import { createHttpSession, type HttpSession } from './http-endpoint-session.ts';
import { readFromClient } from './incoming.ts';
import type { Link } from './link.ts';
import type { Message, RequestMessage } from './message.ts';
import { LATEST_REVISION, REVISIONS } from './revisions.ts';
import { eventStream, failure, readBody, refusal } from './http-answers.ts';

/** Who sends a request, proven. */
export interface HttpClient {
  readonly agent: string;
  /** The same for whatever this agent proves itself by with this credential. A session belongs to it alone. */
  readonly credential: string;
  /** Milliseconds since the epoch, where the proof does not hold for ever. */
  readonly expires_at?: number;
}

export interface HttpEndpointOptions {
  /** Opens the agent's face. @returns resolves when the client's session has ended */
  readonly open: (link: Link, client: HttpClient) => Promise<{ readonly closed: Promise<void> }>;
  /** The largest message, in bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** MCP over streamable HTTP (revision 2025-11-25), for clients that were let in. */
export interface HttpEndpoint {
  readonly answer: (request: Request, client: HttpClient) => Promise<Response>;
  close(): Promise<void>;
}

interface Session {
  readonly http: HttpSession;
  readonly client: HttpClient;
  /** Clients of earlier revisions do not understand an event without data. */
  readonly resumable: boolean;
  provenUntil: number | undefined;
  usedAt: number;
}

const MAX_SESSIONS = 1000;
const MAX_OF_AGENT = 64;
const IDLE_MS = 30 * 60_000;
const SWEEP_MS = 20_000;
/** Events are kept so long for who was cut off. */
const KEPT_MS = 10 * 60_000;
const RESUMABLE_SINCE = '2025-11-25';
const SESSION_ID = 'mcp-session-id';

export function createHttpEndpoint(options: HttpEndpointOptions): HttpEndpoint {
  const { clock, random, log, maxBytes } = options;
  const sessions = new Map<string, Session>();
  let stopSweep = clock.after(SWEEP_MS, sweep);
  let closed = false;

  function sweep(): void {
    const now = clock.now();
    for (const { http, usedAt, provenUntil } of sessions.values()) {
      http.forget(now - KEPT_MS);
      if (provenUntil !== undefined && provenUntil <= now) http.hangUp();
      if (http.isIdle() && now - usedAt > IDLE_MS) void http.link.close();
      else http.keepAlive();
    }
    stopSweep = clock.after(SWEEP_MS, sweep);
  }

  /** The session of this id, where it is this client's. */
  function find(request: Request, client: HttpClient): Session | Response {
    const id = request.headers.get(SESSION_ID);
    if (id === null) return failure(400, 'This needs the header Mcp-Session-Id, which initialize answers.');
    const session = sessions.get(id);
    if (
      !session ||
      session.client.agent !== client.agent ||
      session.client.credential !== client.credential
    ) {
      return failure(404, 'There is no such session: it has ended, or is not yours. Initialize a new one.');
    }
    session.usedAt = clock.now();
    session.provenUntil = client.expires_at;
    return session;
  }

  function mustHaveRoom(agent: string): Response | undefined {
    const own = [...sessions.values()].filter(({ client }) => client.agent === agent).length;
    if (sessions.size < MAX_SESSIONS && own < MAX_OF_AGENT) return undefined;
    const most = own < MAX_OF_AGENT ? `${MAX_SESSIONS} sessions` : `${MAX_OF_AGENT} sessions of one agent`;
    return failure(503, `At most ${most} may stand at once: end one (DELETE), or try again later.`, {
      'Retry-After': '30',
    });
  }

  async function begin(request: RequestMessage, client: HttpClient): Promise<[string, Session] | Response> {
    const full = closed
      ? failure(503, 'The host is ending.', { 'Retry-After': '5' })
      : mustHaveRoom(client.agent);
    if (full) return full;
    const id = Buffer.from(random(24)).toString('base64url');
    const session: Session = {
      http: createHttpSession({ clock }),
      client,
      resumable: versionIn(request) >= RESUMABLE_SINCE,
      provenUntil: client.expires_at,
      usedAt: clock.now(),
    };
    sessions.set(id, session);
    try {
      const { closed: gone } = await options.open(session.http.link, client);
      void gone.then(() => sessions.delete(id));
      return [id, session];
    } catch (error) {
      sessions.delete(id);
      if (error instanceof PlacetError) return failure(503, error.message, { 'Retry-After': '5' });
      throw error;
    }
  }

  async function post(request: Request, client: HttpClient): Promise<Response> {
    const type = request.headers.get('content-type') ?? '';
    if (!/^application\/json\s*(;|$)/i.test(type))
      return failure(415, 'Send the message as application/json.');
    if (!accepts(request, 'application/json') || !accepts(request, 'text/event-stream')) {
      return failure(406, 'Accept both application/json and text/event-stream.');
    }
    const body = await readBody(request, maxBytes);
    if (!body)
      return failure(
        413,
        `The message is larger than ${maxBytes} bytes, which is the limit; send less at once.`,
      );
    const found = readFromClient(body, MAX_DEPTH);
    if (found.kind === 'refused') return refusal(400, found);
    if (found.kind === 'trouble') return failure(400, `This is ${found.what}.`);
    const { message } = found;
    if (isGreeting(message) && request.headers.get(SESSION_ID) === null) {
      const begun = await begin(message, client);
      if (begun instanceof Response) return begun;
      const [id, session] = begun;
      return deliver(session, message, request, { [SESSION_ID]: id });
    }
    const session = find(request, client);
    return session instanceof Response ? session : deliver(session, message, request);
  }

  async function deliver(
    { http, resumable }: Session,
    message: Message,
    { signal }: Request,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const taken = await http.post(message, { resumable, signal });
    switch (taken) {
      case 'taken':
        return new Response(null, { status: 202, headers });
      case 'id_in_use':
        return failure(400, 'A request with this id is under way.');
      case 'too_many':
        return failure(429, 'Too many requests of this session wait; try again when some are answered.', {
          'Retry-After': '1',
        });
      case 'ended':
        return failure(404, 'The session has ended. Initialize a new one.');
      default:
        return eventStream(taken, headers);
    }
  }

  function listen(request: Request, client: HttpClient): Response {
    if (!accepts(request, 'text/event-stream')) return failure(406, 'Accept text/event-stream.');
    const session = find(request, client);
    if (session instanceof Response) return session;
    const last = request.headers.get('last-event-id');
    const stream = last === null ? session.http.listen(session) : session.http.resume(last);
    switch (stream) {
      case 'taken_up':
        return failure(409, 'This session has a stream already; it may have one at a time.');
      case 'gone':
        return failure(
          400,
          'What followed this event is no longer kept; begin a stream without Last-Event-ID.',
        );
      case 'ended':
        return failure(404, 'The session has ended. Initialize a new one.');
      default:
        return eventStream(stream);
    }
  }

  async function end(request: Request, client: HttpClient): Promise<Response> {
    const session = find(request, client);
    if (session instanceof Response) return session;
    await session.http.link.close();
    return new Response(null, { status: 204 });
  }

  return {
    async answer(request, client) {
      const version = request.headers.get('mcp-protocol-version');
      if (version !== null && !REVISIONS.includes(version)) {
        return failure(400, `This revision of MCP is not known here; the newest is ${LATEST_REVISION}.`);
      }
      try {
        switch (request.method) {
          case 'POST':
            return await post(request, client);
          case 'GET':
            return listen(request, client);
          case 'DELETE':
            return await end(request, client);
          default:
            return failure(405, 'Use POST, GET or DELETE.', { Allow: 'POST, GET, DELETE' });
        }
      } catch (error) {
        log(`A client's request over HTTP failed: ${messageOf(error)}`);
        return failure(500, "Placet failed on this request; the reason stands in the host's log.");
      }
    },

    async close() {
      closed = true;
      stopSweep();
      await Promise.all([...sessions.values()].map(({ http }) => http.link.close()));
    },
  };
}

function isGreeting(message: Message): message is RequestMessage {
  return message.kind === 'request' && message.method === 'initialize';
}

function versionIn({ params }: RequestMessage): string {
  const version = (params as { readonly protocolVersion?: unknown } | undefined)?.protocolVersion;
  return typeof version === 'string' ? version : '';
}

function accepts(request: Request, type: string): boolean {
  const accepted = (request.headers.get('accept') ?? '').toLowerCase();
  return accepted.includes(type) || accepted.includes('*/*');
}
