import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
import type { ConnectOptions } from '../../src/mcp/connect.ts';
import type { Downstream } from '../../src/mcp/server-side.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { rejection } from '../support/rejects.ts';
import { connectTo } from '../support/servers/fixture.ts';
import { startHttpServer, type HttpServer } from '../support/servers/http.ts';

async function withHttp(
  body: (downstream: Downstream, server: HttpServer) => Promise<void>,
  over: Partial<ConnectOptions> = {},
): Promise<void> {
  const server = await startHttpServer({ 'X-Key': 'k' });
  const downstream = await connectTo(server.config, over);
  try {
    await body(downstream, server);
  } finally {
    await downstream.close();
    await server.close();
  }
}

const call = async (downstream: Downstream, tool: string) =>
  (await downstream.send({ tool, args: Verbatim.of({ a: 1 }), timeout_ms: 10_000 })).value;

async function failure(promise: Promise<unknown>): Promise<DownstreamError> {
  const error = await rejection(promise);
  assert.instance(error, DownstreamError);
  return error as DownstreamError;
}

test('calls with the configured headers and gives the result unchanged', () =>
  withHttp(async (downstream) => {
    assert.equal(await call(downstream, 'echo'), {
      content: [{ type: 'text', text: '{"args":{"a":1},"key":"k"}' }],
      'x-unknown': true,
    });
  }));

test('lists tools and takes answers from an event stream', () =>
  withHttp(async (downstream) => {
    assert.equal(
      (await downstream.tools()).tools.map((each) => each.tool),
      ['echo'],
    );
    assert.equal(await call(downstream, 'stream'), { content: [] });
  }));

const endings: readonly (readonly [tool: string, code: string])[] = [
  ['end_without_answer', 'downstream_died'],
  ['break_off', 'downstream_died'],
  ['drop', 'downstream_died'],
  ['not_json', 'downstream_garbage'],
  ['not_a_message', 'downstream_garbage'],
  ['error_500', 'downstream_garbage'],
];
for (const [tool, code] of endings) {
  test(`answers ${tool} at once with ${code}, and later calls still work`, () =>
    withHttp(async (downstream, server) => {
      assert.is((await failure(call(downstream, tool))).code, code);
      const next = downstream.isAlive() ? downstream : await connectTo(server.config);
      assert.is((await call(next, 'echo')).isError, undefined);
      await next.close();
    }));
}

test('fails a call whose answer is over the limit', () =>
  withHttp(
    async (downstream) => {
      const error = await failure(call(downstream, 'huge'));
      assert.match(error.message, /100000 bytes/);
    },
    { maxBytes: 100_000 },
  ));

test('takes an answer from a stream whose events are each within the limit', () =>
  withHttp(
    async (downstream) => {
      assert.equal(await call(downstream, 'long_stream'), { content: [] });
    },
    { maxBytes: 100_000 },
  ));

test('fails a call in whose stream one event is over the limit', () =>
  withHttp(
    async (downstream) => {
      const error = await failure(call(downstream, 'endless_event'));
      assert.is(error.code, 'downstream_garbage');
      assert.match(error.message, /100000 bytes/);
    },
    { maxBytes: 100_000 },
  ));

test('reads nothing while it is paused', () =>
  withHttp(async (downstream) => {
    downstream.pause();
    let ended = false;
    const sent = call(downstream, 'stream').then((result) => {
      ended = true;
      return result;
    });
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.not(ended);
    downstream.resume();
    assert.equal(await sent, { content: [] });
  }));

test('tells the server that its session is over', async () => {
  const server = await startHttpServer();
  const downstream = await connectTo(server.config);
  await downstream.close();
  assert.ok(server.methods.includes('DELETE'));
  await server.close();
});

for (const status of [401, 403, 404, 429]) {
  test(`says that nothing was sent when the request is refused with ${status}, and wants a new connection`, () =>
    withHttp(async (downstream, server) => {
      server.refuse(status);
      const error = await failure(call(downstream, 'echo'));
      assert.is(error.code, 'downstream_unavailable');
      assert.match(error.message, new RegExp(`HTTP status ${status}`));
      assert.not(downstream.isAlive());
    }));
}

test('says that nothing was sent when the server is gone', () =>
  withHttp(async (downstream, server) => {
    await server.close();
    assert.is((await failure(call(downstream, 'echo'))).code, 'downstream_unavailable');
  }));

test('says that it could not be reached', async () => {
  const server = await startHttpServer();
  await server.close();
  const error = await failure(connectTo(server.config));
  assert.is(error.code, 'downstream_unavailable');
  assert.match(
    error.message,
    /^The server web could not be reached: it cannot be reached \(ECONNREFUSED\)\.$/,
  );
});

test('does not tell the headers of a server that refuses', async () => {
  const server = await startHttpServer({ Authorization: 'Bearer hunter2' });
  server.refuse(401);
  assert.not.match((await failure(connectTo(server.config))).message, /hunter2/);
  await server.close();
});

test.run();
