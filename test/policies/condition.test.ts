import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../../src/core/json.ts';
import type { Facts } from '../../src/core/policy.ts';
import { type Condition, conditionCompiler } from '../../src/policies/condition.ts';

const compile = conditionCompiler();

function compiled(expression: string): Condition {
  const result = compile(expression);
  if (result.kind === 'invalid') throw new Error(result.message);
  return result.test;
}

function facts(args: Json): Facts {
  return {
    agent: 'claude',
    owner: 'bob',
    server: 'files',
    tool: 'write_file',
    tags: ['sensitive'],
    args,
    now: new Date('2026-11-23T10:00:00.000Z'),
    changed: false,
  };
}

function gives(expression: string, args: Json, expected: boolean): void {
  test(`${expression} of ${JSON.stringify(args)} is ${expected}`, () => {
    assert.is(compiled(expression)(facts(args)), expected);
  });
}

function throws(expression: string, args: Json, message: RegExp): void {
  test(`${expression} of ${JSON.stringify(args).slice(0, 60)} throws`, () => {
    assert.throws(() => compiled(expression)(facts(args)), message);
  });
}

function refused(expression: string, message: string, offset: number): void {
  test(`${expression.slice(0, 60)} is refused`, () => {
    assert.equal(compile(expression), { kind: 'invalid', message, offset });
  });
}

// Every name that a condition can use.
gives('tool == "write_file" && server == "files"', {}, true);
gives('agent == "claude" && owner == "bob"', {}, true);
gives('"sensitive" in tags', {}, true);
gives('now.getFullYear() == 2026 && now.getHours() < 11', {}, true);
gives('now < timestamp("2026-11-23T10:00:01Z")', {}, true);

// Numbers, whichever way JSON wrote them.
gives('args.n > 3', { n: 5 }, true);
gives('args.n > 3', { n: 5.5 }, true);
gives('args.n > 3.5', { n: 5 }, true);
gives('args.n == 5', { n: 5 }, true);
gives('args.n == 5', { n: 5.5 }, false);
gives('args.n == 5.0', { n: 5 }, true);
gives('args.n != 5', { n: 5 }, false);
gives('args.n in [1, 5]', { n: 5 }, true);
gives('args.n + 1 > 5', { n: 5 }, true);
gives('args.n + 1 > 5', { n: 4.5 }, true);
gives('args.n * 1.5 > 7.0', { n: 5 }, true);
gives('args.n - 0.5 == 4.5', { n: 5 }, true);
gives('args.n / 2.0 == 2.5', { n: 5 }, true);
gives('args.n > 1000000', { n: 1e300 }, true);
gives('args.list[args.i] == "b"', { list: ['a', 'b'], i: 1 }, true);
gives('size(args.list) > 1', { list: ['a', 'b'] }, true);

// Members that are there, not there, or only inherited by JavaScript objects.
gives('has(args.a)', { a: null }, true);
gives('has(args.a)', {}, false);
gives('has(args.constructor) || "toString" in args', {}, false);
gives('args.constructor == "x"', { constructor: 'x' }, true);
gives('args["__proto__"] == 1', JSON.parse('{"__proto__":1}') as Json, true);
gives('args.a.b.c == "x"', { a: { b: { c: 'x' } } }, true);
gives('args.m == {"a": 1}', { m: { a: 1 } }, true);
gives('args.a == args.b', { a: { x: [1] }, b: { x: [1] } }, true);
gives('"x" in args.l', { l: [5, { a: 1 }, 'x'] }, true);
gives('args.m.exists(k, args.m[k] == 2)', { m: { a: 1, b: 2 } }, true);
throws('args.a == 1', {}, /No such key: a/);
throws('has(args.a.b)', {}, /No such key: a/);
throws('args.constructor == "x"', {}, /No such key: constructor/);
throws('args.n > 3', { n: 'x' }, /no such overload/);

// True or false, and nothing that only looks like it.
gives('args.flag', { flag: true }, true);
throws('args.flag', { flag: 'true' }, /neither true nor false/);
throws('args.flag', { flag: 1 }, /neither true nor false/);
throws('!args.flag', { flag: 0 }, /no such overload/);
throws('args.flag', 'no object', /not of type/);

// Paths.
gives('path.within(args.path, "/srv")', { path: '/srv/a' }, true);
gives('path.within(args.path, "/srv")', { path: '/srv/../etc/passwd' }, false);
gives('!path.within(args.path, "/srv")', { path: '/srv2/a' }, true);
gives('["/srv", "/tmp"].exists(f, path.within(args.path, f))', { path: '/tmp/a' }, true);
throws('path.within(args.path, "/srv")', { path: 'a' }, /absolute paths only/);
throws('path.within(args.path, "/srv")', { path: 5 }, /text on both sides/);
throws('path.within(args.path, "/srv")', {}, /No such key: path/);

