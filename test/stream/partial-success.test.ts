import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FORMATS } from '../../src/events/format.ts';
import type { Outgoing } from '../../src/stream/sink.ts';
import { createHttpSink } from '../../src/stream/sinks/http.ts';
import { openFakeCollector } from '../support/fake-collector.ts';
import { realClock as clock } from '../support/real-clock.ts';

const BATCH: readonly Outgoing[] = [
  {
    seq: 0,
    id: 'ent_0',
    type: 'log.opened',
    time: '2026-11-23T10:00:00.000Z',
    severity: 'low',
    event: '{}',
  },
];
const never = new AbortController().signal;

async function sentTo(name: 'otel' | 'ocsf', body: string): Promise<unknown> {
  const collector = await openFakeCollector();
  collector.answer(() => ({ status: 200, body }));
  const context = { software: '1', origin: 'o' };
  const sink = await createHttpSink({ url: collector.url, format: FORMATS[name], context, clock });
  try {
    return await sink.send(BATCH, never).catch((error: unknown) => error);
  } finally {
    await sink.close();
    await collector.close();
  }
}

test('an OpenTelemetry collector that answers well and did not take all is told of, not believed', async () => {
  for (const count of ['"3"', '3']) {
    const error = await sentTo(
      'otel',
      `{"partialSuccess":{"rejectedLogRecords":${count},"errorMessage":"x"}}`,
    );
    assert.is((error as Error | undefined)?.message, 'The receiver took all but 3 of what it was sent.');
    assert.is((error as { code?: string }).code, 'unacceptable');
  }
});

test('one that took all has them, whatever else it says', async () => {
  for (const body of [
    '',
    '{}',
    '{"partialSuccess":{}}',
    '{"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"look at this"}}',
    '{"partialSuccess":{"rejectedLogRecords":"many"}}',
    '[',
    'null',
  ])
    assert.is(await sentTo('otel', body), undefined);
});

test('another collector’s answer is not read for it', async () => {
  assert.is(await sentTo('ocsf', '{"partialSuccess":{"rejectedLogRecords":"3"}}'), undefined);
});

test.run();
