// needs: go
/**
 * A journal of the real driver, verified by a Go program of our own on golang.org/x/mod/sumdb/note and tlog: whether
 * what Placet writes is a C2SP log is not for Placet to say.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatProof } from '../../src/tlog/proof.ts';
import { inclusionProof } from '../../src/tlog/merkle.ts';
import { subtreesOf } from '../../src/tlog/tile.ts';
import { checkpointBench } from '../support/checkpoint-bench.ts';
import { independentVerifier } from '../support/independent.ts';
import { allowed, wholeStory } from '../support/journal-drafts.ts';
import { tempDir } from '../support/temp.ts';

const verify = independentVerifier();

/** Two segments, a checkpoint at many sizes, a restart and a change of the key. */
const bench = checkpointBench();
await bench.open();
const key = bench.checkpoints.verifier().vkey;
const KEYS = ['-key', key];
/** A checkpoint of each of these sizes, as an outsider would keep them. */
const kept: string[] = [];
const keep = async () => {
  const { note } = await bench.cover();
  const path = join(tempDir(), 'checkpoint.txt');
  writeFileSync(path, note);
  kept.push(path);
};
await keep();
await wholeStory(bench.journal, bench.clock);
await keep();
for (let n = 0; n < 130; n += 1) await bench.journal.append(allowed(`first ${n}`));
await keep();
await bench.reopen();
const batch = (name: string) =>
  Promise.all(Array.from({ length: 100 }, (_, n) => bench.journal.append(allowed(`${name} ${n}`))));
for (let n = 0; n < 21; n += 1) await batch(`second ${n}`);
await keep();
await wholeStory(bench.journal, bench.clock);
await bench.close();

const OLDER = kept.flatMap((path) => ['-older', path]);
const size = Number(readFileSync(join(bench.dir, 'checkpoint'), 'utf8').split('\n')[1]);

/** A copy of the journal in which something was done to it. */
function altered(alter: (dir: string) => void): string {
  const dir = join(tempDir(), 'journal');
  cpSync(bench.dir, dir, { recursive: true });
  alter(dir);
  return dir;
}

