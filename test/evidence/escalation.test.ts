import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import { canonicalJson, isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { verifyJournal, type Verdict } from '../../src/evidence/verify.ts';
import { verdictText } from '../../src/evidence/verdict-text.ts';
import {
  at,
  claimed,
  decided,
  held,
  requestId,
  resolved,
  started,
  succeeded,
} from '../support/journal-drafts.ts';
import { jsonlBench } from '../support/jsonl-bench.ts';

const MINUTE = 60_000;

/** A call that erin, whom its rule asks after 20 minutes, approved; told to `verify` once `change` was made of it. */
async function verdictOn(change: (entry: JsonObject) => JsonObject = (entry) => entry): Promise<Verdict> {
  const bench = await jsonlBench();
  const { clock, journal } = bench;
  const id = requestId(clock);
  const opening = held(id, clock).map((draft): Draft => {
    if (draft.type !== 'approval.requested') return draft;
    const escalate = { after_ms: 20 * MINUTE, reviewers: ['erin'], notify: ['pagerduty'] };
    const terms = draft.terms.map((each) => ({ ...each, escalate, fallback: ['frank'] }));
    return { ...draft, terms, owner_channels: ['email'] };
  });
  let version = (await journal.append(opening, at(id, null))).at(-1)?.seq ?? null;
  clock.advance(20 * MINUTE);
  const escalated: Draft = {
    type: 'approval.escalated',
    request_id: id,
    rule: 'writes',
    cause: 'time',
    reviewers: ['erin'],
  };
  for (const drafts of [
    [escalated],
    [decided(id, 'erin'), resolved(id)],
    [claimed(id)],
    [started(id)],
    [succeeded(id)],
  ])
    version = (await journal.append(drafts, at(id, version))).at(-1)?.seq ?? null;
  await journal.close();
  const path = join(bench.dir, '00000000.jsonl');
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const entry: unknown = JSON.parse(line);
      return canonicalJson(isJsonObject(entry) ? change(entry) : null);
    });
  writeFileSync(path, `${lines.join('\n')}\n`);
  return verifyJournal({ dir: bench.dir, now: clock.now() });
}

const codes = (verdict: Verdict) =>
  [...new Set(verdict.problems.map(({ code }) => code))].filter((code) => code !== 'tile');

const ofType = (type: string, change: (entry: JsonObject) => JsonObject) => (entry: JsonObject) =>
  entry['type'] === type ? change(entry) : entry;

test('an approval by somebody who was asked later stands, and the escalation is counted', async () => {
  const verdict = await verdictOn();
  assert.equal([verdict.ok, verdict.problems, verdict.escalations], [true, [], 1]);
  assert.match(verdictText(verdict), '1 approval request, 1 escalation, 1 execution.');
});

for (const [what, change] of [
  [
    'to somebody whom the rule does not name',
    ofType('approval.escalated', (entry) => ({ ...entry, reviewers: ['mallory', 'erin'] })),
  ],
  [
    'for another cause than its time',
    ofType('approval.escalated', (entry) => ({ ...entry, cause: 'unreachable' })),
  ],
  ['of another rule', ofType('approval.escalated', (entry) => ({ ...entry, rule: 'reads' }))],
  [
    'before its time',
    ofType('approval.requested', (entry) => ({
      ...entry,
      terms: [
        {
          rule: 'writes',
          reviewers: ['alice', 'carol'],
          quorum: 1,
          verification: 'link',
          reason: 'optional',
          escalate: { after_ms: 21 * MINUTE, reviewers: ['erin'], notify: [] },
        },
      ],
    })),
  ],
] as const) {
  test(`an escalation ${what} is found, and so is the start without a quorum`, async () => {
    assert.equal(codes(await verdictOn(change)), ['illegal', 'no_quorum']);
  });
}

test.run();
