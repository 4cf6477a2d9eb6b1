import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSignerKey, parseSigner } from '../../src/tlog/note.ts';
import { checkpointBench, historyOf, type CheckpointBench } from '../support/checkpoint-bench.ts';
import { allowed, completed, wholeStory } from '../support/journal-drafts.ts';
import {
  changeEntries,
  codesIn,
  flipBase64,
  flipBit,
  forgetDerived,
  keepNote,
  linesIn,
  logKeyOf,
  SEGMENT,
  seenAs,
  signedJournalFolder,
  signNow,
  told,
  verify,
  writeLines,
  type Line,
} from '../support/tampering.ts';

/** Each of these is somebody with write access to the folder. Nothing is whole after it, and the verdict says where. */

const template = await signedJournalFolder();

/** A copy that may be spoiled. */
function copied(): CheckpointBench {
  const bench = checkpointBench(template.data);
  bench.clock.advance(60_000);
  return bench;
}

const sizeOf = (note: string): number => Number(note.split('\n')[1]);
const renumbered = (entries: Line[]) => entries.map((entry, seq) => ({ ...entry, seq }));

test('before anything is done to it, the log is whole', async () => {
  const verdict = await verify(copied());
  assert.equal(verdict.problems, []);
  assert.is(verdict.entries, 383);
  assert.is(verdict.log.newer, 0);
  assert.is(verdict.log.head, 'held');
  assert.is(verdict.log.checkpoints.right, verdict.log.checkpoints.kept);
  assert.ok(verdict.log.checkpoints.kept >= 5);
});

test('one bit in a line: named by the line, the tile and the checkpoint', async () => {
  const bench = copied();
  const lines = linesIn(bench);
  const at = lines.slice(0, 100).join('\n').length + 1 + (lines[100] ?? '').indexOf('"id":"ent_') + 12;
  flipBit(join(bench.dir, SEGMENT), at);
  const verdict = await verify(bench);
  assert.ok(codesIn(verdict).includes('tile') && codesIn(verdict).includes('checkpoint'));
  assert.is(
    told(verdict, 'tile'),
    'tile/0/000: its hash 101 is not of entry 100 (line 101 of 00000000.jsonl): the tile or the line was changed.',
  );
  const sizes = historyOf(bench.dir).map(sizeOf);
  const wrong = sizes.findIndex((size) => size > 100);
  assert.match(
    told(verdict, 'checkpoint'),
    `line ${wrong + 1} of checkpoints.log: it was signed over ${sizes[wrong]} entries`,
  );
  assert.match(told(verdict, 'checkpoint'), `they were changed, from entry ${sizes[wrong - 1]} on`);
});

test('one bit in a line is found by a quick look as well', async () => {
  const bench = copied();
  flipBit(join(bench.dir, SEGMENT), 30_000);
  assert.equal(codesIn(await verify(bench, { quick: true })), ['checkpoint', 'tile']);
});

test('one bit in a tile: the checkpoints still hold, so it is the tile', async () => {
  for (const [path, named] of [
    ['tile/0/000', 'tile/0/000: its hash 3 is not of entry 2'],
    ['tile/0/001.p/127', 'tile/0/001.p/127: its hash 3 is not of entry 258'],
    ['tile/1/000.p/1', 'tile/1/000.p/1: its hash 1 is not over the entries from 0 to 255'],
  ] as const) {
    const bench = copied();
    flipBit(join(bench.dir, path), path === 'tile/1/000.p/1' ? 5 : 70);
    const verdict = await verify(bench);
    assert.equal(codesIn(verdict), ['tile']);
    assert.match(told(verdict, 'tile'), named);
  }
});

test('a tile that was cut is named', async () => {
  const bench = copied();
  const path = join(bench.dir, 'tile/0/000');
  writeFileSync(path, readFileSync(path).subarray(0, 8000));
  assert.is(told(await verify(bench), 'tile'), 'tile/0/000: it has 8000 bytes and should have 8192.');
});

test('one bit in the body of a checkpoint', async () => {
  const bench = copied();
  const path = join(bench.dir, 'checkpoint');
  const [, , root = ''] = readFileSync(path, 'utf8').split('\n');
  flipBase64(path, readFileSync(path, 'latin1').indexOf(root) + 20);
  const verdict = await verify(bench);
  assert.equal(codesIn(verdict), ['checkpoint_signature']);
  assert.match(
    told(verdict, 'checkpoint_signature'),
    'checkpoint: its signature is not by the key placet.example/placet-',
  );
});

