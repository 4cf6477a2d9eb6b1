import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openFakeCollector, type FakeCollector } from '../support/fake-collector.ts';
import { openFakeSyslog } from '../support/fake-syslog.ts';
import { eventually, serveHost } from '../support/host.ts';
import { tempDir } from '../support/temp.ts';
import { tlsPair } from '../support/tls-pair.ts';
import { makeWorkspace, type TestWorkspace } from '../support/workspace.ts';

const pair = tlsPair();
const ENV = { PLACET_DIGEST_AFTER: '1000' };

interface Told {
  readonly metadata: { readonly uid: string; readonly sequence: number };
}

function idsOf(workspace: TestWorkspace): unknown[] {
  return workspace.journal().map(({ id }) => id);
}

/** Of events in lines, each id once, in the order in which it first came. */
function firstOf(lines: readonly string[]): string[] {
  return [
    ...new Set(lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as Told).metadata.uid)),
  ];
}

const linesIn = (collector: FakeCollector): string[] =>
  collector.taken.flatMap(({ body }) => body.split('\n'));

interface Status {
  readonly journal: { readonly entries: number };
  readonly streams: readonly { readonly name: string; readonly behind: number }[];
  readonly problems: readonly string[];
}

async function statusOf(workspace: TestWorkspace): Promise<Status> {
  return JSON.parse((await workspace.placet('status', '--json')).stdout) as Status;
}

async function untilSent(workspace: TestWorkspace): Promise<void> {
  await eventually(async () => {
    const { streams } = await statusOf(workspace);
    return streams.every(({ behind }) => behind === 0) ? true : undefined;
  }, 'the streams have everything');
}

test('killed in the middle of its streams, a host sends every entry to each of them, in order', async () => {
  const collector = await openFakeCollector(pair);
  const syslog = await openFakeSyslog(pair);
  const file = join(tempDir(), 'placet.jsonl');
  const workspace = makeWorkspace({
    env: {
      ...ENV,
      PLACET_STREAM_LAKE_URL: collector.url,
      PLACET_STREAM_LAKE_CA: pair.caPath,
      PLACET_STREAM_LAKE_TOKEN: 'token-of-the-lake',
      PLACET_STREAM_SIEM_URL: `syslog+tls://localhost:${syslog.port}`,
      PLACET_STREAM_SIEM_CA: pair.caPath,
      PLACET_STREAM_DISK_URL: `file://${file}`,
    },
  });
  for (let round = 0; round < 3; round += 1) {
    const host = await serveHost(workspace.dir);
    const before = collector.requests.length;
    const agent = await workspace.agent();
    const calls = (async () => {
      for (;;) await agent.call('files__read_text_file', { path: join(workspace.dir, 'files/hello.txt') });
    })().catch(() => undefined);
    await eventually(
      async () => (collector.requests.length > before + 1 ? true : undefined),
      'batches arrive',
    );
    host.child.kill('SIGKILL');
    await host.ended;
    await calls;
    await agent.close().catch(() => undefined);
  }
  const host = await serveHost(workspace.dir);
  await untilSent(workspace);
  const expected = idsOf(workspace);
  assert.ok(expected.length > 20);
  assert.equal(firstOf(linesIn(collector)), expected);
  assert.equal(firstOf(readFileSync(file, 'utf8').split('\n')), expected);
  assert.equal(firstOf(syslog.messages.map((message) => message.slice(message.indexOf('{')))), expected);
  assert.equal(syslog.faults, []);
  await workspace.end();
  const { stdout, stderr } = await host.ended;
  assert.not.match(stdout + stderr, 'token-of-the-lake');
  await collector.close();
  await syslog.close();
});

test('a receiver that hangs for ever delays no call, and status says how far behind it is', async () => {
  const hanging = await openFakeCollector();
  hanging.answer('never');
  const workspace = makeWorkspace({ env: { ...ENV, PLACET_STREAM_SIEM_URL: hanging.url } });
  const host = await serveHost(workspace.dir);
  const agent = await workspace.agent();
  await eventually(async () => (hanging.requests.length > 0 ? true : undefined), 'the first batch is sent');
  for (let call = 0; call < 50; call += 1) {
    const answer = await agent.call('files__read_text_file', {
      path: join(workspace.dir, 'files/hello.txt'),
    });
    assert.not.ok(answer.isError);
  }
  assert.is(hanging.requests.length, 1, 'all of the calls were answered while the first batch hung');
  const { streams, journal } = await statusOf(workspace);
  assert.equal(streams, [{ name: 'siem', behind: journal.entries, dead_letters: 0 }]);
  await workspace.end();
  assert.is((await host.ended).code, 0);
  await hanging.close();
});

test('a cursor of another journal stops its stream and nothing else', async () => {
  const collector = await openFakeCollector();
  const workspace = makeWorkspace({ env: { ...ENV, PLACET_STREAM_SIEM_URL: collector.url } });
  workspace.write('data/streams/siem.cursor', '{"v":1,"next":90000,"last":"ent_x"}');
  await serveHost(workspace.dir);
  const { problems } = await statusOf(workspace);
  const [problem = ''] = problems.filter((each) => each.includes('siem'));
  assert.match(problem, 'data/streams/siem.cursor stands at entry 90000');
  const agent = await workspace.agent();
  const answer = await agent.call('files__read_text_file', { path: join(workspace.dir, 'files/hello.txt') });
  assert.not.ok(answer.isError);
  assert.equal(collector.requests, []);
  await workspace.end();
  await collector.close();
});

test('a setting of a stream that is wrong stops the start, and its value is not repeated', async () => {
  for (const [env, why] of [
    [
      { PLACET_STREAM_SIEM_URL: 'http://elsewhere.example/secretplace' },
      'PLACET_STREAM_SIEM_URL must begin with https://',
    ],
    [{ PLACET_STREAM_SIEM_FORMAT: 'cef' }, 'PLACET_STREAM_SIEM_URL is not set'],
    [
      { PLACET_STREAM_SIEM_URL: 'https://siem.example/secretplace', PLACET_STREAM_SIEM_REDACT: 'ownr' },
      'PLACET_STREAM_SIEM_REDACT names at place 1',
    ],
    [{ PLACET_STREAM_SIEM_URL: 'splunk+https://siem.example/' }, 'PLACET_STREAM_SIEM_TOKEN is not set'],
  ] as const) {
    const workspace = makeWorkspace({ env: { ...ENV, ...env } });
    const { code, stderr } = await (await serveHost(workspace.dir)).ended;
    assert.is(code === 0, false);
    assert.match(stderr, why);
    assert.not.match(stderr, 'secretplace');
  }
});

test.run();
