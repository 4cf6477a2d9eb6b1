import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/core/ledger.ts';
import { realDisk } from '../../src/journal/disk.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { countingDisk, type Fault } from '../support/counting-disk.ts';
import { diskError } from '../support/faulty-disk.ts';
import { allowed } from '../support/journal-drafts.ts';
import { jsonlBench, SNAPSHOT_KEY, type JsonlBench } from '../support/jsonl-bench.ts';
import { all, codeOf, rejection, until } from '../support/journal-suite.ts';
import { naiveLeaf, naiveRoot } from '../support/naive-tree.ts';
import { tempDir } from '../support/temp.ts';
import { mustBeTheTree } from '../support/tree-suite.ts';

const MADE_ANEW = /every line is hashed, and they are made anew/;

async function fill(bench: JsonlBench, calls: number): Promise<void> {
  const from = bench.journal.head().size;
  await Promise.all(
    Array.from({ length: calls }, (_, n) => bench.journal.append(allowed(`call ${from}.${n}`))),
  );
}

function linesIn(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n').slice(0, -1));
}

/** What the tiles of leaves have to hold, as the lines on the disk say. */
function leavesIn(dir: string): Buffer[] {
  return linesIn(dir).map(naiveLeaf);
}

function tiles(dir: string): string[] {
  return readdirSync(join(dir, 'tile'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

test('full tiles stand on the disk in the C2SP layout, and the partial ones after close', async () => {
  const bench = await jsonlBench();
  await fill(bench, 400);
  await bench.journal.close();
  assert.equal(tiles(bench.dir), [
    'tile/0/000',
    'tile/0/001',
    'tile/0/002',
    'tile/0/003.p/33',
    'tile/1/000.p/3',
  ]);
  const leaves = leavesIn(bench.dir);
  assert.ok(readFileSync(join(bench.dir, 'tile/0/001')).equals(Buffer.concat(leaves.slice(256, 512))));
  assert.ok(readFileSync(join(bench.dir, 'tile/0/003.p/33')).equals(Buffer.concat(leaves.slice(768))));
  const above = [0, 1, 2].map((index) => naiveRoot(leaves.slice(index * 256, (index + 1) * 256)));
  assert.ok(readFileSync(join(bench.dir, 'tile/1/000.p/3')).equals(Buffer.concat(above)));
});

test('what is published stands on the disk, and what was published before is removed', async () => {
  const bench = await jsonlBench();
  const { journal, dir } = bench;
  await fill(bench, 150);
  await journal.tree.publish(journal.tree.pinned().size);
  assert.equal(tiles(dir), ['tile/0/000', 'tile/0/001.p/45', 'tile/1/000.p/1']);
  await journal.append(allowed('one more'));
  await journal.tree.publish(journal.tree.pinned().size);
  assert.equal(tiles(dir), ['tile/0/000', 'tile/0/001.p/47', 'tile/1/000.p/1']);
  await journal.close();
});

test('a start from a snapshot hashes nothing again', async () => {
  const bench = await jsonlBench();
  await fill(bench, 400);
  const before = bench.journal.tree.pinned();
  await bench.journal.close();
  const path = join(bench.dir, 'snapshot.json');
  assert.match(readFileSync(path, 'utf8'), new RegExp(`"root":"${before.root.toString('hex')}"`));
  await bench.open();
  assert.equal(bench.troubles, []);
  await mustBeTheTree(bench.journal);
  await bench.journal.close();
});

const wrongs: readonly (readonly [string, (dir: string) => void])[] = [
  ['without its tiles', (dir) => rmSync(join(dir, 'tile'), { recursive: true })],
  ['without a partial tile', (dir) => rmSync(join(dir, 'tile/0/003.p/33'))],
  ['with a partial tile that is cut', (dir) => truncateSync(join(dir, 'tile/1/000.p/3'), 95)],
  ['with a bit changed in a partial tile', (dir) => flip(join(dir, 'tile/0/003.p/33'), 5)],
  ['with another hash in an upper tile', (dir) => flip(join(dir, 'tile/1/000.p/3'), 40)],
];

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

for (const [what, damage] of wrongs) {
  test(`${what}, a start makes all tiles anew from the lines and says so`, async () => {
    const bench = await jsonlBench();
    await fill(bench, 400);
    await bench.journal.close();
    const before = tiles(bench.dir);
    const sound = before.map((name) => readFileSync(join(bench.dir, name), 'hex'));
    damage(bench.dir);
    await bench.open();
    assert.is(bench.troubles.length, 1);
    assert.match(bench.troubles[0] ?? '', MADE_ANEW);
    assert.equal(
      before.map((name) => readFileSync(join(bench.dir, name), 'hex')),
      sound,
    );
    await mustBeTheTree(bench.journal);
    await bench.reopen();
    assert.is(bench.troubles.length, 1, 'the next start believes them');
    await bench.journal.close();
  });
}

test('lines that were changed under an intact snapshot refuse to start once they are hashed', async () => {
  const bench = await jsonlBench();
  await fill(bench, 400);
  await bench.journal.close();
  const path = join(bench.dir, '00000000.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"tool":"write_file"', '"tool":"wrote_file"'));
  rmSync(join(bench.dir, 'tile'), { recursive: true });
  const error = await rejection(bench.open());
  assert.match(error.message, /some of the first 801 entries were changed after they were written/);
});

test('after a crash the tiles that were not synced are made again', async () => {
  const bench = await jsonlBench();
  await fill(bench, 100);
  await bench.reopen();
  await fill(bench, 300);
  await bench.journal.tree.publish(bench.journal.tree.pinned().size);
  const crashed = tempDir();
  cpSync(bench.dir, crashed, { recursive: true });
  await bench.journal.close();
  // A power cut leaves files without their bytes.
  for (const name of tiles(crashed)) if (!name.includes('.p/')) writeFileSync(join(crashed, name), '');
  const after = await jsonlBench(crashed);
  assert.equal(after.troubles, []);
  await mustBeTheTree(after.journal);
  assert.is(statSync(join(crashed, 'tile/0/001')).size, 8192);
  await after.journal.close();
});

test('after a failure the tree goes on in a segment whose size is no multiple of 256', async () => {
  const bench = await jsonlBench();
  await fill(bench, 200);
  bench.disk.syncError = diskError('EIO');
  assert.is(await codeOf(bench.journal.append(allowed('x'))), 'journal_unwritable');
  bench.disk.syncError = undefined;
  await fill(bench, 200);
  assert.ok(existsSync(join(bench.dir, '00000401.jsonl')));
  await mustBeTheTree(bench.journal);
  await bench.reopen();
  await mustBeTheTree(bench.journal);
  await bench.journal.close();
});

test('a torn tail is not in the tree', async () => {
  const bench = await jsonlBench();
  await fill(bench, 200);
  await bench.journal.close();
  writeFileSync(join(bench.dir, '00000000.jsonl'), '{"torn', { flag: 'a' });
  await bench.open();
  await mustBeTheTree(bench.journal);
  assert.is(bench.journal.tree.pinned().size, 403);
  await bench.journal.close();
});

test('tiles that cannot be written harm no append, are told once, and are written when they can be', async () => {
  const bench = await jsonlBench();
  const { disk, journal } = bench;
  const open = disk.open.bind(disk);
  disk.open = async (path, how) => {
    if (path.includes('/tile/')) throw diskError('ENOSPC');
    return open(path, how);
  };
  await fill(bench, 400);
  await until(() => bench.troubles.length > 0);
  assert.equal(bench.troubles, [
    "The log's tiles cannot be written: the disk is full (ENOSPC). It is tried again; nothing of the journal is lost.",
  ]);
  assert.is(await codeOf(journal.tree.publish(801)), 'tiles_unwritable');
  await mustBeTheTree(journal);
  disk.open = open;
  await journal.tree.publish(801);
  assert.ok(
    readFileSync(join(bench.dir, 'tile/0/002')).equals(Buffer.concat(leavesIn(bench.dir).slice(512, 768))),
  );
  await bench.reopen();
  await mustBeTheTree(bench.journal);
  await bench.journal.close();
});

for (const name of ['approvals', 'keys', 'passkeys', 'sign-on']) {
  test(`the journal ${name} of 0.2.0 opens and gets its tree`, async () => {
    const dir = tempDir();
    cpSync(join(import.meta.dirname, '../fixtures/journals/0.2.0', name, 'journal'), dir, {
      recursive: true,
    });
    const before = readFileSync(join(dir, '00000000.jsonl'), 'utf8');
    const bench = await jsonlBench(dir, '0.3.0');
    await mustBeTheTree(bench.journal);
    await bench.reopen();
    await mustBeTheTree(bench.journal);
    assert.ok(readFileSync(join(dir, '00000000.jsonl'), 'utf8').startsWith(before), 'no byte has changed');
    assert.equal(bench.troubles, []);
    await bench.journal.close();
  });
}

test('a journal that extends the tree of its last checkpoint opens', async () => {
  const bench = await jsonlBench();
  await fill(bench, 300);
  bench.extends = bench.journal.tree.pinned();
  await fill(bench, 300);
  await bench.reopen();
  rmSync(join(bench.dir, 'snapshot.json'));
  await bench.journal.close();
  rmSync(join(bench.dir, 'snapshot.json'));
  await bench.open();
  await mustBeTheTree(bench.journal);
  await bench.journal.close();
});

test('a journal that is shorter than its last checkpoint refuses to start and appends nothing', async () => {
  const bench = await jsonlBench();
  await fill(bench, 300);
  const before = linesIn(bench.dir).length;
  bench.extends = { size: 700, root: Buffer.alloc(32, 1) };
  await bench.journal.close();
  const error = await rejection(bench.open());
  assert.match(
    error.message,
    /^The journal is damaged at 00000000\.jsonl: it ends after 601 entries, and the newest signed checkpoint covers 700; the last ones are gone\./,
  );
  assert.is(await codeOf(bench.open()), 'journal_damaged');
  assert.is(linesIn(bench.dir).length, before);
});

test('a journal that does not begin with the tree of its last checkpoint refuses to start', async () => {
  const bench = await jsonlBench();
  await fill(bench, 300);
  bench.extends = { size: 500, root: Buffer.alloc(32, 1) };
  await bench.journal.close();
  const before = linesIn(bench.dir).length;
  const error = await rejection(bench.open());
  assert.match(error.message, /its first 500 entries are not those of the newest signed checkpoint/);
  assert.is(linesIn(bench.dir).length, before);
});

test('a full tile that is wrong is made anew when the last checkpoint does not fit it', async () => {
  const bench = await jsonlBench();
  await fill(bench, 300);
  const size = 301;
  const leaves = leavesIn(bench.dir).slice(0, size);
  bench.extends = { size, root: naiveRoot(leaves) };
  await bench.journal.close();
  flip(join(bench.dir, 'tile/0/001'), 3);
  await bench.open();
  assert.match(bench.troubles.join(), MADE_ANEW);
  await mustBeTheTree(bench.journal);
  await bench.journal.close();
});

/** A journal that stands a few entries before the end of its first segment, and of its sixteenth tile. */
async function almostFull(): Promise<string> {
  const bench = await jsonlBench();
  await fill(bench, 2045);
  await bench.journal.close();
  return bench.dir;
}

test('whichever system call fails, or is the last one, the tree is that of the lines', async () => {
  const prepared = await almostFull();
  const calls = await brokenAt(prepared, Number.POSITIVE_INFINITY, 'fails', false);
  for (const name of ['write 00000000.jsonl', 'sync 00000000.jsonl', 'write 015.new', 'open 00004096.jsonl'])
    assert.ok(calls.includes(name), `${name} is among ${calls.join()}`);
  for (const [nth, name] of calls.entries()) {
    await brokenAt(prepared, nth, 'fails', nth % 2 === 0);
    if (name.startsWith('write')) await brokenAt(prepared, nth, 'short', nth % 2 === 1);
  }
});

/** @returns the system calls that there were */
async function brokenAt(
  prepared: string,
  nth: number,
  fault: Fault,
  dead: boolean,
): Promise<readonly string[]> {
  const dir = tempDir();
  cpSync(prepared, dir, { recursive: true });
  const disk = countingDisk();
  const clock = new FakeClock();
  const options = {
    dir,
    clock,
    random: seededRandom(),
    node: 'host',
    snapshotKey: SNAPSHOT_KEY,
    software: '0.1.0',
  };
  const journal = await openJsonlJournal({ ...options, fold: new Ledger(), disk });
  const acknowledged: string[] = [];
  disk.arm(nth, fault, dead);
  for (let n = 0; n < 3; n += 1) {
    const entries = await journal.append(allowed(`new ${n}`)).catch(() => []);
    acknowledged.push(...entries.map((entry) => entry.id));
    await journal.tree.publish(journal.tree.pinned().size).catch(() => undefined);
  }
  await journal.close().catch(() => undefined);
  const calls = [...disk.calls];
  const troubles: string[] = [];
  const after = await openJsonlJournal({
    ...options,
    fold: new Ledger(),
    disk: realDisk,
    onTrouble: (sentence) => troubles.push(sentence),
  });
  const why = `${fault}${dead ? ', dead' : ''} at ${nth}, ${disk.calls[nth]}`;
  assert.not.match(troubles.join(), MADE_ANEW, why);
  await mustBeTheTree(after);
  const standing = new Set((await all(after.read(4000))).map((entry) => entry.id));
  assert.equal(
    acknowledged.filter((id) => !standing.has(id)),
    [],
    why,
  );
  await after.close();
  rmSync(dir, { recursive: true });
  return calls;
}

test('the root is at hand while appends go on', async () => {
  const bench = await jsonlBench();
  const filling = fill(bench, 600);
  await until(() => bench.journal.tree.pinned().size > 1);
  const { size, root } = bench.journal.tree.pinned();
  await filling;
  assert.ok(root.equals(naiveRoot(leavesIn(bench.dir).slice(0, size))));
  await bench.journal.close();
});

test.run();