test('one bit in the signature of a checkpoint in the history', async () => {
  const bench = copied();
  const path = join(bench.dir, 'checkpoints.log');
  const lines = readFileSync(path, 'latin1').split('\n');
  const place = lines.slice(0, 2).join('\n').length + 1 + (lines[2] ?? '').lastIndexOf('=') - 12;
  flipBase64(path, place);
  const verdict = await verify(bench);
  assert.equal(codesIn(verdict), ['checkpoint_signature']);
  assert.match(told(verdict, 'checkpoint_signature'), 'line 3 of checkpoints.log: its signature is not by');
  assert.is(verdict.log.checkpoints.right, verdict.log.checkpoints.kept - 1);
});

test('a quick look checks the signature of the newest checkpoint, and says of how many older ones it did not', async () => {
  const whole = await verify(copied(), { quick: true });
  const { kept, right, trusted } = whole.log.checkpoints;
  assert.equal([right, trusted], [kept, kept - 2], 'the first and the newest are checked');
  for (const [name, last] of [
    ['checkpoint', 'checkpoint'],
    ['checkpoints.log', `line ${kept} of checkpoints.log`],
  ] as const) {
    const bench = copied();
    const path = join(bench.dir, name);
    flipBase64(path, readFileSync(path, 'latin1').lastIndexOf('=') - 12);
    const verdict = await verify(bench, { quick: true });
    assert.match(told(verdict, 'checkpoint_signature'), `${last}: its signature is not by`);
  }
});

test('a line of the history that is no checkpoint', async () => {
  const bench = copied();
  const path = join(bench.dir, 'checkpoints.log');
  writeFileSync(path, `{"at":1}\n${readFileSync(path, 'utf8')}`);
  assert.match(told(await verify(bench), 'checkpoint'), 'line 1 of checkpoints.log: it lacks a note');
});

test('a line removed', async () => {
  const bench = copied();
  writeLines(bench, linesIn(bench).toSpliced(57, 1));
  const verdict = await verify(bench);
  assert.is(told(verdict, 'sequence'), 'line 58 of 00000000.jsonl: it is entry 58 where 57 is expected.');
  assert.match(told(verdict, 'tile'), '(line 58 of 00000000.jsonl)');
});

test('a line removed and all that follow numbered anew', async () => {
  const bench = copied();
  const at = changeEntries(bench, (entries) =>
    renumbered(entries.filter(({ type }) => type !== 'notice.sent').toSpliced(20, 1)),
  );
  const verdict = await verify(bench, { quick: true });
  assert.match(told(verdict, 'tile'), `is not of entry ${at} (line ${at + 1} of 00000000.jsonl)`);
  assert.ok(codesIn(verdict).includes('checkpoint'));
});

test('two lines swapped', async () => {
  const bench = copied();
  const lines = linesIn(bench);
  [lines[60], lines[63]] = [lines[63] ?? '', lines[60] ?? ''];
  writeLines(bench, lines);
  const verdict = await verify(bench);
  assert.match(told(verdict, 'sequence'), 'line 61 of 00000000.jsonl: it is entry 63 where 60 is expected');
  assert.match(told(verdict, 'tile'), 'is not of entry 60 (line 61 of 00000000.jsonl)');
});

test('the tail cut below the last checkpoint', async () => {
  const bench = copied();
  writeLines(bench, linesIn(bench).slice(0, 380));
  const verdict = await verify(bench);
  assert.ok(codesIn(verdict).includes('tail_cut'));
  const cut = verdict.problems.filter(({ code }) => code === 'tail_cut').map(({ message }) => message);
  assert.ok(
    cut.some((message) =>
      message.startsWith(
        'checkpoint: it was signed over 383 entries, and 380 stand: 3 were cut off the end.',
      ),
    ),
  );
  assert.ok(cut.includes('head: the host acknowledged 383 entries, and 380 stand: 3 were cut off the end.'));
});

