import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FORMATS } from '../../src/events/format.ts';
import type { Outgoing, Sink } from '../../src/stream/sink.ts';
import { SinkError } from '../../src/stream/sink.ts';
import { createFileSink } from '../../src/stream/sinks/file.ts';
import { createHttpSink } from '../../src/stream/sinks/http.ts';
import { createSplunkSink } from '../../src/stream/sinks/splunk.ts';
import { createSyslogSink } from '../../src/stream/sinks/syslog.ts';
import { FakeClock } from '../support/clock.ts';
import { openFakeCollector } from '../support/fake-collector.ts';
import { openFakeSyslog } from '../support/fake-syslog.ts';
import { realClock } from '../support/real-clock.ts';
import { rejection } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';
import { tlsPair } from '../support/tls-pair.ts';

const pair = tlsPair();
const stranger = tlsPair();
const clock = realClock;
const context = { software: '0.3.0', origin: 'placet.example.com' };
const format = FORMATS.ocsf;
const never = new AbortController().signal;
const TOKEN = 'token-that-nobody-reads';

function batch(...events: string[]): readonly Outgoing[] {
  return events.map((event, seq) => ({
    seq,
    id: `ent_${seq}`,
    type: 'call.denied',
    time: '2026-11-23T10:00:00.250Z',
    severity: 'low',
    event,
  }));
}

async function faultOf(sink: Sink, events = batch('{}')): Promise<readonly [string, string]> {
  const error = await rejection(sink.send(events, never));
  assert.instance(error, SinkError);
  const { code, message } = error as SinkError;
  assert.not.match(message, TOKEN);
  assert.not.match(message, 'localhost');
  return [code, message];
}

test('syslog: messages arrive over verified TLS, each counted, whatever stands in them', async () => {
  const server = await openFakeSyslog(pair);
  const sink = await createSyslogSink({
    host: 'localhost',
    port: server.port,
    ca: pair.ca,
    format,
    context,
    clock,
  });
  await sink.send(batch('first', '12 <13>1 forged\n99 é]="'), never);
  await sink.send(batch('x'.repeat(60_000)), never);
  assert.equal(server.faults, []);
  assert.equal(
    server.messages.map((message) => message.replace(/^.*?swVersion="0\.3\.0"\] /s, '')),
    ['first', '12 <13>1 forged\n99 é]="', 'x'.repeat(60_000)],
  );
  assert.is(
    server.messages[0],
    '<109>1 2026-11-23T10:00:00.250Z placet.example.com placet - call.denied [meta sequenceId="1"][origin software="Placet" swVersion="0.3.0"] first',
  );
  await sink.close();
  await server.close();
});

test('syslog: a receiver that breaks off in the middle has not confirmed', async () => {
  const server = await openFakeSyslog(pair);
  const sink = await createSyslogSink({
    host: '127.0.0.1',
    port: server.port,
    ca: pair.ca,
    format,
    context,
    clock,
  });
  server.breakAfter(100_000);
  const events = batch(...Array.from({ length: 20 }, () => 'x'.repeat(50_000)));
  const [code] = await faultOf(sink, events);
  assert.is(code, 'unreachable');
  await sink.send(batch('again'), never);
  assert.match(server.messages.at(-1) ?? '', / again$/);
  await server.close();
});

test('syslog and HTTP: a certificate of a stranger is refused', async () => {
  const syslog = await openFakeSyslog(pair);
  const http = await openFakeCollector(pair);
  const sinks = [
    await createSyslogSink({ host: 'localhost', port: syslog.port, ca: stranger.ca, format, context, clock }),
    await createHttpSink({ url: http.url, token: TOKEN, ca: stranger.ca, format, context, clock }),
    await createHttpSink({ url: http.url, token: TOKEN, format, context, clock }),
  ];
  for (const sink of sinks) assert.is((await faultOf(sink))[0], 'unreachable');
  assert.equal(syslog.messages, []);
  assert.equal(http.requests, []);
  for (const sink of sinks) await sink.close();
  await syslog.close();
  await http.close();
});

test('HTTP: a batch goes as its format has it, with the token', async () => {
  const server = await openFakeCollector(pair);
  const bodies: Record<string, string> = {};
  for (const name of ['ocsf', 'cloudevents', 'otel', 'cef'] as const) {
    const sink = await createHttpSink({
      url: `${server.url}in?x=1`,
      token: TOKEN,
      ca: pair.ca,
      format: FORMATS[name],
      context,
      clock,
    });
    await sink.send(batch('{"a":1}', '{"a":2}'), never);
    await sink.close();
    const [last] = server.taken.slice(-1);
    assert.equal([last?.path, last?.headers.authorization], ['/in?x=1', `Bearer ${TOKEN}`]);
    bodies[String(last?.headers['content-type'])] = last?.body ?? '';
  }
  assert.equal(bodies, {
    'application/x-ndjson': '{"a":1}\n{"a":2}\n',
    'application/cloudevents-batch+json; charset=utf-8': '[{"a":1},{"a":2}]',
    'application/json':
      '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"placet"}},{"key":"service.version","value":{"stringValue":"0.3.0"}},{"key":"service.instance.id","value":{"stringValue":"placet.example.com"}}]},"scopeLogs":[{"scope":{"name":"placet","version":"0.3.0"},"logRecords":[{"a":1},{"a":2}]}]}]}',
    'text/plain; charset=utf-8': '{"a":1}\n{"a":2}\n',
  });
  await server.close();
});

