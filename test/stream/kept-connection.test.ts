import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPoster } from '../../src/stream/post.ts';
import { realClock as clock } from '../support/real-clock.ts';

for (const [what, status, answer] of [
  ['none', 204, ''],
  ['a short', 200, '{"text":"Success","code":0}'],
] as const) {
  test(`an answer with ${what} body, after which the connection is kept, is an answer`, async () => {
    let connections = 0;
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(status).end(answer));
    });
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const poster = await createPoster(url);
    const posting = { url, headers: {}, body: '{}', clock, signal: new AbortController().signal };
    const answers = [await poster.post(posting), await poster.post(posting)];
    poster.close();
    server.closeAllConnections();
    server.close();
    assert.equal(answers, [
      { status, body: answer },
      { status, body: answer },
    ]);
    assert.is(connections, 1);
  });
}

test.run();
