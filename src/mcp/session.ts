/* oxlint-disable unicorn/prefer-add-event-listener -- the MCP SDK's callbacks are properties */
import type { Duplex } from 'node:stream';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { JSONRPCRequest, Notification, Request } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { messageOf, PlacetError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import type { Caller, IncomingCall, Intercept, OfferedTool } from '../guard/ports.ts';
import { refusal, RpcFailure, toolResultOf } from './answers.ts';
import { brief } from './brief.ts';
import type { CatalogueView } from './catalogue.ts';
import { INVALID_PARAMS } from './incoming.ts';
import { createLineTransport } from './line-transport.ts';
import {
  CANCEL_INPUT,
  INSTRUCTIONS,
  OWN_TOOLS,
  PLACET_CANCEL,
  PLACET_STATUS,
  STATUS_INPUT,
} from './own-tools.ts';
import { widen } from './widen.ts';

export interface SessionLimits {
  /** The largest message that a client may send, in bytes. Default 1 MB. */
  readonly maxBytes?: number;
  /** How many objects and arrays may stand inside each other in it. Default 64. */
  readonly maxDepth?: number;
}

export interface OpenSessionOptions {
  readonly stream: Duplex;
  readonly caller: Omit<Caller, 'client'>;
  readonly intercept: Intercept;
  readonly catalogue: CatalogueView;
  readonly log: Log;
  readonly limits?: SessionLimits;
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

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;
const MAX_LOG_LINES = 200;
const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

type Extra = RequestHandlerExtra<Request, Notification>;

const callShape = z.object({
  name: z.string(),
  arguments: z.custom<JsonObject>(isJsonObject, 'must be an object').optional(),
});

/** The agent's face: one client on one stream, from its first byte to its last. Nothing waits for a handshake. */
export async function openSession(options: OpenSessionOptions): Promise<AgentSession> {
  const { stream, intercept, catalogue, limits, software } = options;
  const log = atMost(MAX_LOG_LINES, options.log);
  const underWay = new Set<Promise<JsonObject>>();
  const server = new Server(
    { name: 'placet', version: software },
    { capabilities: { tools: { listChanged: true } }, instructions: INSTRUCTIONS },
  );
  const handlers: Readonly<Record<string, (request: JSONRPCRequest, extra: Extra) => Promise<JsonObject>>> = {
    'tools/list': list,
    'tools/call': call,
  };
  // The SDK's own handlers for these methods drop and add members of results; this one passes them as they are.
  server.fallbackRequestHandler = async (request, extra) => {
    const handler = Object.hasOwn(handlers, request.method) ? handlers[request.method] : undefined;
    if (!handler) throw new RpcFailure({ code: METHOD_NOT_FOUND, message: 'Method not found' });
    const answering = handler(request, extra);
    underWay.add(answering);
    try {
      return await answering;
    } catch (error) {
      if (error instanceof RpcFailure) throw error;
      log(`A client's ${request.method} failed: ${messageOf(error)}`);
      throw new RpcFailure({
        code: INTERNAL_ERROR,
        message: "Placet failed on this request; the reason stands in the host's log.",
      });
    } finally {
      underWay.delete(answering);
    }
  };
  server.onerror = (error) => log(`A client's session: ${brief(error.message, 300)}`);
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  const stop = catalogue.onChange(() => {
    server
      .sendToolListChanged()
      .catch((error: unknown) => log(`A client was not told of changed tools: ${messageOf(error)}`));
  });
  void closed.then(stop);

  function caller(): Caller {
    const client = server.getClientVersion();
    if (!client) return options.caller;
    return { ...options.caller, client: brief(`${client.name} ${client.version}`, 100) };
  }

  async function list(): Promise<JsonObject> {
    await catalogue.ready();
    return { tools: [...catalogue.tools().map(asOffered), ...OWN_TOOLS] };
  }

  async function call(request: JSONRPCRequest, extra: Extra): Promise<JsonObject> {
    const params = callShape.safeParse(request.params);
    if (!params.success) throw badParams('A tools/call needs a name, and arguments that are an object.');
    const { name, arguments: args = {} } = params.data;
    try {
      if (name === PLACET_STATUS) return await status(args, extra.signal);
      if (name === PLACET_CANCEL) return await cancel(args);
      await catalogue.ready();
      const tool = catalogue.find(name);
      if (!tool) {
        throw badParams(
          `There is no tool ${JSON.stringify(brief(name, 128))}; tools/list gives those there are.`,
        );
      }
      return toolResultOf(await intercept.call(incoming(tool, args, request, extra)));
    } catch (error) {
      if (error instanceof PlacetError) return refusal(error.code, error.message);
      throw error;
    }
  }

  function incoming(
    tool: OfferedTool,
    args: JsonObject,
    request: JSONRPCRequest,
    extra: Extra,
  ): IncomingCall {
    const { progressToken, 'placet/reason': said, ...meta } = (request.params?._meta ?? {}) as JsonObject;
    return {
      caller: caller(),
      tool,
      args,
      signal: extra.signal,
      ...(typeof said === 'string' ? { said } : {}),
      ...(Object.keys(meta).length === 0 ? {} : { meta }),
      ...(progressToken === undefined
        ? {}
        : {
            onProgress: (progress) => {
              extra
                .sendNotification({
                  method: 'notifications/progress',
                  params: { ...progress, progressToken },
                })
                .catch((error: unknown) => log(`A client was not told of progress: ${messageOf(error)}`));
            },
          }),
    };
  }

  async function status(args: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const input = STATUS_INPUT.safeParse(args);
    if (!input.success) {
      return refusal(
        'invalid_arguments',
        'placet_status takes approval_id and, if wanted, wait_seconds (0 to 25).',
      );
    }
    const { approval_id, wait_seconds = 0 } = input.data;
    return toolResultOf(await intercept.status(caller(), approval_id, wait_seconds * 1000, signal));
  }

  async function cancel(args: JsonObject): Promise<JsonObject> {
    const input = CANCEL_INPUT.safeParse(args);
    if (!input.success)
      return refusal('invalid_arguments', 'placet_cancel takes approval_id and nothing else.');
    return toolResultOf(await intercept.cancel(caller(), input.data.approval_id));
  }

  await server.connect(
    createLineTransport({
      stream,
      maxBytes: limits?.maxBytes ?? MAX_BYTES,
      maxDepth: limits?.maxDepth ?? MAX_DEPTH,
      maxBacklogBytes: MAX_BACKLOG_BYTES,
      log,
    }),
  );
  return {
    closed,
    async answered() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    close: () => server.close(),
  };
}

/** The definition as its downstream gave it, but for its name and an output schema that admits pending answers. */
function asOffered({ name, definition }: OfferedTool): JsonObject {
  const { outputSchema, ...rest } = definition;
  const widened = isJsonObject(outputSchema) ? widen(outputSchema) : undefined;
  return { ...rest, name, ...(widened ? { outputSchema: widened } : {}) };
}

/** What a client does wrong must not fill the log. */
function atMost(lines: number, log: Log): Log {
  let left = lines;
  return (line) => {
    if (left > 0) log(left === 1 ? `${line} What else this client does wrong is not logged.` : line);
    left -= 1;
  };
}

function badParams(message: string): RpcFailure {
  return new RpcFailure({ code: INVALID_PARAMS, message });
}
