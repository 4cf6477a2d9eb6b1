import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/core/errors.ts';
import { serve } from '../../src/web/serve.ts';
import { FakeClock } from '../support/clock.ts';

const app = { fetch: () => new Response('here') };
const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
);

function get(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    httpRequest({ host, port, agent: false, headers: { host: 'localhost' } }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    })
      .on('error', reject)
      .end();
  });
}

async function blocked(host: string): Promise<{ port: number; close: () => Promise<void> }> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, host, resolve));
  const { port } = other.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => other.close(() => resolve())) };
}

test('it answers on both loopback addresses at one port', async () => {
  const serving = await serve({ app, host: '127.0.0.1', port: 0, clock: new FakeClock() });
  assert.is(await get('127.0.0.1', serving.port), 'here');
  if (hasIpv6) assert.is(await get('::1', serving.port), 'here');
  await serving.close();
});

for (const host of hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
  test(`a port that another program has on ${host} stops the start, with a way out`, async () => {
    const other = await blocked(host);
    try {
      await serve({ app, host: 'localhost', port: other.port, clock: new FakeClock() });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ConfigError);
      assert.is((error as ConfigError).code, 'port_in_use');
      assert.is(
        (error as ConfigError).message,
        `Port ${other.port} on ${host} is in use by another program; choose another with PLACET_PORT, or set PLACET_PORT=0 to have a free one picked.`,
      );
    }
    await other.close();
  });
}

test('after a refused start neither address is held', async () => {
  const other = await blocked(hasIpv6 ? '::1' : '127.0.0.1');
  await serve({ app, host: 'localhost', port: other.port, clock: new FakeClock() }).catch(() => undefined);
  await other.close();
  const serving = await serve({ app, host: 'localhost', port: other.port, clock: new FakeClock() });
  assert.is(serving.port, other.port);
  await serving.close();
});

test('an address that is not of this machine stops the start', async () => {
  try {
    await serve({ app, host: '203.0.113.7', port: 0, clock: new FakeClock() });
    assert.unreachable();
  } catch (error) {
    assert.is((error as ConfigError).code, 'host_unusable');
  }
});

test('closing waits for the request that is under way', async () => {
  let finish: (answer: Response) => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    finish = () => resolve();
  });
  let release: (answer: Response) => void = () => undefined;
  const slow = {
    fetch: () =>
      new Promise<Response>((resolve) => {
        release = resolve;
        finish(new Response());
      }),
  };
  const serving = await serve({ app: slow, host: '127.0.0.1', port: 0, clock: new FakeClock() });
  const answer = get('127.0.0.1', serving.port);
  await arrived;
  const closing = serving.close();
  release(new Response('finished'));
  assert.is(await answer, 'finished');
  await closing;
});

test('closing ends a request that goes on for more than five seconds', async () => {
  const clock = new FakeClock();
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const never = {
    fetch: () => {
      arrive();
      return new Promise<Response>(() => undefined);
    },
  };
  const serving = await serve({ app: never, host: '127.0.0.1', port: 0, clock });
  const answer = get('127.0.0.1', serving.port).catch((error: NodeJS.ErrnoException) => error.code);
  await arrived;
  const closing = serving.close();
  clock.advance(5000);
  await closing;
  assert.is(await answer, 'ECONNRESET');
});

test('closed means that nobody can connect', async () => {
  const serving = await serve({ app, host: '127.0.0.1', port: 0, clock: new FakeClock() });
  await serving.close();
  const code = await new Promise((resolve) => {
    connect(serving.port, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  assert.is(code, 'ECONNREFUSED');
});

test.run();
