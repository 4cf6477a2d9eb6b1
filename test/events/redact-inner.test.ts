import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FORMATS } from '../../src/events/format.ts';
import { REDACTABLE, redact } from '../../src/events/redact.ts';
import { requested } from '../support/request-entries.ts';

const NAMES = ['reviewers', 'away', 'fallback'];

for (const [name, format] of Object.entries(FORMATS)) {
  test(`${name}: whoever may be asked about a call can be left out, wherever the terms name them`, () => {
    const entry = requested([
      {
        rule: 'writes',
        reviewers: ['asked-alice'],
        quorum: 1,
        verification: 'link',
        reason: 'optional',
        escalate: { after_ms: 1000, reviewers: ['later-carol'], notify: [] },
        fallback: ['fallback-dave'],
        away: ['away-erin'],
      },
    ]);
    const written = format.event(redact(entry, new Set(NAMES)), { software: '1', origin: 'o' });
    assert.not.match(written, /asked-alice|later-carol|fallback-dave|away-erin/);
    assert.match(written, 'write_file');
  });
}

test('they are names that a setting may have, and what identifies an entry is none', () => {
  assert.equal(
    [...NAMES, 'groups', 'subject', 'signature', 'id', 'seq', 'type', 'kind'].map((name) =>
      REDACTABLE.has(name),
    ),
    [true, true, true, true, true, true, false, false, false, false],
  );
});

test.run();
