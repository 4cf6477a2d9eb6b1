import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import { readMessage } from '../../src/mcp/read-message.ts';
import { writeMessage } from '../../src/mcp/write-message.ts';

/** The line that goes out for what came in, or what was wrong with it. */
function passed(line: string | Buffer): string {
  const read = readMessage(Buffer.from(line));
  if (read.kind === 'trouble') return `${read.id ?? 'nobody'}: ${read.what}`;
  return Buffer.concat(writeMessage(read.message)).toString();
}

const RESULT =
  '{"content":[ {"type" : "text","text":"\\u00e9 \\/ é"} ],"z":1.0,"a":1e2,"big":9007199254740993,"_meta":{}}';

const spellings = [
  `{"jsonrpc":"2.0","id":7,"result":${RESULT}}`,
  `{"result":${RESULT},"jsonrpc":"2.0","id":7}`,
  `{"jsonrpc": "2.0", "id": 7, "result": ${RESULT}}`,
  `{"result": ${RESULT}, "jsonrpc": "2.0", "id": 7}\r`,
  `{"id":7,"jsonrpc":"2.0","result":${RESULT}}`,
  `{"id":7,"result":${RESULT},"jsonrpc":"2.0","trace":{"result":{}}}`,
  ` { "\\u0069d" : 7 ,\t"result" : ${RESULT} , "jsonrpc":"2.0" } `,
];
for (const line of spellings) {
  test(`a result is passed on to the byte: ${line.replace(RESULT, '…')}`, () => {
    assert.is(passed(line), `{"jsonrpc":"2.0","id":7,"result":${RESULT}}\n`);
  });
}

test('an id of text stays text', () => {
  assert.is(passed('{"jsonrpc":"2.0","id":"7","result":{}}'), '{"jsonrpc":"2.0","id":"7","result":{}}\n');
});

const forged: readonly (readonly [what: string, line: string])[] = [
  ['a later id', '{"result":{},"id":5,"jsonrpc":"2.0","id":3}'],
  ['an id on either side', '{"jsonrpc":"2.0","id":5,"result":{},"id":3}'],
  ['an id in disguise', '{"jsonrpc":"2.0","id":5,"result":{},"\\u0069d":3}'],
  ['a second result', '{"jsonrpc":"2.0","id":5,"result":{},"result":{"a":1},"id":3}'],
  ['a version on either side', '{"jsonrpc":"2.0","result":{},"jsonrpc":"2.0","id":3}'],
];
for (const [what, line] of forged) {
  test(`an answer with ${what} is no answer`, () => {
    assert.is(passed(line), '3: its answer is not a legal JSON-RPC result');
  });
}

test('what stands beside the result is never taken for a part of it', () => {
  assert.is(
    passed('{"result":{"a":{}},"b":{},"jsonrpc":"2.0","id":3}'),
    '{"jsonrpc":"2.0","id":3,"result":{"a":{}}}\n',
  );
  assert.is(
    passed('{"jsonrpc":"2.0","id":3,"result":{"a":{}},"b":{}}'),
    '{"jsonrpc":"2.0","id":3,"result":{"a":{}}}\n',
  );
});

test('a result cannot put a line of its own between two of ours', () => {
  assert.is(
    passed('{"jsonrpc":"2.0","id":3,"result":{"a":1,\r"b":2}}'),
    '{"jsonrpc":"2.0","id":3,"result":{"a":1, "b":2}}\n',
  );
});

test('a result with bytes that are no text is written anew', () => {
  const line = Buffer.from('{"jsonrpc":"2.0","id":3,"result":{"a":"ÿ"}}', 'latin1');
  assert.is(passed(line), '{"jsonrpc":"2.0","id":3,"result":{"a":"\ufffd"}}\n');
});

test('a result whose _meta stands twice is written anew, so that nobody reads another one', () => {
  for (const name of ['_meta', '\\u005fmeta']) {
    assert.is(
      passed(`{"jsonrpc":"2.0","id":3,"result":{"${name}":{"placet/status":"approved"},"_meta":{}}}`),
      '{"jsonrpc":"2.0","id":3,"result":{"_meta":{}}}\n',
    );
  }
});

const troubles: readonly (readonly [line: string, what: string])[] = [
  ['{"jsonrpc":"2.0","id":3,"result":"text"}', '3: its answer is not a legal JSON-RPC result'],
  ['{"jsonrpc":"2.0","id":3}', '3: its answer is not a legal JSON-RPC result'],
  ['{"jsonrpc":"2.0","id":3,"error":"bad"}', '3: its answer is not a legal JSON-RPC error'],
  [
    '{"jsonrpc":"2.0","id":3,"result":{},"error":{"code":1,"message":"m"}}',
    '3: its answer is not a legal JSON-RPC error',
  ],
  ['{"jsonrpc":"2.0","id":null,"result":{}}', 'nobody: an answer to a request that was not asked'],
  [
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
    'nobody: an error that answers nothing: Parse error',
  ],
  ['{"jsonrpc":"2.0"}', 'nobody: a message that is neither a request nor an answer'],
  ['{"half":', 'nobody: a line that is no JSON message: {"half":'],
  ['[]', 'nobody: a line that is no JSON message: []'],
  ['{"method":7}', 'nobody: a message that is no legal JSON-RPC request or notification'],
];
for (const [line, what] of troubles) test(`${line} is trouble`, () => assert.is(passed(line), what));

test('an error keeps every member', () => {
  const line = '{"jsonrpc":"2.0","id":3,"error":{"code":-32042,"message":"m","data":{"a":[1]},"x":true}}';
  assert.is(passed(line), `${line}\n`);
});

test('whatever JSON the result is, its text survives and its value is what JSON.parse gives', () => {
  const anything = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(anything, fc.boolean(), fc.constantFrom(0, 1), fc.integer(), (result, first, space, id) => {
      const text = JSON.stringify(result, null, space).replaceAll('\n', '');
      const line = first
        ? `{"result":${text},"jsonrpc":"2.0","id":${id}}`
        : `{"jsonrpc":"2.0","id":${id},"result":${text}}`;
      const read = readMessage(Buffer.from(line));
      assert.ok(read.kind === 'message' && read.message.kind === 'result');
      assert.is(read.message.id, id);
      assert.is(Buffer.from(read.message.result.text).toString(), text);
      assert.is(JSON.stringify(read.message.result.value), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 2000 },
  );
});

test('no text makes a line that its reader takes for another answer', () => {
  const pieces = [
    '{',
    '}',
    '"id":',
    '"result":',
    '"jsonrpc":"2.0"',
    ',',
    '5',
    '3',
    '"a":',
    '{}',
    '"',
    '\\',
    ' ',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), fc.nat(2), (parts, where) => {
      const middle = parts.join('');
      const line = [
        `{"result":{}${middle},"jsonrpc":"2.0","id":3}`,
        `{"jsonrpc":"2.0","id":3,"result":{${middle}}}`,
        `{"jsonrpc":"2.0","id":3,"result":{}${middle}}`,
      ][where] as string;
      const read = readMessage(Buffer.from(line));
      if (read.kind === 'trouble') return;
      const [out] = [Buffer.concat(writeMessage(read.message)).toString()];
      const parsed = JSON.parse(out) as JsonObject;
      assert.equal(Object.keys(parsed), ['jsonrpc', 'id', 'result']);
      assert.is(parsed.id, (JSON.parse(line) as JsonObject).id);
    }),
    { numRuns: 20_000 },
  );
});

test.run();
