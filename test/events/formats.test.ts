import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import { FORMATS } from '../../src/events/format.ts';
import { FORMAT_NAMES } from '../../src/events/format-names.ts';
import type { CallContext, EventContext } from '../../src/events/reading.ts';
import { redact, REDACTABLE } from '../../src/events/redact.ts';
import { syslogMessage } from '../../src/stream/sinks/syslog.ts';
import { parseCef } from '../support/cef.ts';
import { draftsWith, everyEntry, stampedAt } from '../support/event-entries.ts';
import { ocsfFaults } from '../support/ocsf-subset.ts';

const HOSTILE = 'a\nb\r\nc|d=e f\\g]h"i\u0000j\u001bk\u2028l\u202Em CEF:0|x|y cs1=forged';
const callOf = (text: string): CallContext => ({
  call_id: 'cal_1',
  request_id: 'apr_1',
  agent: text,
  owner: text,
  server: text,
  tool: text,
});
const contextOf = (text: string): EventContext => ({
  software: '0.3.0',
  origin: 'placet.example.com',
  call: callOf(text),
});

for (const name of FORMAT_NAMES) {
  test(`${name}: every event is one line, whatever people and agents wrote`, () => {
    const format = FORMATS[name];
    for (const entry of everyEntry(HOSTILE)) {
      const event = format.event(entry, contextOf(HOSTILE));
      assert.not.match(event, /\p{Cc}/u, entry.type);
      assert.not.match(format.alone(event, contextOf(HOSTILE)), /[\n\r]/, entry.type);
      if (format.json) assert.type(JSON.parse(event), 'object');
    }
  });

  test(`${name}: what is redacted stands nowhere, and the event is whole all the same`, () => {
    const format = FORMATS[name];
    const names = new Set(REDACTABLE);
    for (const entry of everyEntry('SECRETWORD')) {
      const event = format.event(redact(entry, names), {
        ...contextOf('x'),
        call: redact(callOf('SECRETWORD'), names),
      });
      assert.not.match(event, 'SECRETWORD', entry.type);
      assert.not.match(event, 'a'.repeat(64), entry.type);
      assert.match(event, entry.id);
      if (name === 'ocsf') assert.equal(ocsfFaults(JSON.parse(event)), [], entry.type);
    }
  });
}

test('a redacted decision is told as neither', () => {
  const names = new Set(['decision', 'resolution', 'outcome', 'solo']);
  const drafts = draftsWith('x');
  const nameOf = (draft: Parameters<typeof stampedAt>[0]): unknown => {
    const event = FORMATS.cloudevents.event(redact(stampedAt(draft, 1), names), contextOf('x'));
    return (JSON.parse(event) as { data: { name: string } }).data.name;
  };
  for (const decision of ['approve', 'reject'] as const)
    assert.is(nameOf({ ...drafts['approval.decided'], decision, solo: true }), 'Decided by a reviewer');
  for (const resolution of ['approved', 'rejected', 'expired'] as const)
    assert.is(nameOf({ ...drafts['approval.resolved'], resolution }), 'Request resolved');
  for (const outcome of ['succeeded', 'failed', 'unknown'] as const)
    assert.is(nameOf({ ...drafts['call.completed'], outcome }), 'Call completed');
  assert.is(nameOf(drafts['execution.reconciled']), 'Execution reconciled');
});

test('redaction goes by name, however deep, and leaves the rest', () => {
  const entry = stampedAt(draftsWith('x')['approval.requested'], 3);
  const { terms, policy, owner, agent, seq } = redact(
    entry,
    new Set(['reviewers', 'policy', 'owner']),
  ) as typeof entry & Record<string, unknown>;
  assert.equal(
    [terms, policy, owner, agent, seq],
    [
      [{ rule: 'x', reviewers: ['[redacted]'], quorum: 1, verification: 'link', reason: 'optional' }],
      { rule: '[redacted]', version: '[redacted]' },
      '[redacted]',
      'x',
      3,
    ],
  );
});

test('CEF: a text begins no other key and no other header, and comes back as it was', () => {
  const entry = stampedAt({ ...draftsWith('x')['call.denied'], reason: HOSTILE }, 7);
  const { header, extension } = parseCef(FORMATS.cef.event(entry, contextOf('files|\\=')));
  assert.equal(header, ['CEF:0', 'Placet', 'Placet', '0.3.0', 'call.denied', 'Call denied', '3']);
  assert.is(
    extension['reason'],
    'a\nb\r\nc|d=e f\\g]h"i[U+0000 null]j[U+001B escape]k[U+2028 line separator]l\u202Em CEF:0|x|y cs1=forged',
  );
  assert.equal(
    [extension['cs1Label'], extension['cs1'], extension['externalId'], extension['cn1'], extension['act']],
    ['agent', 'files|\\=', 'ent_7', '7', 'denied'],
  );
});

test('CloudEvents: a call is an event of the log, and known again by source and id', () => {
  const event = JSON.parse(
    FORMATS.cloudevents.event(stampedAt(draftsWith('x')['call.requested'], 7), contextOf('y')),
  ) as JsonObject;
  const { data: _, ...envelope } = event;
  assert.equal(envelope, {
    specversion: '1.0',
    id: 'ent_7',
    source: '/placet/placet.example.com',
    type: 'placet.call.requested',
    time: '2026-11-23T10:00:00.250Z',
    subject: 'apr_1',
    datacontenttype: 'application/json',
    sequence: '000000000007',
    severitytext: 'informational',
    severitynumber: 9,
  });
});

test('OpenTelemetry: records stand in one message of OTLP', () => {
  const { otel } = FORMATS;
  const context = contextOf('y');
  const events = [1, 2].map((seq) =>
    otel.event(stampedAt(draftsWith('x')['execution.outcome_unknown'], seq), context),
  );
  const { resourceLogs } = JSON.parse(otel.body(events, context)) as {
    resourceLogs: { resource: unknown; scopeLogs: { logRecords: Record<string, unknown>[] }[] }[];
  };
  assert.equal(resourceLogs[0]?.resource, {
    attributes: [
      { key: 'service.name', value: { stringValue: 'placet' } },
      { key: 'service.version', value: { stringValue: '0.3.0' } },
      { key: 'service.instance.id', value: { stringValue: 'placet.example.com' } },
    ],
  });
  const records = resourceLogs[0]?.scopeLogs[0]?.logRecords ?? [];
  assert.is(records.length, 2);
  const { attributes, ...record } = records[1] ?? {};
  assert.equal(record, {
    timeUnixNano: '1795428000250000000',
    observedTimeUnixNano: '1795428000250000000',
    severityNumber: 17,
    severityText: 'ERROR',
    eventName: 'placet.execution.outcome_unknown',
    body: { stringValue: 'Outcome of execution unknown, y/y of y for y: x' },
  });
  assert.equal((attributes as unknown[])[0], { key: 'log.record.uid', value: { stringValue: 'ent_2' } });
});

test('syslog: what stands in the header ends neither it nor a message', () => {
  const message = syslogMessage(
    { seq: 41, type: 'call.denied', time: '2026-11-23T10:00:00.250Z', severity: 'high' },
    'the event',
    { software: '0.3"]\\\n', origin: 'pla cet\n]é' },
  );
  assert.is(
    message,
    '<107>1 2026-11-23T10:00:00.250Z pla_cet_]_ placet - call.denied [meta sequenceId="42"][origin software="Placet" swVersion="0.3\\"\\]\\\\ "] the event',
  );
});

test.run();