test('HTTP: what an answer means goes by its status', async () => {
  const server = await openFakeCollector();
  const sink = await createHttpSink({ url: server.url, token: TOKEN, format, context, clock });
  for (const [status, expected] of [
    [500, 'unreachable'],
    [503, 'unreachable'],
    [429, 'unreachable'],
    [408, 'unreachable'],
    [400, 'unacceptable'],
    [413, 'unacceptable'],
    [422, 'unacceptable'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [302, 'refused'],
  ] as const) {
    server.answer(() => ({
      status,
      body: TOKEN,
      headers: { Location: 'https://localhost/', 'Retry-After': '7' },
    }));
    assert.is((await faultOf(sink))[0], expected, String(status));
  }
  server.answer(() => ({ status: 503, headers: { 'Retry-After': '7' } }));
  assert.is(((await rejection(sink.send(batch('{}'), never))) as SinkError).retry_after_ms, 7000);
  await sink.close();
  await server.close();
  assert.is((await faultOf(sink))[0], 'unreachable');
});

test('HTTP: a receiver that never answers is given up after half a minute, or at the end', async () => {
  const server = await openFakeCollector();
  server.answer('never');
  const time = new FakeClock();
  const sink = await createHttpSink({ url: server.url, format, context, clock: time });
  const sent = rejection(sink.send(batch('{}'), never));
  time.advance(30_000);
  assert.is(((await sent) as SinkError).message, 'The receiver did not answer in 30 seconds.');
  const ending = new AbortController();
  const again = rejection(sink.send(batch('{}'), ending.signal));
  ending.abort();
  assert.is(((await again) as SinkError).message, 'The receiver was not waited for, as Placet is ending.');
  await sink.close();
  await server.close();
});

test('Splunk: events go to HEC with their time, a text where they are no JSON', async () => {
  const server = await openFakeCollector(pair);
  const options = { url: server.url, token: TOKEN, ca: pair.ca, origin: 'placet.example.com', clock };
  const ocsf = await createSplunkSink({ ...options, format: 'ocsf', json: true });
  await ocsf.send(batch('{"a":1}', '{"a":2}'), never);
  const cef = await createSplunkSink({ ...options, format: 'cef', json: false });
  await cef.send(batch('CEF:0|"'), never);
  assert.equal(
    server.taken.map(({ path, headers, body }) => [path, headers.authorization, body]),
    [
      [
        '/services/collector/event',
        `Splunk ${TOKEN}`,
        '{"time":1795428000.25,"event":{"a":1},"host":"placet.example.com","source":"placet","sourcetype":"placet:ocsf"}\n{"time":1795428000.25,"event":{"a":2},"host":"placet.example.com","source":"placet","sourcetype":"placet:ocsf"}',
      ],
      [
        '/services/collector/event',
        `Splunk ${TOKEN}`,
        '{"time":1795428000.25,"event":"CEF:0|\\"","host":"placet.example.com","source":"placet","sourcetype":"placet:cef"}',
      ],
    ],
  );
  for (const [status, body, expected] of [
    [400, '{"text":"Incorrect index","code":7}', 'refused'],
    [400, '{"text":"Invalid data format","code":6}', 'unacceptable'],
    [403, '{"text":"Invalid token","code":4}', 'refused'],
    [503, '{"text":"Server is busy","code":9}', 'unreachable'],
  ] as const) {
    server.answer(() => ({ status, body }));
    assert.is((await faultOf(ocsf))[0], expected, body);
  }
  await ocsf.close();
  await cef.close();
  await server.close();
});

test('file: lines are appended, a cut line spoils no other, and a file that was moved away is begun anew', async () => {
  const path = join(tempDir(), 'placet.jsonl');
  writeFileSync(path, 'whole\ncut sho');
  const sink = createFileSink({ path, format, context });
  await sink.send(batch('one', 'two'), never);
  renameSync(path, `${path}.1`);
  await sink.send(batch('three'), never);
  assert.is(readFileSync(`${path}.1`, 'utf8'), 'whole\ncut sho\none\ntwo\n');
  assert.is(readFileSync(path, 'utf8'), 'three\n');
  await sink.close();
});

test('file: a folder that is not there is said without its path', async () => {
  const sink = createFileSink({ path: join(tempDir(), 'no', 'placet.jsonl'), format, context });
  assert.equal(await faultOf(sink), [
    'unreachable',
    'The file cannot be written: its file is gone (ENOENT).',
  ]);
  await sink.close();
});

test.run();
