// needs: strace
/**
 * Each system call of an append and of a checkpoint is made to fail in turn, in a real process on a real disk, by
 * strace. After each fault a copy of the folder is verified and opened, as if the process had died of it.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultRounds } from '../support/fault-rounds.ts';
import { whileFailing } from '../support/strace.ts';

const rounds = await faultRounds();
const { data, given, writer, wrong, round, recovers } = rounds;

test('every write fails in turn', async () => {
  await rounds.eachInTurn('pwrite64', 'error=EIO', [
    '.jsonl',
    '/head>',
    'checkpoints.log',
    'checkpoint.new',
    'tile/0/',
  ]);
});

test('every write finds the disk full in turn', async () => {
  await rounds.eachInTurn('pwrite64', 'error=ENOSPC', [
    '.jsonl',
    '/head>',
    'checkpoints.log',
    'checkpoint.new',
  ]);
});

/** How long a file may get: a write beyond is cut short there by the system, as on a full disk. */
function limitFiles(bytes: number | 'unlimited'): void {
  const { status, stderr } = spawnSync(
    'prlimit',
    ['--pid', String(writer.pid), `--fsize=${bytes}:unlimited`],
    {
      encoding: 'utf8',
    },
  );
  assert.is(status, 0, stderr);
}

async function cutShort(path: string, by: number): Promise<readonly string[]> {
  limitFiles(statSync(path).size + by);
  const refused = await round();
  const found = await wrong();
  limitFiles('unlimited');
  assert.equal(found, [], `${path} and ${by} bytes`);
  await recovers();
  return refused;
}

const segment = () =>
  join(data, 'journal', readdirSync(join(data, 'journal')).sort().findLast(isSegment) ?? '');
const isSegment = (name: string) => name.endsWith('.jsonl');

test('a line that is written in part, at any of its bytes, is as one that was never written', async () => {
  for (const by of [0, 1, 10, 400, 499, 500, 501, 700, 713])
    assert.ok((await cutShort(segment(), by)).includes('journal_unwritable'), String(by));
});

test('a checkpoint that is written in part to the history is given to nobody', async () => {
  const history = join(data, 'journal/checkpoints.log');
  for (const by of [0, 1, 100, 200]) {
    // A failure makes a new segment, shorter than the history.
    await whileFailing(writer.pid, ['fdatasync:error=EIO:when=1'], () => writer.ask('append'));
    await writer.ask('append');
    assert.ok(statSync(segment()).size + 3_000 < statSync(history).size);
    limitFiles(statSync(history).size + by);
    const before = given.notes.size;
    const covered = await writer.ask('cover');
    assert.is('refused' in covered && covered.refused, 'checkpoint_unwritable');
    assert.is(given.notes.size, before);
    assert.equal(await wrong(), []);
    limitFiles('unlimited');
    await recovers();
  }
});

test('every sync fails in turn', async () => {
  await rounds.eachInTurn('fdatasync', 'error=EIO', ['.jsonl', 'checkpoints.log']);
});

test('every opening of a file fails in turn', async () => {
  await rounds.eachInTurn('openat', 'error=EMFILE', ['checkpoint.new', 'tile/0/']);
});

test('every renaming fails in turn', async () => {
  await rounds.eachInTurn('rename', 'error=EIO', ['checkpoint.new', 'tile/0/']);
});

test('every removal fails in turn', async () => {
  await rounds.eachInTurn('unlink', 'error=EIO', ['tile/0/']);
});

test('all that was ever acknowledged and given out still stands, and the process ends well', async () => {
  assert.ok(given.entries.size > 150, `${given.entries.size} entries`);
  assert.ok(given.notes.size > 50, `${given.notes.size} checkpoints`);
  await rounds.end();
});

test.run();