test('the tail cut above the last checkpoint: the host’s mark tells', async () => {
  const bench = checkpointBench(template.data);
  await bench.open();
  const before = bench.journal.head().size;
  await bench.journal.append(allowed('late'));
  // As a kill leaves it, and before anything more was signed.
  const crashed = await bench.crashed();
  await bench.close();
  for (const line of [2, 1]) {
    const lines = linesIn(crashed);
    assert.is(lines.length, before + line);
    writeLines(crashed, lines.slice(0, -1));
    if (line === 1) break;
    // Without its end the append is torn, which alone could be a crash.
    assert.is((await verify(crashed)).tail?.file, SEGMENT);
  }
  const verdict = await verify(crashed);
  assert.equal(codesIn(verdict), ['tail_cut']);
  assert.is(
    told(verdict, 'tail_cut'),
    `head: the host acknowledged ${before + 2} entries, and ${before} stand: 2 were cut off the end.`,
  );
});

test('a mark that somebody else wrote', async () => {
  const bench = copied();
  flipBit(join(bench.dir, 'head'), 40);
  assert.equal(codesIn(await verify(bench)), ['head_mark']);
});

test('a segment deleted, whichever it is', async () => {
  const long = checkpointBench();
  await long.open();
  await Promise.all(Array.from({ length: 4400 }, (_, n) => long.journal.append(allowed(`c${n}`))));
  await long.cover();
  await long.close();
  const names = readdirSync(long.dir).filter((name) => name.endsWith('.jsonl'));
  assert.is(names.length, 3);
  for (const [i, name] of names.entries()) {
    const bench = checkpointBench(long.data);
    bench.clock.advance(60_000);
    rmSync(join(bench.dir, name));
    for (const quick of [true, false]) {
      const verdict = await verify(bench, { quick });
      if (i === 2) {
        assert.match(told(verdict, 'tail_cut'), `, and ${Number(name.slice(0, 8))} stand:`);
        continue;
      }
      assert.is(
        told(verdict, 'sequence'),
        `${names[i + 1]}: it begins with entry ${Number(names[i + 1]?.slice(0, 8))} where ${Number(name.slice(0, 8))} is expected.`,
      );
      if (i === 1)
        assert.match(
          told(verdict, 'checkpoint'),
          `of which those from ${Number(name.slice(0, 8))} on are not all there`,
        );
    }
  }
});

test('the whole log replaced and signed again with the real key, found through an older mail', async () => {
  const bench = copied();
  const mail = seenAs(
    'mails/7.eml (attachment checkpoint.txt)',
    historyOf(bench.dir).at(-1) ?? '',
    '2026-11-23T10:00:01.000Z',
  );
  changeEntries(bench, (entries) => {
    const found = entries.find(({ type }) => type === 'approval.decided');
    return entries.map((entry) => (entry === found ? { ...entry, reviewer: 'carol' } : entry));
  });
  forgetDerived(bench);
  await bench.open();
  await bench.journal.append(allowed('after'));
  await bench.close();
  const alone = await verify(bench);
  assert.equal(alone.problems, [], 'whoever has the key leaves no trace in the folder');
  const verdict = await verify(bench, { seen: { seen: [mail], unreadable: [] } });
  assert.equal(codesIn(verdict), ['contradicts']);
  const message = told(verdict, 'contradicts');
  assert.match(
    message,
    'mails/7.eml (attachment checkpoint.txt), sent 2026-11-23T10:00:01.000Z: it was signed over 383 entries under the root',
  );
  assert.match(message, 'and the first 383 that stand now have');
  assert.is(verdict.seen?.extended, 0);
});

test('the whole log replaced by a shorter one and signed again', async () => {
  const bench = copied();
  const mail = seenAs('kept', historyOf(bench.dir).at(-1) ?? '');
  writeLines(bench, linesIn(bench).slice(0, 200));
  forgetDerived(bench);
  await bench.open();
  await bench.close();
  const verdict = await verify(bench, { seen: { seen: [mail], unreadable: [] } });
  assert.equal(codesIn(verdict), ['tail_cut']);
  assert.match(
    told(verdict, 'tail_cut'),
    'kept: it was signed over 383 entries, and 201 stand: 182 were cut off the end.',
  );
});

test('the log replaced by a new one under a new key and name', async () => {
  const bench = copied();
  const mail = seenAs('kept', historyOf(bench.dir).at(-1) ?? '');
  const other = await signedJournalFolder(1);
  const verdict = await verify(other, { seen: { seen: [mail], unreadable: [] } });
  assert.equal(codesIn(verdict), ['other_log']);
  assert.match(told(verdict, 'other_log'), 'kept: it is of another log, placet.example/placet-');
  const key = logKeyOf(bench).verifier;
  assert.equal(codesIn(await verify(other, { pin: key })), ['log_key']);
  const pinned = await verify(other, { pin: key, seen: { seen: [mail], unreadable: [] } });
  assert.equal(codesIn(pinned), ['log_key', 'other_log']);
});