function change(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at] = (bytes.at(at) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function refused(dir: string, why: RegExp, args: readonly string[] = [...KEYS, ...OLDER]): void {
  const { ok, line } = verify(...args, dir);
  assert.not(ok, line);
  assert.match(line, why);
}

test('the journal is a log that Go accepts, entry by entry, and that extends every older checkpoint', () => {
  const { ok, line } = verify(...KEYS, ...OLDER, bench.dir);
  assert.ok(ok, line);
  assert.ok(size > 4352, 'two segments, and a full tile of the second level would be 65,536');
  assert.match(line, new RegExp(`^ok: ${size} entries, root \\S{44}, \\d+ older checkpoints$`));
  assert.ok(Number(/(\d+) older/.exec(line)?.[1]) > kept.length);
});

test('it says nothing good without the right key', () => {
  const other = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  refused(bench.dir, /no verifiable signatures/, ['-key', other]);
  refused(bench.dir, /a -key is needed/, []);
});

test('one bit of a line is found', () => {
  const segments = readdirSync(bench.dir).filter((name) => name.endsWith('.jsonl'));
  assert.is(segments.length, 2);
  for (const [name, at] of [
    ['00000000.jsonl', 100],
    ['00000000.jsonl', -3],
    ['00004096.jsonl', 100],
  ] as const)
    refused(
      altered((dir) => change(join(dir, name), at)),
      /entry \d+|ends within/,
    );
});

test('one bit of a tile is found', () => {
  for (const tile of ['0/000', '0/016', '1/000.p/17']) {
    for (const at of [0, 31])
      refused(
        altered((dir) => change(join(dir, 'tile', tile), at)),
        /entry 0|older|downloaded inconsistent tile|entry \d+/,
      );
  }
});

test('one bit of the checkpoint is found, wherever it is', () => {
  const { length } = readFileSync(join(bench.dir, 'checkpoint'));
  for (let at = 0; at < length; at += 13)
    refused(
      altered((dir) => change(join(dir, 'checkpoint'), at)),
      /the checkpoint/,
    );
});

test('one bit of an older checkpoint is found', () => {
  const path = join(tempDir(), 'older.txt');
  cpSync(kept[1] ?? '', path);
  change(path, -10);
  refused(bench.dir, /older checkpoint \d+: invalid signature/, [...KEYS, '-older', path]);
});

test('a line removed, two exchanged, the end cut off and a segment gone are found', () => {
  const edit = (name: string, work: (lines: string[]) => readonly string[]) =>
    altered((dir) => {
      const path = join(dir, name);
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      writeFileSync(path, `${work(lines).join('\n')}\n`);
    });
  const [first, last] = ['00000000.jsonl', '00004096.jsonl'];
  refused(
    edit(first, (lines) => lines.toSpliced(77, 1)),
    /entry 77/,
  );
  refused(
    edit(first, (lines) => lines.with(77, lines[78] ?? '').with(78, lines[77] ?? '')),
    /entry 77/,
  );
  refused(
    edit(last, (lines) => lines.slice(0, -1)),
    new RegExp(`has ${size} entries and the log ${size - 1}`),
  );
  refused(
    altered((dir) => rmSync(join(dir, last))),
    new RegExp(`has ${size} entries and the log 4096`),
  );
  refused(
    altered((dir) => rmSync(join(dir, first))),
    /00004096\.jsonl stands where 00000000\.jsonl/,
  );
});

test('a line that was forged together with its tile is found by the checkpoint', () => {
  const forged = altered((dir) => {
    change(join(dir, '00004096.jsonl'), 100);
    rmSync(join(dir, 'tile'), { recursive: true });
    cpSync(join(bench.dir, 'tile'), join(dir, 'tile'), { recursive: true });
    change(join(dir, 'tile/0/016'), 5);
  });
  refused(forged, /entry|tile/);
});

test('lines that no checkpoint covers yet are counted and not vouched for', async () => {
  const dir = altered(() => undefined);
  const other = checkpointBench(join(dir, '..'));
  cpSync(bench.keysDir, other.keysDir, { recursive: true });
  await other.open();
  await other.cover();
  const signed = await other.cover();
  await other.journal.append(allowed('beyond'));
  const { ok, line } = verify(...KEYS, ...OLDER, other.dir);
  assert.ok(ok, line);
  assert.match(line, new RegExp(`^ok: ${signed.size} entries and 2 that no checkpoint covers yet`));
  await other.close();
});

test('after a change of the key both keys together open the whole history', async () => {
  const other = checkpointBench(bench.data);
  await other.open();
  const next = await other.checkpoints.rotate('a drill');
  await other.cover();
  await wholeStory(other.journal, other.clock);
  await other.close();
  assert.is.not(next.vkey, key);
  const { ok, line } = verify(...KEYS, '-key', next.vkey, ...OLDER, other.dir);
  assert.ok(ok, line);
  assert.not(verify(...KEYS, other.dir).ok, 'the old key signs no more');
});

test('a proof of one entry stands alone, and for no other entry', async () => {
  const other = checkpointBench(bench.data);
  await other.open();
  const checkpoint = await other.cover();
  const index = 4200;
  const [line] = await lines(other.journal.readLines(index, index + 1));
  const hashes = await inclusionProof(
    index,
    checkpoint.size,
    subtreesOf(checkpoint.size, other.journal.tree.tile),
  );
  const extra = line ?? Buffer.alloc(0);
  await other.close();
  const prove = (changed: object) => {
    const path = join(tempDir(), 'entry.tlog-proof');
    writeFileSync(path, formatProof({ extra, index, hashes, checkpoint: checkpoint.note, ...changed }));
    return verify(...KEYS, '-proof', path);
  };
  assert.equal(prove({}), { ok: true, line: `ok: entry 4200 stands among ${checkpoint.size}` });
  assert.not(prove({ index: 4201 }).ok);
  assert.not(prove({ hashes: hashes.slice(1) }).ok);
  assert.not(prove({ extra: Buffer.concat([extra, Buffer.from(' ')]) }).ok);
  assert.not(prove({ checkpoint: checkpoint.note.replace(String(checkpoint.size), '1') }).ok);
});

async function lines(from: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const line of from) all.push(Buffer.from(line));
  return all;
}

test.run();
