import { get as httpGet, type IncomingMessage } from 'node:http';
import type { z } from 'zod';
import * as assert from 'uvu/assert';
import type { ReviewerKey } from '../../src/core/reviewer-access.ts';
import { decidedSchema, listSchema, problemSchema, requestSchema } from '../../src/web/api/schemas.ts';
import type { Authenticator } from './authenticator.ts';
import type { ConsoleSite, RawAnswer } from './console-site.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A program that speaks for one person at the API. Every answer that it reads is checked by the API's own schemas. */
export interface ApiCaller {
  readonly key: string;
  readonly key_id: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  list(query?: string): Promise<z.infer<typeof listSchema>>;
  request(id: string): Promise<z.infer<typeof requestSchema>>;
  /** @param more what is sent besides, or instead */
  decide(id: string, body: object | string, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  listen(headers?: Readonly<Record<string, string>>): Promise<Listening>;
}

/** A stream of server-sent events, as it comes. */
export interface Listening {
  readonly answer: IncomingMessage;
  readonly text: () => string;
  /** Resolves when this text has come, or the stream has ended. */
  until(text: string): Promise<void>;
  readonly ended: Promise<void>;
  close(): void;
}

/** Makes a key for a person as the console does once they have signed. */
export async function makeKey(
  site: ConsoleSite,
  person: string,
  passkey: Authenticator,
  { scope = 'decide', days = 30 }: { readonly scope?: ReviewerKey['scope']; readonly days?: number } = {},
) {
  const name = 'Widget';
  const nonce = Buffer.from(`${person}${scope}${site.journal.entries.length}`).toString('base64url');
  const receipt = passkey.receipt({ act: 'issue_key', person, scope, name, nonce });
  return site.apiKeys.issue({ person, name, scope, lasts_ms: days * DAY_MS, receipt });
}

export async function openCaller(
  site: ConsoleSite,
  person: string,
  passkey: Authenticator,
  wanted: Parameters<typeof makeKey>[3] = {},
): Promise<ApiCaller> {
  return callerWith(site, await makeKey(site, person, passkey, wanted));
}

let decisions = 0;

export function callerWith(
  site: ConsoleSite,
  { key, key_id }: { readonly key: string; readonly key_id: string },
): ApiCaller {
  const bearer = { accept: 'application/json', authorization: `Bearer ${key}` };
  const get: ApiCaller['get'] = (path, headers = {}) =>
    site.ask(`/api/v1${path}`, { headers: { ...bearer, ...headers } });
  return {
    key,
    key_id,
    get,
    list: async (query = '') => good(listSchema, await get(`/requests${query}`)),
    request: async (id) => good(requestSchema, await get(`/requests/${id}`)),
    decide: (id, body, headers = {}) => {
      decisions += 1;
      return site.ask(`/api/v1/requests/${id}/decisions`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          ...bearer,
          'content-type': 'application/json',
          'idempotency-key': `decision-${decisions}`,
          ...headers,
        },
      });
    },
    listen: (headers = {}) => listen(site, { ...bearer, accept: 'text/event-stream', ...headers }),
  };
}

/** The body of an answer that is as the schema says, and has nothing besides. */
export function good<T>(schema: z.ZodType<T>, answer: RawAnswer, status = 200): T {
  assert.is(answer.status, status, answer.text);
  assert.match(String(answer.headers['content-type']), /^application\/(?:problem\+)?json/);
  const body: unknown = JSON.parse(answer.text);
  const read = schema.parse(body);
  assert.equal(read, body);
  return read;
}

export const decided = (answer: RawAnswer): z.infer<typeof decidedSchema> => good(decidedSchema, answer);

/** The code of a refusal, which is a problem by RFC 9457. */
export function refusalOf(answer: RawAnswer, status: number): string {
  assert.match(String(answer.headers['content-type']), 'application/problem+json');
  const { code, status: said } = good(problemSchema, answer, status);
  assert.is(said, status);
  return code;
}

function listen(site: ConsoleSite, headers: Readonly<Record<string, string>>): Promise<Listening> {
  const { port, host } = new URL(site.base);
  return new Promise((resolve, reject) => {
    const request = httpGet(
      {
        host: '127.0.0.1',
        port,
        path: '/api/v1/requests/stream',
        headers: { host, ...headers },
        agent: false,
      },
      (answer) => {
        let text = '';
        const hearers = new Set<() => void>();
        answer.setEncoding('utf8').on('data', (more: string) => {
          text += more;
          for (const hear of hearers) hear();
        });
        const ended = new Promise<void>((end) => answer.on('close', end));
        resolve({
          answer,
          text: () => text,
          ended,
          close: () => request.destroy(),
          until: (wanted) =>
            Promise.race([
              ended,
              new Promise<void>((found) => {
                const hear = (): void => {
                  if (!text.includes(wanted)) return;
                  hearers.delete(hear);
                  found();
                };
                hearers.add(hear);
                hear();
              }),
            ]),
        });
      },
    );
    request.on('error', (error) => reject(error));
  });
}
