import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createInterface } from 'node:readline/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createWebhookDriver } from '../../../src/notify/webhook/driver.ts';
import { DROPPABLE, WEBHOOK_EVENT_TYPES, webhookEventSchema } from '../../../src/notify/webhook/event.ts';
import { startFakeWebhook } from '../../support/fake-webhook.ts';
import { placeAsk, placeOutcome } from '../../support/notices.ts';
import { realClock } from '../../support/real-clock.ts';
import { tempDir } from '../../support/temp.ts';
import { ROOT } from '../../support/workspace.ts';

const DOCS = readFileSync(join(ROOT, 'docs/webhooks.md'), 'utf8');

/** An example of the page, by the name that stands behind its language. */
function example(name: string): string {
  const text = new RegExp(`^ *\`\`\`\\w+ name=${name.replaceAll('.', '\\.')}\n(.*?)^ *\`\`\`$`, 'ms').exec(
    DOCS,
  )?.[1];
  if (text === undefined) throw new Error(`docs/webhooks.md has no example ${name}.`);
  return text;
}

/** A folder of a receiver, with what it imports. */
function folderOf(name: string): string {
  const dir = tempDir();
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  writeFileSync(join(dir, name), example(name));
  return dir;
}

function shell(script: string): readonly string[] {
  const out = execFileSync('sh', ['-eu', '-c', script], { cwd: tempDir(), encoding: 'utf8' });
  return out.trim().split('\n');
}

function driverTo(url: string, secret: string) {
  return createWebhookDriver({
    webhooks: [{ name: 'siem', url, secrets: [secret] }],
    allow: ['127.0.0.1'],
    publicUrl: 'http://localhost:7447',
    clock: realClock,
  });
}

/** Whatever the system calls it. */
async function freePort(): Promise<number> {
  const fake = await startFakeWebhook({ clock: realClock, keys: [] });
  await fake.close();
  return fake.port;
}

test('the receiver takes what is signed by the secret that the page makes, once, and nothing else', async () => {
  const [secret = ''] = shell(example('hmac'));
  const port = await freePort();
  const child = spawn(process.execPath, ['receive.mjs'], {
    cwd: folderOf('receive.mjs'),
    env: { PATH: process.env['PATH'], SECRET: secret, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const driver = driverTo(`http://127.0.0.1:${port}/`, secret);
  const stranger = driverTo(`http://127.0.0.1:${port}/`, `whsec_${Buffer.alloc(32).toString('base64')}`);
  try {
    assert.is((await lines.next()).value, 'ready');
    const place = driver.place?.('webhook:siem');
    const ask = await placeAsk();
    await place?.post(ask);
    await place?.post(ask);
    const refused = stranger.place?.('webhook:siem')?.post(ask);
    assert.is(
      await refused?.catch((error: Error) => error.message),
      'The webhook siem answers 401 Unauthorized.',
    );
    await place?.post(await placeOutcome());
    assert.is((await lines.next()).value, `approval.requested ${ask.request.id} pending`);
    assert.is((await lines.next()).value, `approval.resolved ${ask.request.id} rejected`);
  } finally {
    await driver.close();
    await stranger.close();
    child.kill();
  }
});

test('the page’s private key signs, and its public key and function verify, and nothing that was changed', async () => {
  const [secret = '', key = ''] = shell(example('ed25519'));
  const fake = await startFakeWebhook({ clock: realClock, keys: [key] });
  const driver = driverTo(fake.url, secret);
  await driver.place?.('webhook:siem')?.post(await placeAsk());
  await driver.close();
  await fake.close();
  const [taken] = fake.taken;
  const { isFromPlacet } = (await import(
    pathToFileURL(join(folderOf('is-from-placet.mjs'), 'is-from-placet.mjs')).href
  )) as { isFromPlacet: (headers: object, body: Buffer, key: string) => boolean };
  const headers = taken?.headers ?? {};
  const body = Buffer.from(taken?.body ?? '');
  assert.is(isFromPlacet(headers, body, key), true);
  assert.is(isFromPlacet(headers, Buffer.concat([body, Buffer.from(' ')]), key), false);
  assert.is(isFromPlacet({ ...headers, 'webhook-id': 'msg_x' }, body, key), false);
  assert.is(
    isFromPlacet(
      { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 301) },
      body,
      key,
    ),
    false,
  );
  assert.is(isFromPlacet({ 'webhook-id': 'msg_x' }, body, key), false);
  const [, other = ''] = shell(example('ed25519'));
  assert.is(isFromPlacet(headers, body, other), false);
});

test('the page names every type, member and part that there is, and no other member', () => {
  const types = [...DOCS.matchAll(/^\| `(approval\.\w+)`/gm)].map(([, type]) => type);
  assert.equal(types, [...WEBHOOK_EVENT_TYPES]);
  const table = DOCS.slice(DOCS.indexOf('| member of `data`'));
  const named = [...table.matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/\w+/g)].map(String),
  );
  assert.equal(named.toSorted(), Object.keys(webhookEventSchema.shape.data.shape).toSorted());
  for (const part of DROPPABLE) assert.ok(table.includes(`\`${part}\``), part);
  for (const state of webhookEventSchema.shape.data.shape.status.options)
    assert.ok(table.includes(`\`${state}\``), state);
});

test.run();
