import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/**
 * What stands between the suite and a server: adds the credential that the suite cannot send, passes everything else
 * on as it came (Host and Origin, too), and breaks the stream of a call of `test_reconnection` after its first event,
 * as a network does.
 */
export interface Front {
  readonly url: string;
  /** How many streams were broken. */
  broken(): number;
  close(): Promise<void>;
}

const BREAKS = '"test_reconnection"';

export async function openFront({
  target,
  authorization,
}: {
  readonly target: URL;
  readonly authorization?: string;
}): Promise<Front> {
  let broken = 0;
  const server = createServer((incoming, outgoing) => {
    void bodyOf(incoming).then((body) => {
      pass(incoming, body, outgoing);
    });
  });

  function pass(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
    const { hostname, port, pathname } = target;
    const headers = [...incoming.rawHeaders, ...(authorization ? ['Authorization', authorization] : [])];
    const onward = request({
      hostname,
      port,
      path: pathname,
      method: incoming.method,
      headers,
      agent: false,
    });
    outgoing.once('close', () => onward.destroy());
    onward.once('error', () => outgoing.destroy());
    onward.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      outgoing.flushHeaders();
      const breaks = incoming.method === 'POST' && body.includes(BREAKS);
      answer.on('data', (chunk: Buffer) => {
        if (outgoing.writableEnded) return;
        outgoing.write(chunk);
        if (!breaks || !chunk.includes('\n\n')) return;
        broken += 1;
        outgoing.end();
      });
      answer.once('close', () => outgoing.end());
    });
    onward.end(body);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    broken: () => broken,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
