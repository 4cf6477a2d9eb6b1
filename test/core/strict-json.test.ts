import { array, assert as check, constantFrom, double, jsonValue, property } from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeJson, placeOf } from '../../src/core/strict-json.ts';

function judge(text: string, maxDepth = 64) {
  return judgeJson(text, { maxDepth });
}

function codeOf(text: string, maxDepth = 64): string {
  const judged = judge(text, maxDepth);
  return judged.ok ? 'ok' : judged.code;
}

test('gives the value that JSON.parse gives, for every value in every layout', () => {
  check(
    property(jsonValue(), constantFrom(0, 1, 2, '\t'), (value, indent) => {
      const text = JSON.stringify({ value: JSON.parse(JSON.stringify(value)) as unknown }, null, indent);
      const judged = judge(text);
      assert.ok(judged.ok, judged.ok ? '' : judged.message);
      assert.equal(judged.value, JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test('never accepts what JSON.parse refuses, nor gives another value', () => {
  const pieces = constantFrom(
    ...Array.from("{}[],:\\1-.0e+\n \u0000\ufeff'"),
    '"',
    '"a"',
    '"A"',
    '"\\u0061"',
    '"\\ud800"',
    '{"a":1}',
    'true',
    'tru',
    'null',
  );
  check(
    property(array(pieces, { maxLength: 12 }), (parts) => {
      const text = `{"a":${parts.join('')}}`;
      const judged = judge(text);
      if (judged.ok) assert.equal(judged.value, JSON.parse(text));
    }),
    { numRuns: 20_000 },
  );
});

test('accepts a number exactly when writing its double gives the same value', () => {
  check(
    property(double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      if (Object.is(number, -0)) return;
      assert.is(codeOf(`{"n":${JSON.stringify(number)}}`), 'ok');
    }),
    { numRuns: 2000 },
  );
});

for (const number of [
  '1.0',
  '1e2',
  '1E+2',
  '0.1',
  '0.10',
  '-12.500',
  '0e5',
  '100',
  '1e21',
  '9007199254740992',
  '5e-324',
]) {
  test(`accepts the number ${number}`, () => {
    const judged = judge(`{"n":${number}}`);
    assert.ok(judged.ok);
    assert.equal(judged.value, { n: Number(number) });
  });
}

for (const number of [
  '9007199254740993',
  '1e400',
  '-1e400',
  '-0',
  '-0.0',
  '1e-400',
  '1.0000000000000000001',
  '0.10000000000000001',
  '123456789012345678901234567890',
]) {
  test(`refuses the number ${number}`, () => {
    assert.is(codeOf(`{"n":${number}}`), 'json_number');
  });
}

for (const text of [
  '',
  '{',
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":1.}',
  '{"a":1,}',
  "{'a':1}",
  '{"a":\u00a01}',
  '{"a":"\n"}',
  '{"a":"\\x"}',
  '{"a":NaN}',
  '{} {}',
  '\ufeff{}',
  '{"a" 1}',
  '{a:1}',
  '{"a":"',
]) {
  test(`refuses ${JSON.stringify(text)} as no JSON`, () => {
    assert.is(codeOf(text), 'json_invalid');
  });
}

test('refuses a member that stands twice, at any depth', () => {
  assert.is(codeOf('{"name":"read","name":"write"}'), 'json_duplicate_member');
  assert.is(codeOf('{"params":{"arguments":{"deep":[{"x":1,"x":2}]}}}'), 'json_duplicate_member');
});

test('compares members after resolving their escapes', () => {
  assert.is(codeOf('{"name":1,"n\\u0061me":2}'), 'json_duplicate_member');
});

test('refuses members of the envelope that differ only in case', () => {
  assert.is(codeOf('{"method":"a","Method":"b"}'), 'json_case_collision');
  assert.is(codeOf('{"params":{"name":"read_file","Name":"write_file"}}'), 'json_case_collision');
});

test('refuses argument names that differ only in case', () => {
  assert.is(codeOf('{"params":{"arguments":{"path":"/a","PATH":"/b"}}}'), 'json_case_collision');
});

test('folds case as decoders that ignore it do: the long s is an s, the Kelvin sign a k', () => {
  assert.is(codeOf('{"params":{"arguments":{"pass":1,"pa\u017f\u017f":2}}}'), 'json_case_collision');
  assert.is(codeOf('{"params":{"arguments":{"key":1,"\u212aey":2}}}'), 'json_case_collision');
});

test('leaves keys that differ in case alone where they are data', () => {
  assert.is(codeOf('{"params":{"arguments":{"env":{"http_proxy":"a","HTTP_PROXY":"b"}}}}'), 'ok');
  assert.is(codeOf('{"result":{"a":1,"A":2}}'), 'ok');
  assert.is(codeOf('{"params":{"arguments":[{"a":1,"A":2}]}}'), 'ok');
});

test('refuses halves of surrogate pairs, raw and escaped', () => {
  assert.is(codeOf('{"a":"\ud800"}'), 'json_lone_surrogate');
  assert.is(codeOf('{"a":"\\ud800"}'), 'json_lone_surrogate');
  assert.is(codeOf('{"\\udc00":1}'), 'json_lone_surrogate');
  assert.is(codeOf('{"a":"\\ud83d\\ude00"}'), 'ok');
});

test('keeps __proto__ as an ordinary member', () => {
  const judged = judge('{"__proto__":{"admin":true}}');
  assert.ok(judged.ok);
  assert.is(JSON.stringify(judged.value), '{"__proto__":{"admin":true}}');
  assert.is(Object.getPrototypeOf(judged.value), Object.prototype);
  assert.is(codeOf('{"__proto__":1,"__proto__":2}'), 'json_duplicate_member');
});

test('refuses nesting deeper than the limit and says the limit', () => {
  assert.is(codeOf('{"a":[[1]]}', 3), 'ok');
  const judged = judge('{"a":[[[1]]]}', 3);
  assert.is(judged.ok, false);
  if (!judged.ok) assert.is(judged.message, 'The message, at "a", is nested deeper than 3 levels.');
});

test('refuses a hundred thousand brackets without running out of stack', () => {
  assert.is(codeOf(`{"a":${'['.repeat(100_000)}`), 'json_too_deep');
});

test('refuses a batch', () => {
  assert.is(codeOf('[{"method":"tools/call"}]'), 'json_batch');
});

test('says where it stopped, and through which members', () => {
  const judged = judge('{"params":{"arguments":{"n":-0}}}');
  assert.not(judged.ok);
  if (!judged.ok) {
    assert.is(judged.at, 28);
    assert.equal(judged.path, ['params', 'arguments', 'n']);
  }
});

test('does not echo huge names', () => {
  const judged = judge(`{"${'x'.repeat(100_000)}":01}`);
  assert.not(judged.ok);
  if (!judged.ok) assert.ok(judged.message.length < 300);
});

test('counts lines and columns from one', () => {
  assert.equal(placeOf('{\n  "a": x', 9), { line: 2, column: 8 });
});

test.run();
