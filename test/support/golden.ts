import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/**
 * Compares a text with the one that was looked at and kept. To keep what comes now, and look at it in the commit, run
 * the test with `PLACET_TEST_RECORD=1`.
 *
 * @param path below test/fixtures
 */
export function golden(path: string, text: string): void {
  const file = join(FIXTURES, path);
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  if (process.env['PLACET_TEST_RECORD'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, ended);
    return;
  }
  assert.is(ended, readFileSync(file, 'utf8'), `differs from test/fixtures/${path}`);
}
