// needs: strace
/** Faults that come while the journal recovers from another one, and faults that stay. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultRounds } from '../support/fault-rounds.ts';
import { whileFailing } from '../support/strace.ts';

const rounds = await faultRounds();
const { given, writer, wrong, recovers } = rounds;

/** The first sync fails, so that what follows is the recovery: the file cut back, a probe, a new segment. */
const FIRST = ['fdatasync:error=EIO:when=1'];

test('during the recovery from a failed sync every cutting of a file fails in turn', async () => {
  await rounds.eachInTurn('ftruncate', 'error=EIO', ['.jsonl'], FIRST);
});

test('during the recovery every write fails in turn', async () => {
  await rounds.eachInTurn('pwrite64', 'error=EIO', ['.jsonl', '/probe', '/head>'], FIRST);
});

test('during the recovery every opening fails in turn', async () => {
  await rounds.eachInTurn('openat', 'error=EIO', ['.jsonl', '/probe', 'checkpoint.new'], FIRST);
});

test('during the recovery every sync of a folder fails in turn', async () => {
  await rounds.eachInTurn('fsync', 'error=EIO', ['/journal>'], FIRST);
});

test('while no sync succeeds nothing is acknowledged or signed, and afterwards it goes on by itself', async () => {
  const before = given.entries.size;
  const signed = new Set(given.notes);
  const { result, failed } = await whileFailing(writer.pid, ['fdatasync:error=EIO'], async () => {
    for (let n = 0; n < 4; n += 1) {
      const answer = await writer.ask('append');
      assert.is('refused' in answer && answer.refused, 'journal_unwritable');
      assert.ok('refused' in answer && answer.message.includes('it goes on by itself'));
    }
    const covered = await writer.ask('cover');
    return { covered, answer: await writer.ask('trouble') };
  });
  const { covered, answer } = result;
  assert.ok(failed.length >= 4);
  // All that it can give is a checkpoint that was kept before.
  assert.ok('covered' in covered ? signed.has(covered.covered) : covered);
  assert.is(given.entries.size, before);
  assert.equal(given.notes, signed);
  assert.match('troubles' in answer ? String(answer.troubles[0]) : '', /The journal cannot be written/);
  assert.equal(await wrong(), []);
  await recovers();
  assert.equal(await writer.ask('trouble'), { troubles: [null, null] });
});

test('all that was ever acknowledged and given out still stands, and the process ends well', async () => {
  assert.ok(given.entries.size > 80, `${given.entries.size} entries`);
  assert.ok(given.notes.size > 25, `${given.notes.size} checkpoints`);
  await rounds.end();
});

test.run();
