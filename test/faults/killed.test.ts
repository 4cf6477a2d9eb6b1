/** A process that is killed at random moments under load, again and again, on the same folder. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nothingGiven, startFaultWriter, wrongAfterCrash, wrongIn } from '../support/fault-writer.ts';
import { tempDir } from '../support/temp.ts';

const ROUNDS = 12;
const LONGEST_MS = 40;

const data = join(tempDir(), 'data');
const given = nothingGiven();

test('killed at any moment under load, it keeps every entry that it acknowledged and contradicts no checkpoint', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const writer = await startFaultWriter({ data, given });
    const [key, entries] = [given.key, given.entries.size];
    writer.load();
    // The first moments of a process go into starting it; then anything may be under way.
    const least = entries + randomInt(1, 150);
    for (let left = 30_000; given.entries.size < least; left -= 1) {
      assert.ok(left > 0, `round ${round} wrote ${given.entries.size - entries} entries and no more`);
      await setTimeout(1);
    }
    const ms = randomInt(LONGEST_MS);
    await setTimeout(ms);
    await writer.kill();
    assert.is(given.key, key);
    assert.equal(
      await wrongAfterCrash(data, given),
      [],
      `round ${round}, killed ${ms} ms after entry ${least}`,
    );
  }
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