test('a checkpoint of another log beside those of this one is told, and no sign of a change once the key is given', async () => {
  const bench = copied();
  const other = await signedJournalFolder(1);
  const seen = [
    seenAs('own', historyOf(bench.dir).at(-1) ?? ''),
    seenAs('other', historyOf(other.dir).at(-1) ?? ''),
  ];
  const verdict = await verify(bench, { seen: { seen, unreadable: [] } });
  assert.equal(codesIn(verdict), ['other_log']);
  const pinned = await verify(bench, {
    seen: { seen, unreadable: [] },
    pin: logKeyOf(bench).verifier,
  });
  assert.equal(pinned.problems, []);
  assert.equal(Object.values(pinned.seen?.of_other_logs ?? {}), [1]);
  assert.is(pinned.seen?.extended, 1);
});

test('a fork shown to two readers: each log contradicts the other reader’s checkpoint', async () => {
  const sides = [copied(), copied()];
  for (const [i, side] of sides.entries()) {
    await side.open();
    await side.journal.append(allowed(`fork ${i}`));
    await side.cover();
    await side.close();
  }
  for (const [i, side] of sides.entries()) {
    assert.equal((await verify(side)).problems, []);
    const theirs = seenAs('the other reader', historyOf(sides[1 - i]?.dir ?? '').at(-2) ?? '');
    const verdict = await verify(side, { seen: { seen: [theirs], unreadable: [] } });
    assert.equal(codesIn(verdict), ['contradicts']);
  }
});

test('a checkpoint of this log’s name by a key that the journal does not know', async () => {
  const bench = copied();
  const stranger = parseSigner(
    makeSignerKey('signature', logKeyOf(bench).verifier.name, Buffer.alloc(32, 9)),
  );
  const verdict = await verify(bench, {
    seen: { seen: [seenAs('note', signNow(bench, stranger))], unreadable: [] },
  });
  assert.equal(codesIn(verdict), ['checkpoint_key']);
  assert.match(
    told(verdict, 'checkpoint_key'),
    `note: it is signed by a key that the journal does not name (${stranger.verifier.id})`,
  );
});

test('a key entry forged: no checkpoint of both keys shows that the old one agreed', async () => {
  const bench = copied();
  const { verifier } = logKeyOf(bench);
  const forger = parseSigner(makeSignerKey('signature', verifier.name, Buffer.alloc(32, 9)));
  const at = linesIn(bench).length;
  changeEntries(bench, (entries) => [
    ...entries,
    {
      ...entries.find(({ type }) => type === 'log.key'),
      key: forger.verifier.vkey,
      previous: verifier.vkey,
      by: 'operator',
      reason: 'x',
      seq: at,
    },
  ]);
  keepNote(bench, signNow(bench, forger));
  rmSync(join(bench.dir, 'head'));
  rmSync(join(bench.dir, 'tile'), { recursive: true });
  const verdict = await verify(bench, { quick: true });
  assert.equal(codesIn(verdict), ['log_key']);
  assert.match(
    told(verdict, 'log_key'),
    `it is the first by the key that entry ${at} names, and the key before it has not signed it as well`,
  );
});

test('the first key entry replaced by another key', async () => {
  const bench = copied();
  const forger = parseSigner(makeSignerKey('signature', logKeyOf(bench).verifier.name, Buffer.alloc(32, 9)));
  const at = changeEntries(bench, (entries) =>
    entries.map((entry) => (entry['type'] === 'log.key' ? { ...entry, key: forger.verifier.vkey } : entry)),
  );
  const verdict = await verify(bench);
  assert.equal(codesIn(verdict), ['checkpoint_key', 'tile']);
  assert.match(told(verdict, 'tile'), `is not of entry ${at} (line ${at + 1} of 00000000.jsonl)`);
});

test('a key entry that follows nothing', async () => {
  const bench = copied();
  const forger = parseSigner(makeSignerKey('signature', 'example.com/x', Buffer.alloc(32, 9)));
  const at = linesIn(bench).length;
  changeEntries(bench, (entries) => [
    ...entries,
    { ...entries.find(({ type }) => type === 'log.key'), key: forger.verifier.vkey, seq: at },
  ]);
  const verdict = await verify(bench, { quick: true });
  assert.equal(codesIn(verdict), ['log_key']);
  assert.match(told(verdict, 'log_key'), `line ${at + 1} of 00000000.jsonl: it does not follow the key`);
});

