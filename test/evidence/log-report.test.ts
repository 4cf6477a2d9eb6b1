import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { entryJson, entryLine, entryText } from '../../src/evidence/log-report.ts';

const entry: Entry = {
  v: 1,
  seq: 7,
  id: 'ent_1',
  time: '2026-11-23T10:00:00.000Z',
  node: 'host',
  type: 'approval.resolved',
  request_id: 'apr_1',
  resolution: 'rejected',
  reason: 'no\u202e\u001b[31m\nway',
};

test('one line for an entry, in which nothing can hide or move the cursor', () => {
  assert.is(
    entryLine(entry),
    '     7  2026-11-23T10:00:00.000Z  approval.resolved  request_id=apr_1  resolution=rejected  reason=no[U+202E right-to-left override][U+001B escape][31m[U+000A line feed]way',
  );
});

test('an entry in full, a member a line', () => {
  assert.is(
    entryText({ ...entry, reason: '' }),
    [
      'v                  1',
      'seq                7',
      'id                 ent_1',
      'time               2026-11-23T10:00:00.000Z',
      'node               host',
      'type               approval.resolved',
      'request_id         apr_1',
      'resolution         rejected',
      'reason             ""',
    ].join('\n'),
  );
});

test('an entry for programs is its line in the journal', () => {
  assert.is(
    entryJson({ ...entry, reason: '' }),
    '{"id":"ent_1","node":"host","reason":"","request_id":"apr_1","resolution":"rejected","seq":7,"time":"2026-11-23T10:00:00.000Z","type":"approval.resolved","v":1}',
  );
});

test.run();
