import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import { createInputChecker, type InputChecker } from '../../src/mcp/check-input.ts';
import { FakeClock } from '../support/clock.ts';
import { realClock } from '../support/real-clock.ts';

let checker: InputChecker;
test.before(() => {
  checker = createInputChecker({ clock: realClock, limitMs: 10_000 });
});
test.after(() => checker.close());

const path = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };

test('accepts arguments that fit', async () => {
  assert.equal(await checker.check(path, { path: '/a' }), { kind: 'valid' });
});

test('names the path and the problem', async () => {
  const schema = { properties: { rows: { items: { properties: { n: { type: 'integer' } } } } } };
  assert.equal(await checker.check(schema, { rows: [{ n: 1 }, { n: 'x' }] }), {
    kind: 'invalid',
    message: 'The argument rows.1.n must be integer.',
  });
});

test('says what is missing', async () => {
  assert.equal(await checker.check(path, {}), {
    kind: 'invalid',
    message: "The arguments must have required property 'path'.",
  });
});

test('names an argument that is not wanted, shortened, and never echoes a value', async () => {
  const schema = { type: 'object', properties: {}, additionalProperties: false };
  const checked = await checker.check(schema, { ['x'.repeat(10_000)]: 'secret' });
  assert.equal(checked, {
    kind: 'invalid',
    message: `The arguments must NOT have additional properties: ${'x'.repeat(60)}….`,
  });
});

test('checks formats', async () => {
  const schema = { properties: { to: { type: 'string', format: 'email' } } };
  assert.is((await checker.check(schema, { to: 'nobody' })).kind, 'invalid');
});

test('reads draft-07 where the schema names it, else 2020-12', async () => {
  const tuple = { properties: { pair: { items: [{ type: 'string' }], additionalItems: false } } };
  const args: JsonObject = { pair: ['a', 'b'] };
  assert.is(
    (await checker.check({ $schema: 'http://json-schema.org/draft-07/schema#', ...tuple }, args)).kind,
    'invalid',
  );
  const prefix = { properties: { pair: { prefixItems: [{ type: 'string' }], items: false } } };
  assert.is((await checker.check(prefix, args)).kind, 'invalid');
  assert.is(
    (await checker.check({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...prefix }, args)).kind,
    'invalid',
  );
});

for (const [what, schema] of [
  ['cannot be compiled', { type: 'no such type' }],
  ['refers to what is elsewhere', { $ref: 'https://example.com/schema' }],
  ['is of an unknown dialect', { $schema: 'http://json-schema.org/draft-03/schema#' }],
  ['is none', undefined],
] as const) {
  test(`leaves arguments unchecked, and says why, when the schema ${what}`, async () => {
    const checked = await checker.check(schema, {});
    assert.is(checked.kind, 'unchecked');
    assert.ok(checked.kind === 'unchecked' && checked.why.length > 20);
  });
}

const hostile = { properties: { text: { type: 'string', pattern: '^(a+)+$' } } };
const attack = { text: `${'a'.repeat(60)}!` };

test('ends a check that takes too long, says so, and goes on with a new worker', async () => {
  const clock = new FakeClock();
  const own = createInputChecker({ clock, limitMs: 1000 });
  await own.check(path, { path: 'the worker has started' });
  const hung = own.check(hostile, attack);
  clock.advance(1000);
  assert.equal(await hung, { kind: 'unchecked', why: 'The check took longer than 1 s and was ended.' });
  assert.equal(await own.check(path, { path: '/a' }), { kind: 'valid' });
  await own.close();
});

test('answers a check that waits too long for others', async () => {
  const clock = new FakeClock();
  const own = createInputChecker({ clock, limitMs: 1000 });
  const checks = Array.from({ length: 3 }, () => own.check(path, { path: '/a' }));
  clock.advance(5000);
  assert.equal(
    (await Promise.all(checks)).map((each) => each.kind),
    ['unchecked', 'unchecked', 'unchecked'],
  );
  await own.close();
});

test('makes many checks at once, each its own', async () => {
  const kinds = await Promise.all(
    Array.from(
      { length: 50 },
      async (_, i) => (await checker.check(path, i % 2 ? { path: 'a' } : { path: i })).kind,
    ),
  );
  assert.equal(kinds.slice(0, 4), ['invalid', 'valid', 'invalid', 'valid']);
});

test('keeps no more compiled schemas than its limit, and goes on', async () => {
  for (let i = 0; i < 250; i += 1) {
    assert.is(
      (await checker.check({ $id: 'same', properties: { n: { minimum: i } } }, { n: i })).kind,
      'valid',
    );
  }
});

test('answers what is under way when it closes', async () => {
  const own = createInputChecker({ clock: realClock });
  const checked = own.check(path, {});
  await own.close();
  assert.equal(await checked, { kind: 'unchecked', why: 'The host is ending.' });
});

test('works from the build, where there is one', async () => {
  const built = new URL('../../dist/mcp/check-input.js', import.meta.url);
  if (!existsSync(built)) return;
  const { createInputChecker: create } = (await import(
    built.href
  )) as typeof import('../../src/mcp/check-input.ts');
  const own = create({ clock: realClock, limitMs: 10_000 });
  assert.equal(await own.check(path, { path: '/a' }), { kind: 'valid' });
  await own.close();
});

test.run();
