import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { entryJson, entryLine, entryText, verdictText } from '../../src/evidence/log-report.ts';

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

const verdict = {
  ok: true,
  entries: 12,
  requests: 1,
  executions: 1,
  decisions: { link: 1, sso: 0, passkey: 2 },
  solo_approvals: 1,
  signatures: 5,
  payloads: { checked: 3, missing: 0, erased: 1 },
  problems: [],
  problems_found: 0,
};

test('a whole journal in words', () => {
  assert.is(
    verdictText(verdict),
    '12 entries, 1 approval request, 1 execution.\n3 decisions: 1 by link, 0 by single sign-on, 2 by passkey; 1 solo approval. 5 signatures were checked again.\n3 payloads are what was committed to; 1 erased, 0 missing.\nThe journal is whole.',
  );
});

test('a damaged journal in words, with what was found and what is still being written', () => {
  assert.is(
    verdictText({
      ...verdict,
      ok: false,
      problems: [
        { seq: 3, code: 'sequence', message: 'line 4 of 00000000.jsonl: it is entry 5 where 3 is expected.' },
      ],
      problems_found: 2,
      tail: { file: '00000000.jsonl', bytes: 1 },
    }),
    [
      '12 entries, 1 approval request, 1 execution.',
      '3 decisions: 1 by link, 0 by single sign-on, 2 by passkey; 1 solo approval. 5 signatures were checked again.',
      '3 payloads are what was committed to; 1 erased, 0 missing.',
      '00000000.jsonl ends with 1 byte of an append that is not whole: a host is writing it, or the next start sets it aside.',
      '3  sequence  line 4 of 00000000.jsonl: it is entry 5 where 3 is expected.',
      '… and 1 more.',
      'The journal cannot be believed: 2 problems found.',
    ].join('\n'),
  );
});

test.run();
