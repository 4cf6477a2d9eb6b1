import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allowed, at, decided, held, requestId, resolved } from '../support/journal-drafts.ts';
import { jsonlBench, type JsonlBench } from '../support/jsonl-bench.ts';
import { all, rejection } from '../support/journal-suite.ts';

const SEGMENT = '00000000.jsonl';

/** A closed journal of five entries without a snapshot, and its only segment. */
async function five(): Promise<{ bench: JsonlBench; path: string; lines: string[] }> {
  const bench = await jsonlBench();
  await bench.journal.append(allowed('a'));
  await bench.journal.append(allowed('b'));
  await bench.journal.close();
  await dropSnapshot(bench);
  const path = join(bench.dir, SEGMENT);
  return { bench, path, lines: readFileSync(path, 'utf8').trimEnd().split('\n') };
}

/** And the head mark, so that a test can make it look as if a crash had come before the last sync. */
async function dropSnapshot(bench: JsonlBench): Promise<void> {
  await bench.disk.remove(join(bench.dir, 'head'));
  await bench.disk.remove(join(bench.dir, 'snapshot.json'));
}

async function types(bench: JsonlBench): Promise<string[]> {
  return (await all(bench.journal.read(0))).map((entry) => entry.type);
}

test('a segment is lines of canonical JSON, each ended by a line feed', async () => {
  const { path, lines } = await five();
  assert.is(lines.length, 5);
  assert.is(readFileSync(path, 'utf8').at(-1), '\n');
  const [first] = lines;
  assert.match(
    first ?? '',
    /^\{"id":"ent_[0-9a-z]{26}","node":"host","seq":0,"software":"0\.1\.0","time":"2026-11-23T10:00:00\.000Z","type":"log\.opened","v":1\}$/,
  );
});

test('a torn last line is set aside and journalled', async () => {
  const { bench, path } = await five();
  appendFileSync(path, '{"half a li');
  await bench.open();
  assert.equal(
    (await all(bench.journal.read(5))).map(({ id: _id, time: _time, node: _node, v: _v, ...rest }) => rest),
    [
      { seq: 5, type: 'log.opened', software: '0.1.0', more: 1 },
      { seq: 6, type: 'log.recovered', lost_bytes: 11, kept_as: '00000005.torn' },
    ],
  );
  assert.is(readFileSync(join(bench.dir, '00000005.torn'), 'utf8'), '{"half a li');
  await bench.reopen();
  assert.is(bench.journal.head().size, 8);
  await bench.journal.close();
});

test('a last line that is whole but not canonical is set aside', async () => {
  const { bench, path, lines } = await five();
  const [last = ''] = lines.slice(-1);
  writeFileSync(
    path,
    `${[...lines.slice(0, 2), ...allowedLines(lines), last.replace(',"type"', ', "type"')].join('\n')}\n`,
  );
  await bench.open();
  // The two entries of the last append stand or fall together.
  assert.equal(await types(bench), [
    'log.opened',
    'call.requested',
    'call.allowed',
    'log.opened',
    'log.recovered',
  ]);
  await bench.journal.close();
});

test('of an append that a crash cut short nothing stands', async () => {
  const { bench, path, lines } = await five();
  writeFileSync(path, `${lines.slice(0, 4).join('\n')}\n`);
  await bench.open();
  assert.equal(await types(bench), [
    'log.opened',
    'call.requested',
    'call.allowed',
    'log.opened',
    'log.recovered',
  ]);
  assert.is(readFileSync(join(bench.dir, '00000003.torn'), 'utf8'), `${lines[3]}\n`);
  await bench.journal.close();
});

test('a tail that was set aside before a crash is journalled by the next start', async () => {
  const { bench } = await five();
  writeFileSync(join(bench.dir, '00000004.torn-new'), 'torn');
  await bench.open();
  assert.equal((await types(bench)).slice(-2), ['log.opened', 'log.recovered']);
  assert.ok(existsSync(join(bench.dir, '00000004.torn')));
  await bench.reopen();
  assert.is((await types(bench)).filter((type) => type === 'log.recovered').length, 1);
  await bench.journal.close();
});

test('zeros that a crash left at the end are set aside', async () => {
  const { bench, path } = await five();
  appendFileSync(path, Buffer.alloc(4096));
  await bench.open();
  assert.equal((await types(bench)).slice(-2), ['log.opened', 'log.recovered']);
  await bench.journal.close();
});

