import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verdictText } from '../../src/evidence/verdict-text.ts';
import type { Verdict } from '../../src/evidence/verdict.ts';

const KEY = 'localhost/placet-0123456789ab+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';

const UNSIGNED: Verdict['log'] = {
  root: 'AAAA',
  keys: [],
  tiles: { checked: 0, missing: 0 },
  checkpoints: { kept: 0, right: 0, trusted: 0, cosignatures: 0 },
  stamps: { kept: 0, right: 0 },
  newer: 12,
  head: 'none',
};

const SIGNED: Verdict['log'] = {
  ...UNSIGNED,
  keys: [{ key: KEY, from: 1, since: '2026-11-23T10:00:00.000Z' }],
  tiles: { checked: 2, missing: 1 },
  checkpoints: {
    kept: 5,
    right: 5,
    trusted: 0,
    cosignatures: 0,
    newest: { size: 9, root: 'AAAA', at: '2026-11-23T10:05:00.000Z' },
  },
  newer: 3,
  head: 'held',
};

const verdict: Verdict = {
  ok: true,
  entries: 12,
  requests: 1,
  escalations: 0,
  executions: 1,
  decisions: { link: 1, sso: 0, passkey: 2, slack: 0, api: 0 },
  solo_approvals: 1,
  signatures: 5,
  payloads: { checked: 3, missing: 0, erased: 1, erasing: 0 },
  log: UNSIGNED,
  problems: [],
  problems_found: 0,
};

const REPLAYED = [
  '12 entries, 1 approval request, 1 execution.',
  '3 decisions: 1 by link, 0 by single sign-on, 2 by passkey; 1 solo approval. 5 signatures were checked again.',
  '3 payloads are what was committed to; 1 erased, 0 missing.',
];

const lines = (changed: Partial<Verdict>) => verdictText({ ...verdict, ...changed }).split('\n');

test('a whole journal that nobody has signed', () => {
  assert.equal(lines({}), [
    ...REPLAYED,
    'Nothing is signed: the journal names no key, as those from before 0.3.0 do not.',
    'The journal is whole.',
  ]);
});

test('a whole log says by whom it is signed, how far, and that nothing from elsewhere was compared', () => {
  assert.equal(lines({ log: SIGNED }), [
    ...REPLAYED,
    `Signed by ${KEY} from entry 1 on.`,
    '5 of 5 checkpoints kept here are over what stands and signed; the newest covers 9 entries, signed 23 Nov 2026, 10:05 UTC.',
    '3 entries are newer than the last checkpoint.',
    '2 tiles are of these entries, and 1 is not there: "placet log rebuild" makes them.',
    'Nothing that was kept elsewhere was compared. Whoever has the log’s key could have rewritten it all: --witness takes mails and checkpoints that show it.',
    'The journal is whole.',
  ]);
});

test('checkpoints from elsewhere are told with the oldest and the newest', () => {
  const seen = {
    given: 3,
    extended: 2,
    of_other_logs: { 'localhost/placet-other': 1 },
    oldest: { where: 'mails/1.eml (attachment checkpoint.txt)', size: 4, sent: '2026-11-23T10:01:00.000Z' },
    newest: { where: 'note', size: 9 },
  };
  const text = lines({ log: { ...SIGNED, pinned: KEY }, seen });
  assert.ok(text.includes('That is the key that was given.'));
  assert.equal(text.slice(-3), [
    'This journal extends 2 of 3 checkpoints that were kept elsewhere: from 4 entries (mails/1.eml (attachment checkpoint.txt), sent 23 Nov 2026, 10:01 UTC), to 9 entries (note).',
    '1 of them is of another log, localhost/placet-other.',
    'The journal is whole.',
  ]);
});

test('witnesses and time stamps are told with their newest', () => {
  const text = lines({
    log: {
      ...SIGNED,
      checkpoints: {
        ...SIGNED.checkpoints,
        cosignatures: 4,
        cosigned: { size: 8, by: 'witness.example/w1', at: '2026-11-23T10:04:00.000Z' },
      },
      stamps: {
        kept: 2,
        right: 2,
        newest: { size: 7, time: '2026-11-23T10:03:00.000Z', authority: 'TSA', trusted: false },
      },
    },
  });
  assert.ok(
    text.includes(
      '4 cosignatures of witnesses hold; the newest is by witness.example/w1 over 8 entries, 23 Nov 2026, 10:04 UTC.',
    ),
  );
  assert.ok(
    text.includes(
      '2 of 2 time stamps hold; the newest says that 7 entries stood at 23 Nov 2026, 10:03 UTC, by TSA (whether it is that authority was not checked: PLACET_TSA_CA is not set).',
    ),
  );
});

test('a quick look says that it was one', () => {
  const text = lines({ quick: true, log: SIGNED });
  assert.is(text[0], '12 entries. Without --quick they are replayed and payloads are compared, too.');
  assert.is(
    text.at(-1),
    'The journal is whole as far as its bytes, tree and signatures go; what its entries say was not replayed.',
  );
  assert.not(text.join('\n').includes('decision'));
});

test('lost payloads are told as a loss, and erasures that are not finished as such', () => {
  const text = lines({ payloads: { checked: 3, missing: 2, erased: 1, erasing: 1 } });
  assert.equal(text.slice(2, 5), [
    '3 payloads are what was committed to; 1 erased, 2 missing.',
    '2 payloads were lost, as no entry tells of an erasure: what stood in them cannot be shown any more. The log itself is not changed by that.',
    'The payloads of 1 call were ordered to be erased, and it is not finished: the next start of the host does it.',
  ]);
});

test('without the key of the workspace it says what could not be looked at', () => {
  const text = lines({
    payloads: { checked: 0, missing: 0, erased: 0, erasing: 0, unread: true },
    log: { ...SIGNED, head: 'unread' },
  });
  assert.ok(text.includes('No payload was compared: the key of the workspace is not here.'));
  assert.ok(
    text.includes(
      'Whether entries behind the last checkpoint were cut off cannot be told: the key of the workspace is not here.',
    ),
  );
});

test('a damaged journal: what was found, what is still being written, and that it cannot be believed', () => {
  const text = lines({
    ok: false,
    problems: [
      {
        seq: 3,
        code: 'sequence',
        message: 'line 4 of 00000000.jsonl: it is entry 5 where 3 is \u202eexpected.',
      },
      { seq: null, code: 'contradicts', message: 'a.eml: it was signed.' },
    ],
    problems_found: 3,
    tail: { file: '00000000.jsonl', bytes: 1 },
  });
  assert.equal(text.slice(-5), [
    '00000000.jsonl ends with 1 byte of an append that is not whole: a host is writing it, or the next start sets it aside.',
    '3  sequence  line 4 of 00000000.jsonl: it is entry 5 where 3 is [U+202E right-to-left override]expected.',
    '-  contradicts  a.eml: it was signed.',
    '… and 1 more.',
    'The journal cannot be believed: 3 problems found.',
  ]);
});

test.run();
