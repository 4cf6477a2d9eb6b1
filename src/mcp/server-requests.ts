import { Verbatim } from '../core/verbatim.ts';
import { RpcError, type RpcErrorObject } from '../guard/ports.ts';
import type { ClientSide } from './client-side.ts';
import type { Link } from './link.ts';
import type { ErrorMessage, MessageId, RequestMessage, ResultMessage } from './message.ts';

/** What one server asks of the client in whose name it is connected. */
export interface ServerRequests {
  take(request: RequestMessage, related: MessageId | undefined): void;
  /** The server waits no longer. */
  cancel(id: unknown): void;
  /** Nobody can be answered any more. */
  close(): void;
}

/** More at once are refused: each is a question to a model or a person. */
const MAX_UNDER_WAY = 64;
/** With so much unread by the server it gets no answers: it asks and does not read them. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;
const INTERNAL_ERROR = -32603;

export function createServerRequests(options: {
  readonly link: Link;
  readonly server: string;
  readonly client: ClientSide;
  readonly report: (what: string) => void;
}): ServerRequests {
  const { link, server, client, report } = options;
  const underWay = new Map<MessageId, AbortController>();

  function answer(message: ResultMessage | ErrorMessage): void {
    if (link.backlog() <= MAX_BACKLOG_BYTES) link.send(message);
    else report('It asks, and does not read what it is answered; it gets no more answers.');
  }

  function fail(id: MessageId, error: RpcErrorObject): void {
    answer({ kind: 'error', id, error });
  }

  async function pass({ id, method, params }: RequestMessage, related: MessageId | undefined): Promise<void> {
    const controller = new AbortController();
    underWay.set(id, controller);
    try {
      const value = params instanceof Verbatim ? params.value : params;
      const result = await client.request({
        server,
        method,
        signal: controller.signal,
        ...(value === undefined ? {} : { params: value }),
        ...(related === undefined ? {} : { related }),
      });
      if (!controller.signal.aborted) answer({ kind: 'result', id, result });
    } catch (error) {
      if (controller.signal.aborted) return;
      if (error instanceof RpcError) fail(id, error.error);
      else fail(id, { code: INTERNAL_ERROR, message: 'The client could not be asked.' });
    } finally {
      if (underWay.get(id) === controller) underWay.delete(id);
    }
  }

  return {
    take(request, related) {
      const { id, method } = request;
      if (method === 'ping') {
        answer({ kind: 'result', id, result: Verbatim.of({}) });
      } else if (underWay.has(id)) {
        report('It made a request under an id that it uses already.');
        fail(id, { code: -32600, message: 'This id is in use.' });
      } else if (underWay.size >= MAX_UNDER_WAY) {
        fail(id, {
          code: INTERNAL_ERROR,
          message: `At most ${MAX_UNDER_WAY} requests may be under way at once.`,
        });
      } else {
        void pass(request, related);
      }
    },

    cancel(id) {
      if (typeof id === 'string' || typeof id === 'number') underWay.get(id)?.abort();
    },

    close() {
      for (const controller of underWay.values()) controller.abort();
    },
  };
}