const refused: readonly (readonly [string, (lines: string[]) => string[], RegExp])[] = [
  [
    'a removed line',
    (lines) => [...lines.slice(0, 2), ...lines.slice(3)],
    /line 3 of 00000000\.jsonl: it is entry 3 where 2 is expected/,
  ],
  [
    'swapped lines',
    ([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest],
    /line 2 of 00000000\.jsonl: it is entry 2 where 1 is expected/,
  ],
  [
    'a repeated line',
    ([a = '', ...rest]) => [a, a, ...rest],
    /line 2 of 00000000\.jsonl: it is entry 0 where 1 is expected/,
  ],
  [
    'a line in another form',
    ([a = '', ...rest]) => [a.replace('{', '{ '), ...rest],
    /line 1 of 00000000\.jsonl: it is not in canonical form/,
  ],
  [
    'a member too many',
    ([a = '', ...rest]) => [a.replace('{', '{"aa":1,'), ...rest],
    /line 1 of 00000000\.jsonl: Unrecognized key: "aa"/,
  ],
  [
    'an unknown type',
    ([a = '', ...rest]) => [a.replace('log.opened', 'log.closed'), ...rest],
    /line 1 of 00000000\.jsonl: no entry is of the type "log\.closed"/,
  ],
  [
    'an illegal change',
    ([a = '', b = '', c = '', ...rest]) => [a, b, c.replace('"call_id":"a"', '"call_id":"z"'), ...rest],
    /line 3 of 00000000\.jsonl: The call z has no open question to answer/,
  ],
  [
    'a line too long',
    ([a = '', ...rest]) => [a.replace('0.1.0', 'x'.repeat(70_000)), ...rest],
    /line 1 of 00000000\.jsonl: it is longer than 65535 bytes/,
  ],
];

for (const [what, change, sentence] of refused) {
  test(`${what} before the end refuses to start, naming file and line`, async () => {
    const { bench, path, lines } = await five();
    const changed = `${change(lines).join('\n')}\n`;
    writeFileSync(path, changed);
    assert.match((await rejection(bench.open())).message, sentence);
    assert.is(readFileSync(path, 'utf8'), changed, 'nothing is mended');
    assert.equal(readdirSync(bench.dir).sort(), [SEGMENT, 'lock', 'tile']);
  });
}

test('a bit that was changed inside a line refuses to start', async () => {
  const { bench, path } = await five();
  const bytes = readFileSync(path);
  const place = bytes.indexOf('action_digest') + 20;
  bytes[place] = (bytes[place] ?? 0) ^ 0x40;
  writeFileSync(path, bytes);
  assert.match((await rejection(bench.open())).message, /line 2 of 00000000\.jsonl/);
});

test('bytes that are no UTF-8 refuse to start', async () => {
  const { bench, path } = await five();
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('0.1.0')] = 0xff;
  writeFileSync(path, bytes);
  assert.match((await rejection(bench.open())).message, /line 1 of 00000000\.jsonl: it is not UTF-8/);
});

test('a file that looks like a segment and is none refuses to start', async () => {
  const { bench } = await five();
  writeFileSync(join(bench.dir, '5.jsonl'), '');
  assert.match((await rejection(bench.open())).message, /damaged at 5\.jsonl/);
});

test('the journal goes on after a refusal once the file is restored', async () => {
  const { bench, path, lines } = await five();
  writeFileSync(path, 'nonsense\nnonsense\n');
  await rejection(bench.open());
  writeFileSync(path, `${lines.join('\n')}\n`);
  await bench.open();
  assert.is(bench.journal.head().size, 6);
  await bench.journal.close();
});

test('a decision survives a restart without a snapshot', async () => {
  const bench = await jsonlBench();
  const id = requestId(bench.clock);
  await bench.journal.append(held(id, bench.clock), at(id, null));
  await bench.journal.append([decided(id), resolved(id)], at(id, 2));
  await bench.journal.close();
  await dropSnapshot(bench);
  await bench.open();
  assert.is(bench.ledger.request(id)?.phase.kind, 'approved');
  await bench.journal.close();
});

/** The lines of the first allowed call's last entry and of the second call's first. */
function allowedLines(lines: string[]): string[] {
  return lines.slice(2, 4);
}

test.run();
