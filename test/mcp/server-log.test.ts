import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createServerLog } from '../../src/mcp/server-log.ts';
import { FakeClock } from '../support/clock.ts';

test('names the server and shows what would hide', () => {
  const lines: string[] = [];
  createServerLog('files', new FakeClock(), (line) => void lines.push(line))('a\u001b[2Jb\n2026 fake line');
  assert.equal(lines, ['[files] a[U+001B escape][2Jb[U+000A line feed]2026 fake line']);
});

test('passes over a server that says too much, until the next minute', () => {
  const lines: string[] = [];
  const clock = new FakeClock();
  const log = createServerLog('files', clock, (line) => void lines.push(line));
  for (let i = 0; i < 1000; i += 1) log('x'.repeat(400));
  assert.is(lines.length, 164);
  assert.is(lines.at(-1), '[files] There is more than fits the log; the rest of this minute is left out.');
  clock.advance(60_000);
  log('hello');
  assert.is(lines.at(-1), '[files] hello');
});

test.run();
