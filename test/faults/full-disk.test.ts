// needs: tmpfs
/** A disk that is full, on a small file system of its own, from the first byte that does not fit to its room again. */
import { existsSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withTmpfs } from '../../scripts/needs.mjs';
import { nothingGiven, startFaultWriter, wrongAfterCrash, wrongIn } from '../support/fault-writer.ts';

const given = nothingGiven();
// The file system is seen by this process alone, and through /proc by us.
const writer = await startFaultWriter({
  data: '/mnt/data',
  given,
  under: withTmpfs('exec "$@"', '2m').concat('placet'),
});
const mount = `/proc/${writer.pid}/root/mnt`;
const data = join(mount, 'data');
const ballast = join(mount, 'ballast');

test.after(async () => {
  if (existsSync(mount)) await writer.kill();
});

/** Takes all room but so many bytes. */
function leave(bytes: number): void {
  rmSync(ballast, { force: true });
  const { bavail, bsize } = statfsSync(mount);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
}

/** Appends until it is refused. @returns the sentence */
async function fill(): Promise<string> {
  for (let n = 0; n < 2_000; n += 1) {
    const answer = await writer.ask(n % 2 === 0 ? 'large' : 'append');
    if (!('refused' in answer)) continue;
    assert.is(answer.refused, 'journal_unwritable');
    return answer.message;
  }
  throw new Error('The disk was never full.');
}

test('a full disk refuses appends in a plain sentence, and loses nothing that was acknowledged', async () => {
  leave(120_000);
  const said = await fill();
  assert.match(said, /^The journal cannot be written: .*(full|no space|ENOSPC).*it goes on by itself\.$/i);
  assert.ok(given.entries.size > 8);
  for (let n = 0; n < 5; n += 1) assert.ok('refused' in (await writer.ask('append')));
  assert.equal(await wrongAfterCrash(data, given, writer.pid), []);
});

test('a checkpoint of a full disk is refused, or stands in the history', async () => {
  const covered = await writer.ask('cover');
  if ('refused' in covered) assert.match(covered.refused, /^(checkpoint|tiles)_unwritable$/);
  // Among other things: whatever was given out is in the history.
  assert.equal(await wrongAfterCrash(data, given, writer.pid), []);
});

test('with room again it goes on by itself', async () => {
  leave(500_000);
  for (let n = 0; n < 20; n += 1) await writer.ask('append');
  const answer = await writer.ask('append');
  assert.ok('acknowledged' in answer, JSON.stringify(answer));
  const covered = await writer.ask('cover');
  assert.ok('covered' in covered, JSON.stringify(covered));
  assert.equal(await writer.ask('trouble'), { troubles: [null, null] });
  assert.equal(await wrongAfterCrash(data, given, writer.pid), []);
});

test('full again and again, at different bytes, it is sound each time', async () => {
  for (const bytes of [0, 4_096, 20_480, 77_824, 90_112]) {
    leave(bytes);
    await fill();
    await writer.ask('cover');
    assert.equal(await wrongAfterCrash(data, given, writer.pid), [], `${bytes} bytes were left`);
    leave(600_000);
    let answer = await writer.ask('append');
    for (let tries = 0; tries < 20 && !('acknowledged' in answer); tries += 1)
      answer = await writer.ask('append');
    assert.ok('acknowledged' in answer, JSON.stringify(answer));
  }
});

test('all that was acknowledged still stands, and the folder is verified in full', async () => {
  rmSync(ballast);
  assert.ok(readdirSync(join(data, 'journal')).filter((name) => name.endsWith('.jsonl')).length > 3);
  assert.ok('covered' in (await writer.ask('cover')));
  assert.equal(await wrongAfterCrash(data, given, writer.pid), []);
  assert.equal(await wrongIn(data), []);
  assert.equal(await writer.ask('close'), { ended: true });
});

test.run();
