import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { membersOf } from '../../src/mcp/json-members.ts';

function read(text: string): Readonly<Record<string, string>> | undefined {
  const bytes = Buffer.from(text);
  const members = membersOf(bytes);
  return (
    members &&
    Object.fromEntries(
      [...members].map(([name, { start, end }]) => [name, bytes.toString('utf8', start, end)]),
    )
  );
}

test('each value is found as it was written', () => {
  assert.equal(read('{"a":1.0,"b" : {"c":[1e2,"}"]} ,"d":"x\\"y","e":null,"f":[]}'), {
    a: '1.0',
    b: '{"c":[1e2,"}"]}',
    d: '"x\\"y"',
    e: 'null',
    f: '[]',
  });
  assert.equal(read(' { } '), {});
});

test('a string that ends in backslashes ends where JSON says', () => {
  assert.equal(read('{"a":"\\\\","b":"\\\\\\"","c":2}'), { a: '"\\\\"', b: '"\\\\\\""', c: '2' });
});

test('names are compared after their escapes are resolved', () => {
  assert.equal(read('{"\\u0069d":3}'), { id: '3' });
  assert.is(read('{"id":1,"\\u0069d":3}'), undefined);
});

test('a name that stands twice is refused, whatever stands between', () => {
  assert.is(read('{"result":{},"id":5,"jsonrpc":"2.0","id":3}'), undefined);
  assert.is(read('{"result":{},"result":{}}'), undefined);
});

test('what is no object has no members', () => {
  for (const text of ['[]', '"x"', 'null', '1', '']) assert.is(read(text), undefined);
});

test('whatever JSON.parse reads of an object is found, and nothing else', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, 4), (value, space) => {
      const text = JSON.stringify(value, null, space);
      const found = read(text);
      assert.ok(found);
      assert.equal(
        Object.entries(found).map(([name, part]) => [name, JSON.stringify(JSON.parse(part))]),
        Object.entries(value).map(([name, part]) => [name, JSON.stringify(part)]),
      );
    }),
    { numRuns: 3000 },
  );
});

test('hostile bytes never hang it and never give a span outside', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', '1', ' ')),
      (parts) => {
        const text = parts.join('');
        for (const { start, end } of membersOf(Buffer.from(text))?.values() ?? []) {
          assert.ok(start < end && end <= text.length);
        }
      },
    ),
    { numRuns: 5000 },
  );
});

test.run();
