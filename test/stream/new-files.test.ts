import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FORMATS } from '../../src/events/format.ts';
import { openDeadLetters } from '../../src/stream/dead-letters.ts';
import type { Outgoing } from '../../src/stream/sink.ts';
import { createFileSink } from '../../src/stream/sinks/file.ts';
import { tempDir } from '../support/temp.ts';

const LETTER: Outgoing = {
  seq: 0,
  id: 'ent_0',
  type: 'log.opened',
  time: '2026-11-23T10:00:00.000Z',
  severity: 'low',
  event: '{}',
};

/** Which folders were synced, and whether `path` stood then. */
function watched(path: string) {
  const synced: [string, boolean][] = [];
  return { synced, disk: { syncFolder: async (at: string) => void synced.push([at, existsSync(path)]) } };
}

test('before an event counts as written, the name of its file is on the disk, also of one begun anew', async () => {
  const dir = tempDir();
  const path = join(dir, 'events.jsonl');
  const { synced, disk } = watched(path);
  const context = { software: '1', origin: 'o' };
  const sink = createFileSink({ path, format: FORMATS.ocsf, context, disk });
  const never = new AbortController().signal;
  await sink.send([LETTER], never);
  await sink.send([LETTER], never);
  assert.equal(synced, [[dir, true]]);
  renameSync(path, join(dir, 'events.1.jsonl'));
  await sink.send([LETTER], never);
  assert.equal(synced, [
    [dir, true],
    [dir, true],
  ]);
  await sink.close();
});

test('a letter is kept when the name of its file is on the disk, too', async () => {
  const dir = tempDir();
  const { synced, disk } = watched(join(dir, 'siem.dead-letters.jsonl'));
  const letters = await openDeadLetters(dir, 'siem', disk);
  await letters.keep(LETTER, 'no');
  assert.equal(synced, [[dir, true]]);
});

test.run();
