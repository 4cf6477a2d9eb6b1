import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { Webhook } from 'standardwebhooks';
import type { Clock } from '../../src/core/clock.ts';
import { webhookEventSchema, type WebhookEvent } from '../../src/notify/webhook/event.ts';

/** How it answers what it has checked. */
export type WebhookMode =
  | { readonly kind: 'well' }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Answers as soon as the promise resolves. */
  | { readonly kind: 'slow'; readonly until: Promise<void> }
  | { readonly kind: 'hang' }
  /** Begins an answer and never ends its head. */
  | { readonly kind: 'half an answer' }
  | { readonly kind: 'hang up' }
  | { readonly kind: 'redirect' }
  /** Takes it, and its answer has no end. */
  | { readonly kind: 'flood' }
  /** Takes it, and its answer's body never comes. */
  | { readonly kind: 'no body' };

/** A webhook that was checked and taken. */
export interface Taken {
  readonly id: string;
  readonly seconds: number;
  readonly event: WebhookEvent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** One of the same id was taken before. */
  readonly repeated: boolean;
}

export interface FakeWebhookOptions {
  readonly clock: Clock;
  /** Each must have signed: `whsec_…`, or `whpk_…` of an Ed25519 key. */
  readonly keys: readonly string[];
  /** Where the console is; nothing where its port is not known. */
  readonly publicUrl?: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port?: number;
}

export interface FakeWebhook {
  /** With a token in its path. */
  readonly url: string;
  readonly port: number;
  readonly taken: readonly Taken[];
  /** Why something was refused with 400, which no correct sender meets. */
  readonly refused: readonly string[];
  readonly asked: () => number;
  readonly connections: () => number;
  /** How many followed the redirect. */
  readonly strays: () => number;
  readonly behave: (mode: WebhookMode) => void;
  readonly close: () => Promise<void>;
}

export const PATH_TOKEN = 'hook-token-31415926';
const TOLERANCE_SECONDS = 300;
const BODY_BYTES = 64 * 1024;
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** A fake receiver of Standard Webhooks. It refuses what is not signed, stale, too long or not as the schema says. */
export async function startFakeWebhook(options: FakeWebhookOptions): Promise<FakeWebhook> {
  const { host = '127.0.0.1' } = options;
  const taken: Taken[] = [];
  const refused: string[] = [];
  let mode: WebhookMode = { kind: 'well' };
  let [asked, connections, strays] = [0, 0, 0];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/stray') strays += 1;
    const body = (await buffer(request)).toString('utf8');
    asked += 1;
    // What is asked is quoted, as a careless receiver does, so that a careless sender would tell its secrets.
    const quote = `${request.url} ${JSON.stringify(request.headers)} ${body} ${options.keys.join(' ')}\n`;
    const problem = objection(request, body, options);
    if (problem !== undefined) {
      refused.push(problem);
      response.writeHead(400).end(`${problem}\n${quote}`);
      return;
    }
    switch (mode.kind) {
      case 'status':
        response.writeHead(mode.status, mode.headers).end(quote);
        return;
      case 'redirect':
        response.writeHead(307, { Location: `http://${host}:${port()}/stray` }).end(quote);
        return;
      case 'hang':
        return;
      case 'half an answer':
        response.socket?.write('HTTP/1.1 200 OK\r\nContent-Type: te');
        return;
      case 'hang up':
        response.socket?.destroy();
        return;
      case 'slow':
        await mode.until;
        break;
      case 'well':
      case 'flood':
      case 'no body':
    }
    take(request, body);
    response.writeHead(200);
    if (mode.kind === 'no body') response.flushHeaders();
    else if (mode.kind === 'flood') pour(response);
    else response.end();
  };

  const take = ({ headers }: IncomingMessage, body: string): void => {
    const id = String(headers['webhook-id']);
    const repeated = taken.some((each) => each.id === id);
    const event = webhookEventSchema.parse(JSON.parse(body));
    const seconds = Number(headers['webhook-timestamp']);
    taken.push({ id, seconds, event, headers: headers as Record<string, string>, body, repeated });
  };

  const server = createServer((request, response) => {
    // Whoever hangs up in the middle is part of what is tested.
    void answer(request, response).catch(() => response.destroy());
  });
  server.on('connection', () => {
    connections += 1;
  });
  const port = (): number => (server.address() as AddressInfo).port;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  return {
    url: `http://${host}:${port()}/in/${PATH_TOKEN}`,
    port: port(),
    taken,
    refused,
    asked: () => asked,
    connections: () => connections,
    strays: () => strays,
    behave: (next) => {
      mode = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a strict receiver objects to. */
function objection(
  { method, url, headers }: IncomingMessage,
  body: string,
  { clock, keys, publicUrl }: FakeWebhookOptions,
): string | undefined {
  if (method !== 'POST' || url !== `/in/${PATH_TOKEN}`) return `${method} ${url} is not what was asked for`;
  if (headers['content-type'] !== 'application/json') return 'the type is not application/json';
  if (Buffer.byteLength(body) > BODY_BYTES) return 'the body is longer than 64 KiB';
  const id = headers['webhook-id'];
  const sent = headers['webhook-timestamp'];
  const signature = headers['webhook-signature'];
  if (typeof id !== 'string' || !/^msg_[0-9a-f]{32}$/.test(id)) return 'webhook-id is not as it should be';
  if (typeof sent !== 'string' || !/^\d{10}$/.test(sent)) return 'webhook-timestamp is no time in seconds';
  if (Math.abs(clock.now() / 1000 - Number(sent)) > TOLERANCE_SECONDS) return 'webhook-timestamp is stale';
  if (typeof signature !== 'string') return 'it is not signed';
  const entries = signature.split(' ');
  if (entries.length !== keys.length) return `${entries.length} signatures of ${keys.length}`;
  const unsigned = keys.findIndex(
    (key) => !entries.some((entry) => isSignedBy(key, entry, { id, sent, body })),
  );
  if (unsigned !== -1) return `the key ${unsigned} has not signed`;
  const parsed = webhookEventSchema.safeParse(JSON.parse(body));
  if (!parsed.success) return parsed.error.message;
  if (!isDeepStrictEqual(parsed.data, JSON.parse(body)))
    return 'there are members that the schema does not name';
  const [page, base] = /^(http.+)\/console\/requests\/apr_[0-9a-z]+$/.exec(parsed.data.data.url) ?? [];
  if (page === undefined || base !== (publicUrl ?? base))
    return 'the address is not that of a page of the console';
  return undefined;
}

function isSignedBy(
  key: string,
  entry: string,
  { id, sent, body }: { readonly id: string; readonly sent: string; readonly body: string },
): boolean {
  if (key.startsWith('whsec_'))
    return entry === new Webhook(key).sign(id, new Date(Number(sent) * 1000), body);
  const [version, signature = ''] = entry.split(',');
  const der = Buffer.concat([SPKI_HEAD, Buffer.from(key.slice('whpk_'.length), 'base64')]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const signed = Buffer.from(`${id}.${sent}.${body}`);
  return version === 'v1a' && verify(null, signed, publicKey, Buffer.from(signature, 'base64'));
}

/** Writes as long as anybody reads. */
function pour(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write('x'.repeat(16_384)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}
