/** A process that is killed at random moments under load, again and again, on the same folder. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nothingGiven, startFaultWriter, wrongAfterCrash, wrongIn } from '../support/fault-writer.ts';
import { tempDir } from '../support/temp.ts';

const ROUNDS = 12;
const LONGEST_MS = 250;

const data = join(tempDir(), 'data');
const given = nothingGiven();

test('killed at any moment under load, it keeps every entry that it acknowledged and contradicts no checkpoint', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const writer = await startFaultWriter({ data, given });
    const [key, entries] = [given.key, given.entries.size];
    writer.load();
    const ms = Math.random() * LONGEST_MS;
    await setTimeout(ms);
    await writer.kill();
    assert.is(given.key, key);
    assert.equal(await wrongAfterCrash(data, given), [], `round ${round}, killed after ${ms} ms`);
    // The first moments of a process go into starting it.
    if (ms > LONGEST_MS / 2)
      assert.ok(given.entries.size > entries, `round ${round} wrote nothing in ${ms} ms`);
  }
  assert.ok(given.entries.size > 500, `${given.entries.size} entries`);
  assert.ok(given.notes.size >= ROUNDS, `${given.notes.size} checkpoints`);
});

test('killed while it starts, it starts again', async () => {
  for (const ms of [0, 1, 2, 5, 10, 20]) {
    await startFaultWriter({ data, given, dieAfter: ms }).then(
      (writer) => writer.ended,
      () => undefined,
    );
    assert.equal(await wrongAfterCrash(data, given), [], `killed ${ms} ms after it began`);
  }
});

test('after all of it the folder is verified in full, and goes on', async () => {
  const writer = await startFaultWriter({ data, given });
  await writer.ask('append');
  await writer.ask('cover');
  assert.equal(await writer.ask('close'), { ended: true });
  await writer.ended;
  assert.equal(await wrongAfterCrash(data, given), []);
  assert.equal(await wrongIn(data), []);
});

test.run();
