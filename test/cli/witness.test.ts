import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { parseVerifier } from '../../src/tlog/note.ts';
import { FakeClock } from '../support/clock.ts';
import { fakeCheckpoints, LOG, logKey } from '../support/fake-checkpoints.ts';
import { rejection } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';
import { witnessProcess } from '../support/witness-process.ts';

/** Runs `placet witness …` to its end. */
async function placet(...args: readonly string[]) {
  const command = ['--import', 'tsx', 'src/cli/main.ts', 'witness', ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

const log = fakeCheckpoints(new FakeClock());

test('placet witness makes its key, cosigns the logs that it is given, keeps both, and ends cleanly', async () => {
  const dir = join(tempDir(), 'witness');
  const key = logKey().verifier.vkey;
  const first = await witnessProcess(dir, ['--name', 'w.example/1', '--log', key, '--log', key]);
  assert.match(first.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(first.vkey, /^w\.example\/1\+[0-9a-f]{8}\+B[\w+/]+=*$/);
  assert.is(statSync(join(dir, 'key')).mode & 0o777, 0o600);
  assert.is(readFileSync(join(dir, 'logs'), 'utf8'), `${key}\n`);
  const body = await log.submission(0, log.sign(3));
  const answer = await fetch(`${first.url}/add-checkpoint`, { method: 'POST', body });
  assert.is(answer.status, 200);
  const note = `${log.newest()?.note}${await answer.text()}`;
  assert.is(openCheckpoint(note, [parseVerifier(first.vkey)]).right.length, 1);
  const busy = await rejection(witnessProcess(dir));
  assert.match(String(busy), 'Another witness works in');
  assert.is(await first.stop(), 0);

  const second = await witnessProcess(dir);
  assert.is(second.vkey, first.vkey);
  const again = await fetch(`${second.url}/add-checkpoint`, { method: 'POST', body });
  assert.equal([again.status, await again.text()], [409, '3\n']);
  assert.is(await second.stop(), 0);
  assert.equal(await placet('key', '--dir', dir), { code: 0, out: `${first.vkey}\n`, err: '' });
  const { out } = await placet('key', '--dir', dir, '--json');
  assert.equal(JSON.parse(out), { name: 'w.example/1', key: first.vkey });
});

test('a fork is told on standard error, with sizes and roots', async () => {
  const witness = await witnessProcess(tempDir(), ['--log', logKey().verifier.vkey]);
  const fork = fakeCheckpoints(new FakeClock(), { words: (i) => `other ${i}` });
  const [right, wrong] = [log.sign(4), fork.sign(4)];
  const post = async (body: string) =>
    (await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body })).status;
  assert.is(await post(await log.submission(0, right)), 200);
  assert.is(await post(await fork.submission(4, wrong)), 422);
  assert.is(await witness.stop(), 0);
  const [his, other] = [right, wrong].map(({ root }) => root.toString('base64'));
  assert.match(
    witness.told(),
    `REFUSED: the log ${LOG} contradicts itself: it signed 4 entries under the root ${his}, and now 4 under ${other}.\n`,
  );
});

for (const [title, args, code, err] of [
  ['without a folder', [], 2, "required option '--dir <folder>' not specified"],
  [
    'with a port that is none',
    ['--dir', 'x', '--port', '70000'],
    2,
    'It must be a port number from 0 to 65535.',
  ],
  [
    'with a log that is none',
    ['--dir', join(tempDir(), 'w'), '--log', 'x'],
    1,
    '--log x is wrong: The key is no verifier key',
  ],
  [
    'with a witness for a log',
    ['--dir', join(tempDir(), 'w'), '--log', 'witness.example/w1+x+y'],
    1,
    '--log witness.example/w1+x+y is wrong',
  ],
  [
    'with a name of two words',
    ['--dir', join(tempDir(), 'w'), '--name', 'two words'],
    1,
    'The name of a witness must be one word',
  ],
  [
    'for the key of a folder that has none',
    ['key', '--dir', join(tempDir(), 'w')],
    1,
    'No witness has run in',
  ],
] as const) {
  test(`placet witness ${title} says what is wrong`, async () => {
    const done = await placet(...args);
    assert.is(done.code, code);
    assert.match(done.err, err);
    assert.is(done.out, '');
  });
}

test('another name than that of its key is refused', async () => {
  const dir = tempDir();
  const witness = await witnessProcess(dir, ['--name', 'w.example/1']);
  await witness.stop();
  const done = await placet('--dir', dir, '--port', '0', '--name', 'w.example/2');
  assert.is(done.code, 1);
  assert.match(done.err, `The witness in ${dir} is called w.example/1, and its name is part of its key`);
});

test.run();
