/* oxlint-disable unicorn/prefer-add-event-listener -- the MCP SDK's callbacks are properties */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ErrorCode, McpError, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Clock } from '../core/clock.ts';
import { DownstreamError, messageOf } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { AnsweredError, markAnswers, NoAnswer, type MarkedTransport } from './answer-marks.ts';
import { brief } from './brief.ts';
import { createDownstream } from './downstream.ts';
import type { Downstream } from './server-side.ts';
import { createHttpTransport } from './http-transport.ts';
import { createProcessTransport } from './process-transport.ts';
import { createServerLog } from './server-log.ts';
import type { ServerConfig } from './servers.ts';

export interface ConnectOptions {
  readonly server: ServerConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Placet's version, which downstreams are told. */
  readonly software: string;
  /** How long the start and the handshake may take, in milliseconds. Default one minute. */
  readonly startMs?: number;
  /** The largest message that is accepted from it, in bytes. Default 64 MB. */
  readonly maxBytes?: number;
  /** Gives up the start. */
  readonly signal?: AbortSignal;
  /** The downstream says that its list of tools has changed. */
  readonly onToolsChanged?: () => void;
}

export type DownstreamClient = Client;

const START_MS = 60_000;
const REQUEST_TIMEOUT: number = ErrorCode.RequestTimeout;
const MAX_BYTES = 64 * 1024 * 1024;
/** What has been read of a response is handed on within this time after its end. */
const GRACE_MS = 100;

/**
 * Starts or reaches a downstream and shakes hands with it.
 *
 * @throws DownstreamError `downstream_unavailable`
 */
export async function connectDownstream(options: ConnectOptions): Promise<Downstream> {
  const { server, software } = options;
  const log = createServerLog(server.name, options.clock, options.log);
  const startMs = options.startMs ?? START_MS;
  const transport = marked(options, log);
  const client: DownstreamClient = new Client({ name: 'placet', version: software }, { capabilities: {} });
  client.onerror = (error) => log(error.message);
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => options.onToolsChanged?.());
  const downstream = createDownstream({ client, server });
  // Closing ends the handshake; the SDK would send a cancellation, which for a handshake is not legal.
  const giveUp = (): void => void transport.close();
  options.signal?.addEventListener('abort', giveUp);
  try {
    await client.connect(transport, { timeout: startMs });
  } catch (error) {
    await transport.close();
    const what = server.transport.kind === 'process' ? 'could not be started' : 'could not be reached';
    throw new DownstreamError(
      'downstream_unavailable',
      `The server ${server.name} ${what}: ${brief(reasonOf(error, startMs))}.`,
      { cause: error },
    );
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
  return downstream;
}

/** Why there is no connection. The SDK's own words are codes. */
function reasonOf(error: unknown, startMs: number): string {
  if (!(error instanceof McpError)) return messageOf(error);
  if (error.data instanceof AnsweredError) return `it refused the handshake: ${error.data.error.message}`;
  if (error.data instanceof NoAnswer) return error.data.why;
  return error.code === REQUEST_TIMEOUT
    ? `it did not answer the handshake within ${startMs / 1000} s`
    : 'it ended before the handshake was done';
}

function marked(options: ConnectOptions, log: Log): MarkedTransport {
  const { server, clock } = options;
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  let transport: MarkedTransport | undefined;
  const inner: Transport =
    server.transport.kind === 'process'
      ? createProcessTransport({
          config: server.transport,
          maxBytes,
          log,
          onTooLong: (id) =>
            transport?.fail(
              id,
              new NoAnswer(
                'downstream_garbage',
                `its answer is larger than ${maxBytes} bytes, which is the limit`,
              ),
            ),
        })
      : createHttpTransport({
          config: server.transport,
          maxBytes,
          onEnd: (id, mark) => void clock.after(GRACE_MS, () => transport?.fail(id, mark)),
        });
  transport = markAnswers(inner, log);
  return transport;
}