// Globs instead of regular expressions.
gives('args.name.glob("*.env")', { name: 'prod.env' }, true);
gives('args.name.glob("*.env")', { name: 'prod.env.bak' }, false);
throws('args.name.glob("*")', { name: 'x'.repeat(65_537) }, /65536 characters/);

// What does not compile.
refused('tool == 5', 'The condition is not valid: no such overload: string == int.', 0);
refused('tool', 'The condition gives string, but it must give true or false.', 0);
refused('true && who == "x"', 'The condition is not valid: Unknown variable: who.', 8);
refused('args.a ==', 'The condition is not valid: Unexpected token: EOF.', 9);
refused(
  'path.inside("a")',
  "The condition is not valid: found no matching overload for 'PathNamespace.inside(string)'.",
  0,
);
refused(
  'true || args.a.matches("(a+)+$")',
  'matches is not available, because a hostile argument could make a regular expression hang; use glob, startsWith, endsWith or contains.',
  8,
);
refused(
  '[1].exists(x, tool.matches(args.pattern))',
  'matches is not available, because a hostile argument could make a regular expression hang; use glob, startsWith, endsWith or contains.',
  14,
);
refused(
  'duration(args.a) > duration("5m")',
  'duration takes a literal such as duration("30m"), not a value of the call.',
  0,
);
refused(
  'args.name.glob(args.glob)',
  'glob takes a literal such as args.name.glob("*.txt"), not a value of the call.',
  0,
);
refused(
  'args.a.all(x, x.all(y, y.all(z, z == 1)))',
  'Loops over the arguments may be nested at most two deep.',
  0,
);
refused(
  `tool == "${'x'.repeat(2000)}"`,
  'A condition has at most 2000 characters; split it into several rules.',
  0,
);

test('a literal duration can be used', () => {
  const expression = 'now - timestamp("2026-11-23T09:00:00Z") > duration("30m")';
  assert.is(compiled(expression)(facts({})), true);
});

test('an expression with too many parts is refused', () => {
  assert.is(compile(Array.from({ length: 300 }, () => '1==1').join('&&')).kind, 'invalid');
});

test('an expression that is nested too deeply is refused', () => {
  assert.is(compile(`${'('.repeat(300)}true${')'.repeat(300)}`).kind, 'invalid');
});

throws('args.l.all(x, x == "a")', { l: ['a'.repeat(20_001)] }, /too large/);
throws('args.l.all(x, args.l.all(y, x == y))', { l: Array.from({ length: 1000 }, () => 1) }, /too large/);
gives('args.l.all(x, args.l.all(y, x == y))', { l: [1, 1] }, true);

test('why it threw quotes no more than 200 characters of what the agent sent', () => {
  const condition = compiled('now.getHours(args.zone) > 5');
  assert.throws(
    () => condition(facts({ zone: 'x'.repeat(5000) })),
    (error: Error) => error.message.length === 200,
  );
});

test('a loop over a literal list does not limit the arguments', () => {
  const args = { path: '/tmp/a', content: 'x'.repeat(500_000) };
  assert.is(compiled('["/srv", "/tmp"].exists(f, path.within(args.path, f))')(facts(args)), true);
});

test('arguments that are nested too deeply throw', () => {
  let args: Json = {};
  for (let i = 0; i < 100; i += 1) args = { a: args };
  assert.throws(() => compiled('has(args.b)')(facts(args)), /nested more than 64 levels deep/);
});

test('one condition can be asked again after it threw', () => {
  const condition = compiled('args.l.all(x, x > 1)');
  assert.throws(() => condition(facts({ l: ['a'] })));
  assert.is(condition(facts({ l: [2, 3] })), true);
});

test('arguments of ever new shapes do not fill the memory', () => {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  const condition = compiled('args.a == args.b || args.a in args.l');
  const shape = (seed: number): Json => {
    let value: Json = 'x';
    for (let i = 0; i < 30; i += 1) value = (seed >> i) & 1 ? [value] : { a: value };
    return value;
  };
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 2000; i += 1) {
    const a = shape((i * 2_654_435_761) >>> 0);
    condition(facts({ a, b: a, l: [a] }));
  }
  collect();
  // Without the guard it grows by more than 50 million bytes.
  assert.ok(process.memoryUsage().heapUsed - before < 5_000_000);
});

test.run();
