import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BINARY, ROOT } from '../support/workspace.ts';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

function placet(...args: readonly string[]) {
  return spawnSync(process.execPath, [BINARY, ...args], { encoding: 'utf8' });
}

test('the version is told, by both names', () => {
  for (const flag of ['--version', '-V']) {
    const { status, stdout, stderr } = placet(flag);
    assert.equal([status, stdout, stderr], [0, `${version}\n`, ''], flag);
  }
});

test('the help names every command, and so does the answer to one that there is not', () => {
  const help = placet('--help');
  assert.is(help.status, 0);
  for (const name of ['stdio', 'serve', 'policy', 'log', 'evidence', 'demo'])
    assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
  const { status, stderr } = placet('aprove');
  assert.is(status, 2);
  assert.match(stderr, "unknown command 'aprove'");
});

test('a name that every object has is no command', () => {
  assert.is(placet('constructor').status, 2);
});

test.run();
