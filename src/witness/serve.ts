import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, messageOf } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Answer, Witness } from './witness.ts';

export interface ServeWitnessOptions {
  readonly witness: Pick<Witness, 'addCheckpoint' | 'checkpoint'>;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly log: Log;
}

export interface ServedWitness {
  /** Such as `http://127.0.0.1:7448`, without a trailing slash. */
  readonly url: string;
  /** Answers what is under way, for five seconds, and then ends. */
  close(): Promise<void>;
}

/** A proof of 63 lines and a checkpoint with 64 signatures are shorter. */
const BODY_MAX = 96 * 1024;
const REQUEST_MS = 10_000;
const DRAIN_MS = 5000;
const CONNECTIONS_MAX = 256;
const RECORD = /^\/([0-9a-f]{64})\/checkpoint$/;

/**
 * Serves a witness (C2SP tlog-witness): `POST /add-checkpoint`, `GET /HASH/checkpoint`, and nothing else.
 *
 * @throws ConfigError `port_in_use`, `host_unusable`
 */
export async function serveWitness({
  witness,
  host,
  port,
  log,
}: ServeWitnessOptions): Promise<ServedWitness> {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      respond(witness, request, response).catch((error: unknown) => {
        log(`A request could not be answered: ${messageOf(error)}`);
        if (response.headersSent) response.destroy();
        else send(response, 500, 'The witness failed. Try again later.\n');
      });
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, host, port);
  const { address, family, port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${chosen}`,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function respond(
  witness: ServeWitnessOptions['witness'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '' } = request;
  if (url === '/add-checkpoint') {
    if (method !== 'POST') return send(response, 405, 'Checkpoints are sent by POST.\n', { Allow: 'POST' });
    const body = await bodyOf(request);
    if (body) return answer(response, await witness.addCheckpoint(body));
    return send(response, 413, 'The request is too long.\n', { Connection: 'close' });
  }
  const hash = RECORD.exec(url)?.[1];
  if (hash === undefined) return send(response, 404, 'There is nothing here.\n');
  if (method !== 'GET' && method !== 'HEAD')
    return send(response, 405, 'Checkpoints are read by GET.\n', { Allow: 'GET, HEAD' });
  const note = witness.checkpoint(hash);
  if (note === undefined) return send(response, 404, 'This witness has cosigned nothing of that log.\n');
  send(response, 200, note, { 'Cache-Control': 'no-cache' });
}

function answer(response: ServerResponse, { status, body, type }: Answer): void {
  send(response, status, body, type === undefined ? {} : { 'Content-Type': type });
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Nothing when it is too long; what is left of it is not read. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_MAX) return chunks.push(chunk);
      request.pause();
      resolve(undefined);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new ConfigError('port_in_use', `Port ${port} on ${host} is taken: give another with --port.`)
          : new ConfigError('host_unusable', `The witness cannot listen on ${host}: ${error.message}`),
      );
    });
    server.listen(port, host, resolve);
  });
}
