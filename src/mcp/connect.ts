import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Clock } from '../core/clock.ts';
import { DownstreamError, messageOf } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { RpcError } from '../guard/ports.ts';
import type { Asking } from './asking.ts';
import { brief } from './brief.ts';
import type { ClientSide } from './client-side.ts';
import { isShallow } from './depth.ts';
import { openDownstream } from './downstream.ts';
import type { Link } from './link.ts';
import type { OfferKind } from './offers.ts';
import { createProcessLink } from './process-link.ts';
import { LATEST_REVISION, REVISIONS } from './revisions.ts';
import { createServerLog } from './server-log.ts';
import type { Downstream, ServerHello } from './server-side.ts';
import type { ServerConfig } from './servers.ts';

export interface ConnectOptions {
  readonly server: ServerConfig;
  /** What every server that is a process is given of the host's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** In whose name: the server is told what this client said of itself. */
  readonly client: ClientSide;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the start and the handshake may take, in milliseconds. Default one minute. */
  readonly startMs?: number;
  /** The largest message that is accepted from it, in bytes. Default 64 MB. */
  readonly maxBytes?: number;
  /** Gives up the start. */
  readonly signal?: AbortSignal;
  readonly onChanged?: (what: OfferKind) => void;
  /** For servers over HTTP; one that signs in, where the server asks for it. */
  readonly fetch?: FetchLike;
}

const START_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Starts or reaches a downstream and shakes hands with it.
 *
 * @throws DownstreamError `downstream_unavailable`
 */
export async function connectDownstream(options: ConnectOptions): Promise<Downstream> {
  const { server, client, clock, signal } = options;
  const report = createServerLog(server.name, clock, options.log);
  const startMs = options.startMs ?? START_MS;
  const link = await linkTo(options, report);
  const giveUp = (): void => void link.close();
  signal?.addEventListener('abort', giveUp);
  try {
    const { asking, ready } = await openDownstream({
      link,
      server,
      client,
      clock,
      report,
      ...(options.onChanged ? { onChanged: options.onChanged } : {}),
    });
    if (signal?.aborted === true) throw new Error('it is no longer wanted');
    const hello = await shakeHands(asking, client, startMs);
    link.agreed?.(hello.protocolVersion);
    link.send({ kind: 'notification', method: 'notifications/initialized' });
    return ready(hello);
  } catch (error) {
    await link.close();
    if (error instanceof DownstreamError && error.code === 'downstream_unavailable' && !error.cause)
      throw error;
    const what = server.transport.kind === 'process' ? 'could not be started' : 'could not be reached';
    throw new DownstreamError(
      'downstream_unavailable',
      `The server ${server.name} ${what}: ${brief(reasonOf(error, startMs))}.`,
      { cause: error },
    );
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

async function shakeHands(asking: Asking, client: ClientSide, startMs: number): Promise<ServerHello> {
  const { protocolVersion, capabilities, clientInfo } = client.hello();
  // A client of a later revision was told the latest one that is known here, and so is the server.
  const revision = REVISIONS.includes(protocolVersion) ? protocolVersion : LATEST_REVISION;
  const params = { protocolVersion: revision, capabilities, clientInfo };
  const { value } = await asking.ask({ method: 'initialize', params, timeout_ms: startMs });
  const version = value.protocolVersion;
  if (typeof version !== 'string' || !REVISIONS.includes(version)) {
    throw new Error(
      `it speaks a revision of MCP that is not known here: ${brief(JSON.stringify(version) ?? 'none', 40)}`,
    );
  }
  return {
    protocolVersion: version,
    capabilities: objectOf(value.capabilities),
    serverInfo: objectOf(value.serverInfo),
    ...(typeof value.instructions === 'string' ? { instructions: value.instructions } : {}),
  };
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) && isShallow(value) ? value : {};
}

/** Why there is no connection. */
function reasonOf(error: unknown, startMs: number): string {
  if (error instanceof RpcError) return `it refused the handshake: ${error.message}`;
  if (!(error instanceof DownstreamError)) return messageOf(error);
  switch (error.code) {
    case 'downstream_silent':
      return `it did not answer the handshake within ${startMs / 1000} s`;
    case 'downstream_died':
      return 'it ended before the handshake was done';
    default:
      return error.cause instanceof Error ? error.cause.message : error.message;
  }
}

async function linkTo(options: ConnectOptions, report: Log): Promise<Link> {
  const { server, environment, clock, maxBytes = MAX_BYTES } = options;
  if (server.transport.kind === 'process')
    return createProcessLink({ config: server.transport, environment, maxBytes, clock, log: report });
  // The SDK's client is loaded where a server is met over HTTP.
  const { createHttpLink } = await import('./http-link.ts');
  return createHttpLink({ config: server.transport, maxBytes, clock, fetch: options.fetch });
}
