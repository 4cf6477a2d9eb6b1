import { Webhook } from 'standardwebhooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../../src/core/clock.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import { DeliveryError, type Driver, type PlaceNotice } from '../../../src/notify/channel.ts';
import { createWebhookDriver, type WebhookDriverOptions } from '../../../src/notify/webhook/driver.ts';
import { FakeClock } from '../../support/clock.ts';
import { startFakeWebhook, type FakeWebhook, type FakeWebhookOptions } from '../../support/fake-webhook.ts';
import { until } from '../../support/journal-suite.ts';
import { placeAsk, placeOutcome } from '../../support/notices.ts';
import { realClock } from '../../support/real-clock.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLDER = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
/** RFC 8032, 7.1, test 1. */
const PRIVATE = `whsk_${Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex').toString('base64')}`;
const PUBLIC = `whpk_${Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString('base64')}`;
const PUBLIC_URL = 'http://localhost:7447';

interface World {
  readonly clock: FakeClock;
  readonly fake: FakeWebhook;
  /** A driver of one webhook, `siem`, at the fake's address. */
  readonly connect: (more?: Partial<WebhookDriverOptions> & { readonly url?: string }) => Driver;
}

function withFake(
  run: (world: World) => Promise<void>,
  options: Partial<FakeWebhookOptions> = {},
): () => Promise<void> {
  return async () => {
    const clock = new FakeClock();
    const fake = await startFakeWebhook({ clock, keys: [SECRET], publicUrl: PUBLIC_URL, ...options });
    const drivers: Driver[] = [];
    const connect: World['connect'] = ({ url = fake.url, ...more } = {}) => {
      const driver = createWebhookDriver({
        webhooks: [{ name: 'siem', url, secrets: [SECRET] }],
        allow: ['127.0.0.1'],
        publicUrl: PUBLIC_URL,
        clock,
        ...more,
      });
      drivers.push(driver);
      return driver;
    };
    try {
      await run({ clock, fake, connect });
    } finally {
      await Promise.all(drivers.map((driver) => driver.close()));
      await fake.close();
    }
    assert.equal(fake.refused, []);
  };
}

async function post(driver: Driver, notice?: PlaceNotice, name = 'webhook:siem'): Promise<string> {
  const place = driver.place?.(name);
  if (!place) throw new Error(`no place ${name}`);
  return (await place.post(notice ?? (await placeAsk()))).message_id;
}

async function refusal(posting: Promise<unknown>): Promise<DeliveryError> {
  try {
    await posting;
  } catch (error) {
    if (error instanceof DeliveryError) return error;
    throw error;
  }
  throw new Error('It was taken over.');
}

/** A clock that tells how many timers wait. */
function countTimers(clock: Clock): { readonly clock: Clock; readonly waiting: () => number } {
  const waiting = new Set<object>();
  return {
    waiting: () => waiting.size,
    clock: {
      now: () => clock.now(),
      after(ms, task) {
        const timer = {};
        waiting.add(timer);
        const cancel = clock.after(ms, () => {
          waiting.delete(timer);
          task();
        });
        return () => {
          waiting.delete(timer);
          cancel();
        };
      },
    },
  };
}

/** What a driver fails with while the fake answers so. */
async function sentence(driver: Driver, permanent = false): Promise<string> {
  const error = await refusal(post(driver));
  assert.is(error.permanent, permanent);
  return error.message;
}

test(
  'every secret signs, so that each receiver goes on while they are changed',
  withFake(
    async ({ fake, connect }) => {
      const webhooks = [{ name: 'siem', url: fake.url, secrets: [SECRET, OLDER, PRIVATE] }];
      await post(connect({ webhooks, clock: realClock }));
      const [taken] = fake.taken;
      for (const secret of [SECRET, OLDER]) {
        const event = new Webhook(secret).verify(taken?.body ?? '', taken?.headers ?? {}) as {
          type?: string;
        };
        assert.is(event.type, 'approval.requested');
      }
      const stranger = new Webhook(`whsec_${Buffer.alloc(32, 1).toString('base64')}`);
      assert.throws(() => stranger.verify(taken?.body ?? '', taken?.headers ?? {}), 'No matching signature');
    },
    { clock: realClock, keys: [SECRET, OLDER, PUBLIC] },
  ),
);

