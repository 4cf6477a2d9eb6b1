import type { Refused } from './line-link.ts';

const COMMON = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
const SERVER_ERROR = -32000;

type Headers = Readonly<Record<string, string>>;

export function eventStream(body: ReadableStream<Uint8Array>, headers: Headers = {}): Response {
  return new Response(body, {
    headers: {
      ...COMMON,
      'Content-Type': 'text/event-stream',
      // Proxies that collect before they pass on would hold up every event.
      'X-Accel-Buffering': 'no',
      ...headers,
    },
  });
}

/** As JSON-RPC has it, since that is what clients of MCP show. */
export function failure(status: number, message: string, headers: Headers = {}): Response {
  return answer(status, { jsonrpc: '2.0', error: { code: SERVER_ERROR, message }, id: null }, headers);
}

export function refusal(status: number, { code, message, id = null }: Refused): Response {
  return answer(status, { jsonrpc: '2.0', error: { code, message }, id }, {});
}

function answer(status: number, body: object, headers: Headers): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...COMMON, 'Content-Type': 'application/json', ...headers },
  });
}

/** Nothing when it is larger; what is larger is not collected. */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}
