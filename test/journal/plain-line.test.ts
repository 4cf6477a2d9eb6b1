import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { canonicalJson } from '../../src/core/json.ts';
import { checkEntry } from '../../src/journal/entry-schema.ts';
import { plainLine } from '../../src/journal/plain-line.ts';

const H = 'a'.repeat(64);
const stamp = { v: 1, seq: 3, id: 'ent_1', time: '2026-11-23T10:00:00.000Z', node: 'nod_1' } as const;
const action = {
  agent: 'claude',
  owner: 'bob',
  server: 'files',
  tool: 'read_file',
  definition_sha256: H,
  args_commit: H,
  action_digest: H,
} as const;

const ENTRIES: readonly Entry[] = [
  { type: 'call.requested', call_id: 'call_1', ...action, args_at: '1:0', ...stamp, more: 1 },
  { type: 'call.allowed', call_id: 'call_1', policy: { rule: 'reads', version: H }, ...stamp },
  { type: 'call.completed', call_id: 'call_1', outcome: 'succeeded', result_commit: H, ...stamp },
  { type: 'call.completed', call_id: 'call_1', outcome: 'failed', detail: 'No (1).', ...stamp },
];

for (const entry of ENTRIES) {
  test(`a plain ${entry.type} is written without a detour, as the canonical JSON is`, () => {
    assert.is(plainLine(entry), canonicalJson(entry));
  });
}

/** What may stand in the place of a member, right or wrong. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    H,
    'A'.repeat(64),
    '',
    'a"b',
    'a\\b',
    '\u2028',
    '\ud800',
    '2026-02-30T10:00:00.000Z',
    '2026-99-30T10:00:00.000Z',
    'delivered',
    undefined,
    null,
    true,
    [],
    {},
    { rule: 'r', version: 'v' },
    { rule: 'r', version: 'v', more: 1 },
    { rule: '' },
  ),
  fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -0, 1, 2 ** 53, Number.NaN)),
);

const changed = fc.record({
  entry: fc.constantFrom(...ENTRIES),
  changes: fc.array(
    fc.record({
      name: fc.constantFrom(
        ...new Set(ENTRIES.flatMap((entry) => Object.keys(entry))),
        'args_at',
        'request_id',
        'result_at',
        'other',
        '__proto__x',
      ),
      how: fc.oneof(
        fc.constant({ kind: 'delete' as const }),
        fc.record({ kind: fc.constant('set' as const), value }),
      ),
    }),
    { maxLength: 3 },
  ),
});

test('whatever stands in an entry, a line that is written without a detour is that of an entry', () => {
  let plain = 0;
  fc.assert(
    fc.property(changed, ({ entry, changes }) => {
      const members: Record<string, unknown> = { ...entry };
      for (const { name, how } of changes) {
        if (how.kind === 'delete') delete members[name];
        else members[name] = how.value;
      }
      const line = plainLine(members as unknown as Entry);
      if (line === undefined) return;
      plain += 1;
      assert.equal(checkEntry(members).entry, members);
      assert.is(line, canonicalJson(members));
    }),
    { numRuns: 20_000, seed: 7 },
  );
  assert.ok(plain > 3000, `only ${plain} were plain`);
});

test.run();