test(
  'a notice that is sent again has the same id, and a new time',
  withFake(async ({ clock, fake, connect }) => {
    const notice = await placeAsk();
    const first = await post(connect(), notice);
    clock.advance(61_000);
    assert.is(await post(connect(), notice), first);
    assert.equal(
      fake.taken.map(({ id, seconds, repeated }) => ({ id, seconds, repeated })),
      [
        { id: first, seconds: 1_795_428_000, repeated: false },
        { id: first, seconds: 1_795_428_061, repeated: true },
      ],
    );
  }),
);

test(
  'a name that first leads to an address outside and then to this machine reaches this machine never',
  withFake(
    async ({ clock, fake: outside, connect }) => {
      const inside = await startFakeWebhook({
        clock,
        keys: [SECRET],
        publicUrl: PUBLIC_URL,
        port: outside.port,
      });
      const answers = ['127.0.0.2', '127.0.0.1', '127.0.0.1'];
      const driver = connect({
        url: outside.url.replace('127.0.0.2', 'rebound.example'),
        allow: ['127.0.0.2'],
        resolve: async () => [{ address: answers.shift() ?? '127.0.0.1', family: 4 }],
      });
      await post(driver);
      assert.is(answers.length, 2);
      assert.is(
        await sentence(driver),
        'The webhook siem leads to 127.0.0.1, which is not on the public Internet: if that is meant, name its host or address in PLACET_WEBHOOK_ALLOW.',
      );
      assert.is(outside.connections(), 1);
      assert.is(inside.connections(), 0);
      await inside.close();
    },
    { host: '127.0.0.2' },
  ),
);

test(
  'a name that leads outside and inside at once is not reached at all',
  withFake(async ({ fake, connect }) => {
    const driver = connect({
      url: fake.url.replace('127.0.0.1', 'both.example'),
      allow: ['8.8.8.8'],
      resolve: async () => [
        { address: '8.8.8.8', family: 4 },
        { address: '::ffff:127.0.0.1', family: 6 },
      ],
    });
    assert.match(await sentence(driver), 'leads to ::ffff:127.0.0.1, which is not on the public Internet');
    assert.is(fake.connections(), 0);
  }),
);

for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.1', '[::ffff:127.0.0.1]', '0']) {
  test(
    `this machine is not reached as ${host} unless that is allowed`,
    withFake(async ({ fake, connect }) => {
      const driver = connect({ url: fake.url.replace('127.0.0.1', host), allow: [] });
      assert.match(await sentence(driver), 'which is not on the public Internet');
      assert.is(fake.connections(), 0);
    }),
  );
}

test(
  'an address without TLS is reached only where it is allowed by name',
  withFake(async ({ connect }) => {
    const driver = connect({
      url: 'http://siem.example.com/in',
      allow: [],
      resolve: async () => [{ address: '8.8.8.8', family: 4 }],
    });
    assert.is(
      await sentence(driver),
      'The webhook siem has an address that begins with http://: make it https://, or name its host in PLACET_WEBHOOK_ALLOW.',
    );
  }),
);

test(
  'a redirect is not followed, a refusal is told by its status, and only 410 is for good',
  withFake(async ({ fake, connect }) => {
    const driver = connect();
    fake.behave({ kind: 'redirect' });
    assert.is(
      await sentence(driver),
      'The webhook siem answers 307 Temporary Redirect, and no redirect is followed: set the address that it leads to.',
    );
    for (const [status, words] of [
      [304, '304 Not Modified, and no redirect is followed: set the address that it leads to.'],
      [400, '400 Bad Request.'],
      [401, '401 Unauthorized.'],
      [404, '404 Not Found.'],
      [500, '500 Internal Server Error.'],
      [599, '599.'],
    ] as const) {
      fake.behave({ kind: 'status', status });
      assert.is(await sentence(driver), `The webhook siem answers ${words}`);
    }
    fake.behave({ kind: 'status', status: 410 });
    assert.is(
      await sentence(driver, true),
      'The webhook siem answers 410 Gone: nothing more is wanted there.',
    );
    assert.is(fake.strays(), 0);
    fake.behave({ kind: 'status', status: 202 });
    await post(driver);
  }),
);

