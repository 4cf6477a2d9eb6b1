import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import type { ClientHello, ServerRequest } from './client-side.ts';
import type { Link } from './link.ts';
import type { ErrorMessage, MessageId, ResultMessage } from './message.ts';
import { unmarked } from './own-marks.ts';
import type { SessionConnections } from './server-side.ts';

/** What downstreams ask of one client, under ids of our own. */
export interface ClientRequests {
  /** @throws RpcError */
  readonly request: (request: ServerRequest) => Promise<Verbatim>;
  /** @returns false when it was not asked */
  answered(message: ResultMessage | ErrorMessage): boolean;
  /** The client tells of the progress of what it was asked. */
  progressed(params: JsonObject, connections: Pick<SessionConnections, 'standing'>): void;
  /** The client is gone. */
  close(): void;
}

interface Pending {
  readonly server: string;
  /** The server's own, where it wants to hear of progress. */
  readonly progressToken: unknown;
  readonly settle: (end: Verbatim | Error) => void;
}

const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

export function createClientRequests(options: {
  readonly link: Link;
  readonly hello: () => ClientHello;
}): ClientRequests {
  const { link, hello } = options;
  const pending = new Map<MessageId, Pending>();
  let next = 1;
  let closed = false;

  function request({ server, method, params, signal, related }: ServerRequest): Promise<Verbatim> {
    if (closed || signal.aborted) return Promise.reject(gone());
    if (!isAble(hello().capabilities, method)) {
      return Promise.reject(new RpcError({ code: METHOD_NOT_FOUND, message: 'Method not found' }));
    }
    // Texts never meet the numbers that the client counts its own requests by.
    const id = `placet-${next}`;
    next += 1;
    const meta = isJsonObject(params?._meta) ? params._meta : undefined;
    return new Promise((resolve, reject) => {
      const cancelled = (): void => {
        const told = { requestId: id, reason: 'The server waits for it no longer.' };
        send({ kind: 'notification', method: 'notifications/cancelled', params: told });
        pending.get(id)?.settle(new RpcError({ code: INTERNAL_ERROR, message: 'It was cancelled.' }));
      };
      const send = (message: Parameters<Link['send']>[0]): void =>
        link.send(message, related === undefined ? {} : { related });
      signal.addEventListener('abort', cancelled);
      pending.set(id, {
        server,
        progressToken: meta?.progressToken,
        settle(end) {
          pending.delete(id);
          signal.removeEventListener('abort', cancelled);
          if (end instanceof Error) reject(end);
          else resolve(end);
        },
      });
      const given =
        meta?.progressToken === undefined ? params : { ...params, _meta: { ...meta, progressToken: id } };
      send({ kind: 'request', id, method, ...(given === undefined ? {} : { params: unmarked(given) }) });
    });
  }

  return {
    request,

    answered(message) {
      const waiting = message.id === null ? undefined : pending.get(message.id);
      waiting?.settle(message.kind === 'result' ? message.result : new RpcError(message.error));
      return waiting !== undefined;
    },

    progressed(params, connections) {
      const { progressToken } = params;
      const waiting = typeof progressToken === 'string' ? pending.get(progressToken) : undefined;
      if (waiting?.progressToken === undefined) return;
      const told = { ...params, progressToken: waiting.progressToken as string | number };
      connections.standing(waiting.server)?.notify('notifications/progress', told);
    },

    close() {
      closed = true;
      for (const waiting of pending.values()) waiting.settle(gone());
    },
  };
}

/** Whether a client with these capabilities is asked at all, as a server that it is connected with would judge. */
function isAble(capabilities: JsonObject, method: string): boolean {
  const [family = ''] = method.split('/');
  if (['sampling', 'elicitation', 'roots', 'tasks'].includes(family))
    return isJsonObject(capabilities[family]);
  return Object.hasOwn(capabilities, family) || isJsonObject(capabilities.experimental);
}

function gone(): RpcError {
  return new RpcError({ code: INTERNAL_ERROR, message: 'The client is gone.' });
}
