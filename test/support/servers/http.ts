import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '../../../src/core/json.ts';
import type { ServerConfig } from '../../../src/mcp/servers.ts';

export interface HttpServer {
  readonly config: ServerConfig;
  /** Refuses everything from now on with this status; 0 to serve again. */
  refuse(status: number): void;
  /** The HTTP methods of the requests that came. */
  readonly methods: string[];
  close(): Promise<void>;
}

/** A downstream over streamable HTTP that misbehaves on demand, written without the SDK so that it can. */
export async function startHttpServer(headers: Readonly<Record<string, string>> = {}): Promise<HttpServer> {
  let refusal = 0;
  const methods: string[] = [];
  const server = createServer((request, response) => {
    methods.push(request.method ?? '');
    void serve(request, response, refusal);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    config: {
      name: 'web',
      prefix: 'web',
      tags: {},
      transport: { kind: 'http', url: `http://127.0.0.1:${port}/mcp`, headers },
    },
    methods,
    refuse(status) {
      refusal = status;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, refusal: number): Promise<void> {
  const body = await text(request);
  if (refusal !== 0) return void response.writeHead(refusal).end('refused');
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const message = JSON.parse(body) as JsonObject;
  if (message.id === undefined) return void response.writeHead(202).end();
  const answer = (result: JsonObject): string => JSON.stringify({ jsonrpc: '2.0', id: message.id, result });
  const json = (result: JsonObject): void => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's' })
      .end(answer(result));
  };
  const params = (message.params ?? {}) as { readonly name?: string; readonly arguments?: JsonObject };
  switch (message.method === 'tools/call' ? params.name : message.method) {
    case 'initialize':
      return json({
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'web', version: '1' },
      });
    case 'tools/list':
      return json({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }] });
    case 'echo':
      return json({
        content: [
          {
            type: 'text',
            text: JSON.stringify({ args: params.arguments, key: request.headers['x-key'] ?? null }),
          },
        ],
        'x-unknown': true,
      });
    case 'stream':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n');
      return void response.end(`event: message\ndata: ${answer({ content: [] })}\n\n`);
    case 'long_stream': {
      // Many events, each within the limit, and all of them together far over it.
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const data = JSON.stringify({
        jsonrpc: '2.0',
        method: 'notifications/message',
        params: { data: 'x'.repeat(50_000) },
      });
      for (let i = 0; i < 20; i += 1) response.write(`data: ${data}\n\n`);
      return void response.end(`data: ${answer({ content: [] })}\n\n`);
    }
    case 'endless_event':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let i = 0; i < 20; i += 1) response.write(`data: ${'x'.repeat(50_000)}\n`);
      return;
    case 'end_without_answer':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.end(': bye\n\n');
    case 'break_off':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n');
      return void setImmediate(() => response.destroy());
    case 'drop':
      return void response.destroy();
    case 'not_json':
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');
    case 'not_a_message':
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello":1}');
    case 'error_500':
      return void response.writeHead(500).end('oops');
    case 'huge':
      return json({ content: [{ type: 'text', text: 'x'.repeat(300_000) }] });
    default:
      return json({ content: [], isError: true });
  }
}