test(
  'how long to wait is believed in seconds and as a date, up to an hour, and never below our own pace',
  withFake(async ({ fake, connect }) => {
    for (const [text, wait] of [
      ['120', 120_000],
      ['1', 5000],
      ['86400', 3_600_000],
      ['Mon, 23 Nov 2026 10:02:30 GMT', 150_000],
      ['Sun, 22 Nov 2026 10:02:30 GMT', 5000],
      ['2 minutes', 5000],
    ] as const) {
      fake.behave({ kind: 'status', status: 503, headers: { 'Retry-After': text } });
      assert.is((await refusal(post(connect()))).retry_after_ms, wait, text);
    }
  }),
);

test(
  'after ten tries a message is given up for good, and another one begins anew',
  withFake(async ({ clock, fake, connect }) => {
    fake.behave({ kind: 'status', status: 500 });
    const driver = connect();
    const notice = await placeAsk();
    const waits: (number | undefined)[] = [];
    for (let count = 1; count < 10; count += 1) {
      const error = await refusal(post(driver, notice));
      assert.is(error.permanent, false);
      waits.push(error.retry_after_ms);
      clock.advance(error.retry_after_ms ?? 0);
    }
    assert.equal(
      waits.map((wait = 0) => wait / 1000),
      [5, 15, 60, 240, 900, 3600, 10_800, 25_200, 43_200],
    );
    const last = await refusal(post(driver, notice));
    assert.is(last.permanent, true);
    assert.is(last.message, 'Given up after 10 tries. The webhook siem answers 500 Internal Server Error.');
    assert.is((await refusal(post(driver, await placeOutcome()))).permanent, false);
  }),
);

test(
  'after a day a message is given up, however few tries there were',
  withFake(async ({ clock, fake, connect }) => {
    fake.behave({ kind: 'status', status: 500 });
    const driver = connect();
    const notice = await placeAsk();
    assert.is((await refusal(post(driver, notice))).permanent, false);
    clock.advance(86_399_999);
    assert.is((await refusal(post(driver, notice))).permanent, false);
    clock.advance(1);
    const last = await refusal(post(driver, notice));
    assert.is(last.permanent, true);
    assert.match(last.message, /^Given up after 3 tries\. /);
  }),
);

test(
  'a name that is not found in time is given up, and is asked about once at a time',
  withFake(async ({ clock, connect }) => {
    let asked = 0;
    const driver = connect({
      url: 'https://silent.example/in',
      resolve: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    });
    const posts = [refusal(post(driver)), refusal(post(driver, await placeOutcome()))];
    await until(() => asked > 0);
    clock.advance(10_000);
    for (const { message } of await Promise.all(posts)) {
      assert.is(message, 'The webhook siem cannot be connected to in 10 s.');
    }
    assert.is(asked, 1);
  }),
);

test(
  'a name that does not exist and a port where nobody listens are told by their codes alone',
  withFake(async ({ connect }) => {
    const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND secret.example'), { code: 'ENOTFOUND' });
    const lost = connect({ url: 'https://secret.example/in', resolve: () => Promise.reject(unknown) });
    assert.is(await sentence(lost), 'The webhook siem cannot be reached (ENOTFOUND).');
    const nowhere = connect({ url: 'http://127.0.0.1:1/in' });
    assert.is(await sentence(nowhere), 'The webhook siem cannot be reached (ECONNREFUSED).');
    const empty = connect({ url: 'https://secret.example/in', resolve: async () => [] });
    assert.is(await sentence(empty), 'The webhook siem cannot be reached (ENOTFOUND).');
  }),
);

