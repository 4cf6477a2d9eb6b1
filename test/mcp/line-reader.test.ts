import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLineReader } from '../../src/mcp/line-reader.ts';

test('lines are the same however the bytes are cut', () => {
  const bytes = fc.uint8Array({ min: 9, max: 12, maxLength: 600 });
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(20), { maxLength: 200 }), (text, cuts) => {
      const expected = Buffer.from(text).toString('latin1').split('\n').slice(0, -1);
      const reader = createLineReader(10_000);
      const lines: string[] = [];
      let start = 0;
      for (const cut of [...cuts, text.length]) {
        for (const line of reader.push(Buffer.from(text.subarray(start, start + cut)))) {
          lines.push(line.kind === 'line' ? line.bytes.toString('latin1') : line.kind);
        }
        start += cut;
      }
      assert.equal(lines, expected);
    }),
    { numRuns: 500 },
  );
});

test('a long line that comes byte by byte is put together', () => {
  const reader = createLineReader(1_000_000);
  const text = Buffer.from(Array.from({ length: 300_000 }, (_, i) => 97 + (i % 26)));
  for (const byte of text) assert.equal(reader.push(Buffer.from([byte])), []);
  const [line] = reader.push(Buffer.from('\n'));
  assert.ok(line?.kind === 'line' && line.bytes.equals(text));
});

test('a long line that comes byte by byte holds little more memory than it has bytes', () => {
  const reader = createLineReader(10_000_000);
  const crumb = (): Buffer => Buffer.from(new ArrayBuffer(1));
  for (let i = 0; i < 1000; i += 1) reader.push(crumb());
  const before = process.memoryUsage();
  for (let i = 0; i < 2_000_000; i += 1) reader.push(crumb());
  globalThis.gc?.();
  const after = process.memoryUsage();
  const grown = after.arrayBuffers - before.arrayBuffers + after.heapUsed - before.heapUsed;
  assert.ok(grown < 60_000_000, `It grew by ${grown} bytes.`);
});

test('of a line over the limit only the ends are kept', () => {
  const reader = createLineReader(1000);
  const lines = reader.push(Buffer.from(`{"id":1,${'x'.repeat(100_000)}"z":2}\n{}\n`));
  const [long, next] = lines;
  assert.ok(long?.kind === 'too_long' && long.head.length === 4096 && long.tail.length === 256);
  assert.ok(long.kind === 'too_long' && long.head.startsWith('{"id":1,') && long.tail.endsWith('"z":2}'));
  assert.ok(next?.kind === 'line' && next.bytes.toString() === '{}');
});

test.run();