test('an old key that was turned over signs a new checkpoint', async () => {
  const bench = copied();
  const old = logKeyOf(bench);
  await bench.open();
  await bench.checkpoints.rotate('the yearly change');
  await bench.journal.append([...allowed('x'), completed('x')]);
  await bench.close();
  assert.equal((await verify(bench)).problems, [], 'a rotation as it should be');
  const forged = signNow(bench, old);
  const seen = await verify(bench, { seen: { seen: [seenAs('note', forged)], unreadable: [] } });
  assert.equal(codesIn(seen), ['checkpoint_key']);
  keepNote(bench, forged);
  const verdict = await verify(bench);
  assert.equal(codesIn(verdict), ['checkpoint_key']);
  assert.match(told(verdict, 'checkpoint_key'), 'signed by the key of entry 1, where that of entry');
});

test('a checkpoint of another log put into the history', async () => {
  const bench = copied();
  const other = await signedJournalFolder(1);
  keepNote(bench, historyOf(other.dir)[0] ?? '');
  const verdict = await verify(bench);
  assert.equal(codesIn(verdict), ['checkpoint_key']);
  assert.match(told(verdict, 'checkpoint_key'), 'it is of the log placet.example/placet-');
});

test('all checkpoints removed', async () => {
  const bench = checkpointBench();
  await bench.open();
  bench.clock.advance(120_000);
  await bench.journal.append(allowed('late'));
  await bench.close();
  for (const name of ['checkpoint', 'checkpoints.log']) rmSync(join(bench.dir, name));
  const verdict = await verify(bench);
  assert.equal(codesIn(verdict), ['checkpoint_missing']);
  assert.match(told(verdict, 'checkpoint_missing'), 'checkpoints.log: no checkpoint is kept');
});

test('the end of the history removed: the newest checkpoint is not in it', async () => {
  const bench = copied();
  const path = join(bench.dir, 'checkpoints.log');
  writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, 2).join('\n')}\n`);
  const verdict = await verify(bench);
  assert.equal(codesIn(verdict), ['checkpoint']);
  assert.match(
    told(verdict, 'checkpoint'),
    'checkpoint: it is newer than every line of checkpoints.log, which was cut',
  );
});

test('a decision forged into a signed log: named by its line, and by every check that it fails', async () => {
  const bench = copied();
  const at = changeEntries(bench, (entries) =>
    entries.map((entry) =>
      entry['type'] === 'approval.decided' ? { ...entry, verification: 'passkey' } : entry,
    ),
  );
  const verdict = await verify(bench);
  assert.equal(codesIn(verdict), ['checkpoint', 'illegal', 'no_quorum', 'tile']);
  assert.match(
    told(verdict, 'illegal'),
    `line ${at + 1} of 00000000.jsonl: approval.decided may not stand here.`,
  );
  assert.match(told(verdict, 'illegal'), 'without a receipt of it');
});

test('an entry added behind the last checkpoint is told as newer', async () => {
  const bench = copied();
  await bench.open();
  const { size } = bench.checkpoints.newest() ?? { size: 0 };
  await bench.journal.append(allowed('x'));
  assert.is((await verify(bench)).log.newer, bench.journal.head().size - size);
  await wholeStory(bench.journal, bench.clock);
  await bench.close();
});

test('what only looks like a segment is named, and nobody waits for it', async () => {
  for (const make of [
    (path: string) => mkdirSync(path),
    (path: string) => void execFileSync('mkfifo', [path]),
  ]) {
    const bench = copied();
    make(join(bench.dir, '00000383.jsonl'));
    assert.equal(codesIn(await verify(bench)), ['segment_name']);
  }
});

test('a time of signing that is none', async () => {
  const bench = copied();
  const path = join(bench.dir, 'checkpoints.log');
  const lines = readFileSync(path, 'utf8').split('\n');
  lines[2] = (lines[2] ?? '').replace(/"at":"[^"]*"/, '"at":"\\u001b[2Jgone"');
  writeFileSync(path, lines.join('\n'));
  assert.match(
    told(await verify(bench), 'checkpoint'),
    'line 3 of checkpoints.log: the time at which it was signed is none',
  );
});

test.run();