test(
  'an answer that does not come to the end of its head is given up',
  withFake(async ({ clock, fake, connect }) => {
    for (const kind of ['hang', 'half an answer'] as const) {
      fake.behave({ kind });
      const before = fake.asked();
      const failing = refusal(post(connect()));
      await until(() => fake.asked() > before);
      clock.advance(15_000);
      assert.is((await failing).message, 'The webhook siem does not answer in 15 s.');
    }
  }),
);

test(
  'a connection that ends in the middle is told as such',
  withFake(async ({ fake, connect }) => {
    fake.behave({ kind: 'hang up' });
    assert.is(await sentence(connect()), 'The webhook siem cannot be reached (ECONNRESET).');
  }),
);

test(
  'what was answered well is taken over though the answer has no end or no body',
  withFake(async ({ clock, fake, connect }) => {
    fake.behave({ kind: 'flood' });
    await post(connect());
    fake.behave({ kind: 'no body' });
    const timers = countTimers(clock);
    const posting = post(connect({ clock: timers.clock }));
    await until(() => fake.taken.length === 2);
    // Only the limit of all of it is left once the answer has begun.
    await until(() => timers.waiting() === 1);
    clock.advance(30_000);
    await posting;
  }),
);

test(
  'one that hangs holds up no other',
  withFake(async ({ clock, fake, connect }) => {
    const stuck = await startFakeWebhook({ clock, keys: [SECRET], publicUrl: PUBLIC_URL });
    stuck.behave({ kind: 'hang' });
    const driver = connect({
      webhooks: [
        { name: 'siem', url: fake.url, secrets: [SECRET] },
        { name: 'stuck', url: stuck.url, secrets: [SECRET] },
      ],
    });
    const failing = refusal(post(driver, await placeAsk(), 'webhook:stuck'));
    await until(() => stuck.asked() === 1);
    for (let count = 1; count <= 20; count += 1) await post(driver);
    assert.is(fake.taken.length, 20);
    await driver.close();
    assert.is((await failing).message, 'The webhook stuck was not waited for.');
    assert.equal(driver.problems?.(), []);
    await stuck.close();
  }),
);

test(
  'what is wrong with an endpoint is told until it takes something again',
  withFake(async ({ fake, connect }) => {
    const driver = connect();
    assert.equal(driver.problems?.(), []);
    fake.behave({ kind: 'status', status: 401 });
    await refusal(post(driver));
    assert.equal(driver.problems?.(), ['The webhook siem answers 401 Unauthorized.']);
    fake.behave({ kind: 'well' });
    await post(driver);
    assert.equal(driver.problems?.(), []);
  }),
);

test('what is no secret or no address is a mistake of its setting, and not quoted', () => {
  const good = { name: 'siem-two', url: 'https://siem.example.com/in', secrets: [SECRET] };
  const options = { allow: [], publicUrl: PUBLIC_URL, clock: new FakeClock() };
  for (const [webhook, message] of [
    [
      { ...good, url: 'siem' },
      'PLACET_WEBHOOK_SIEM_TWO_URL is not an address such as https://siem.example.com/placet.',
    ],
    [
      { ...good, url: 'file:///etc' },
      'PLACET_WEBHOOK_SIEM_TWO_URL is not an address such as https://siem.example.com/placet.',
    ],
    [
      { ...good, secrets: [SECRET, 'whsec_short'] },
      'PLACET_WEBHOOK_SIEM_TWO_SECRET holds something that is no secret of Standard Webhooks: whsec_ and the base64 of 24 to 64 bytes, or whsk_ and that of an Ed25519 private key.',
    ],
  ] as const) {
    try {
      createWebhookDriver({ ...options, webhooks: [webhook] });
    } catch (error) {
      assert.instance(error, ConfigError);
      assert.is((error as Error).message, `${message} Mend it in .env or in the environment.`);
      continue;
    }
    throw new Error('It was taken.');
  }
});

test.run();
