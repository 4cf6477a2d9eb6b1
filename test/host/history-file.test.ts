import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { openHistory, type HistoryFile, type HistoryFileOptions } from '../../src/host/history-file.ts';
import { realDisk } from '../../src/journal/disk.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { at, decided, held, requestId, resolved, wholeStory } from '../support/journal-drafts.ts';
import { memoryJournal, type MemoryJournal } from '../support/memory-journal.ts';
import { tempDir } from '../support/temp.ts';

const KEY = Buffer.alloc(32, 7);
const MINUTE = 60_000;

interface Bench {
  readonly dir: string;
  readonly file: string;
  readonly clock: FakeClock;
  readonly journal: MemoryJournal;
  readonly said: string[];
  /** How many entries were read from the journal, a start's look at the last saved one left out. */
  reads: number;
  open(more?: Partial<HistoryFileOptions>): Promise<HistoryFile>;
}

function bench(): Bench {
  const dir = tempDir();
  const clock = new FakeClock();
  const said: string[] = [];
  const { fold, changes } = observedLedger(new Ledger(), (line) => said.push(line));
  const journal = memoryJournal(fold, clock);
  const made: Bench = {
    dir,
    file: join(dir, 'history.json'),
    clock,
    journal,
    said,
    reads: 0,
    open: (more = {}) =>
      openHistory({
        dir,
        key: KEY,
        journal: {
          head: () => journal.head(),
          async *read(from, to) {
            for await (const entry of journal.read(from, to)) {
              if (to === undefined) made.reads += 1;
              yield entry;
            }
          },
        },
        changes,
        clock,
        log: (line) => said.push(line),
        software: '1.0.0',
        ...more,
      }),
  };
  return made;
}

test('what stands in the journal is there at the first start, without a word', async () => {
  const b = bench();
  const id = await wholeStory(b.journal, b.clock);
  const { history, close } = await b.open();
  assert.is(history.item(id)?.outcome, 'succeeded');
  assert.equal(b.said, []);
  await close();
});

test('an empty journal has an empty history', async () => {
  const b = bench();
  const { history, close } = await b.open();
  assert.is(history.size, 0);
  await close();
});

test('what comes later is taken up as it comes', async () => {
  const b = bench();
  const { history, close } = await b.open();
  const id = requestId(b.clock);
  const entries = await b.journal.append(held(id, b.clock), at(id, null));
  assert.is(history.item(id)?.outcome, 'pending');
  await b.journal.append([decided(id), resolved(id)], at(id, entries.at(-1)?.seq ?? null));
  assert.is(history.item(id)?.outcome, 'approved');
  assert.is(history.item(id)?.deciders.length, 1);
  await close();
});

test('a start goes on from what was saved, and reads only what came after it', async () => {
  const b = bench();
  const first = await wholeStory(b.journal, b.clock);
  await (await b.open()).close();
  b.clock.advance(MINUTE);
  const second = await wholeStory(b.journal, b.clock);
  b.reads = 0;
  const { history, close } = await b.open();
  assert.is(b.reads, 7);
  assert.equal([history.item(first)?.outcome, history.item(second)?.outcome], ['succeeded', 'succeeded']);
  assert.equal(b.said, []);
  await close();
});

test('a start that finds all that there is reads nothing, and writes nothing', async () => {
  const b = bench();
  await wholeStory(b.journal, b.clock);
  await (await b.open()).close();
  const before = statSync(b.file, { bigint: true });
  b.reads = 0;
  await (await b.open()).close();
  assert.is(b.reads, 0);
  assert.is(statSync(b.file, { bigint: true }).ino, before.ino);
});

test('an entry that arrives while the journal is read is neither lost nor doubled', async () => {
  const b = bench();
  const id = requestId(b.clock);
  let version: number | null = null;
  const append = async (drafts: Parameters<Journal['append']>[0]): Promise<void> => {
    version = (await b.journal.append(drafts, at(id, version))).at(-1)?.seq ?? null;
  };
  await append(held(id, b.clock));
  const { history, close } = await b.open({
    journal: {
      head: () => b.journal.head(),
      async *read(from) {
        // One that is told and read, and one that is told alone.
        await append([decided(id, 'carol')]);
        yield* b.journal.read(from);
        await append([decided(id, 'alice')]);
      },
    },
  });
  assert.equal(
    history.item(id)?.deciders.map(({ person }) => person),
    ['carol', 'alice'],
  );
  await append([resolved(id)]);
  assert.is(history.item(id)?.outcome, 'approved');
  await close();
});

test('it is saved five minutes after news, once, and not again without any', async () => {
  const b = bench();
  const file = await b.open();
  await wholeStory(b.journal, b.clock);
  b.clock.advance(5 * MINUTE - 1);
  assert.throws(() => statSync(b.file), /ENOENT/);
  b.clock.advance(1);
  await file.close();
  const saved = readFileSync(b.file, 'utf8');
  assert.match(saved, '"size":7');
  const again = await b.open();
  b.clock.advance(60 * MINUTE);
  await again.close();
  assert.is(readFileSync(b.file, 'utf8'), saved);
});

test('under a stream of entries it is saved every five minutes, not at each', async () => {
  const b = bench();
  const syncs: string[] = [];
  const file = await b.open({
    disk: {
      ...realDisk,
      rename: async (from, to) => {
        syncs.push(to);
        await realDisk.rename(from, to);
      },
    },
  });
  for (let minute = 0; minute < 16; minute += 1) {
    await wholeStory(b.journal, b.clock);
    b.clock.advance(MINUTE);
  }
  await file.close();
  assert.ok(syncs.length >= 1 && syncs.length <= 4, `it was saved ${syncs.length} times`);
});

test('after it was closed it hears nothing, and leaves no timer', async () => {
  const b = bench();
  const file = await b.open();
  await wholeStory(b.journal, b.clock);
  await file.close();
  const saved = readFileSync(b.file, 'utf8');
  const late = await wholeStory(b.journal, b.clock);
  b.clock.advance(60 * MINUTE);
  assert.is(file.history.item(late), undefined);
  assert.is(readFileSync(b.file, 'utf8'), saved);
});

const DAMAGED =
  /^The history of requests is made anew from the journal: its file is damaged, or was not written/;
const OF_ANOTHER = /^The history of requests is made anew: its file is of another journal\.$/;

const FAULTS: readonly (readonly [
  string,
  (b: Bench) => void,
  Partial<HistoryFileOptions>,
  RegExp | undefined,
])[] = [
  ['is missing', (b) => rmSync(b.file), {}, undefined],
  ['was written by another version', () => undefined, { software: '2.0.0' }, undefined],
  ['was written under another key', () => undefined, { key: Buffer.alloc(32, 8) }, DAMAGED],
  [
    'was changed in one character',
    (b) => edit(b, (text) => text.replace('succeeded', 'rejected_')),
    {},
    DAMAGED,
  ],
  ['was cut short', (b) => edit(b, (text) => text.slice(0, -10)), {}, DAMAGED],
  ['is empty', (b) => writeFileSync(b.file, ''), {}, DAMAGED],
  ['has no first line', (b) => edit(b, (text) => text.slice(text.indexOf('\n') + 1)), {}, DAMAGED],
  ['has an empty first line', (b) => edit(b, (text) => text.slice(text.indexOf('\n'))), {}, DAMAGED],
];
for (const [what, harm, more, said] of FAULTS) {
  test(`a file that ${what} is made anew from the whole journal`, async () => {
    const b = bench();
    const id = await wholeStory(b.journal, b.clock);
    await (await b.open()).close();
    harm(b);
    b.reads = 0;
    const { history, close } = await b.open(more);
    assert.is(b.reads, 7);
    assert.equal([history.size, history.item(id)?.outcome], [1, 'succeeded']);
    assert.is(b.said.length, said ? 1 : 0);
    if (said) assert.match(b.said[0] ?? '', said);
    await close();
    b.reads = 0;
    await (await b.open(more)).close();
    assert.is(b.reads, 0, 'it was not saved anew');
  });
}

function edit(b: Bench, change: (text: string) => string): void {
  writeFileSync(b.file, change(readFileSync(b.file, 'utf8')));
}

test('a file that is ahead of the journal is made anew', async () => {
  const [b, other] = [bench(), bench()];
  await wholeStory(b.journal, b.clock);
  await (await b.open()).close();
  const { history, close } = await other.open({ dir: b.dir });
  assert.is(history.size, 0);
  assert.match(other.said.join('\n'), OF_ANOTHER);
  await close();
});

test('a file of another journal that is as long is made anew', async () => {
  const b = bench();
  const id = await wholeStory(b.journal, b.clock);
  await (await b.open()).close();
  const renamed = (entry: Entry): Entry => ({ ...entry, id: `other ${entry.id}` });
  const { history, close } = await b.open({
    journal: {
      head: () => b.journal.head(),
      async *read(from, to) {
        for await (const entry of b.journal.read(from, to)) yield renamed(entry);
      },
    },
  });
  assert.match(b.said.join('\n'), OF_ANOTHER);
  assert.is(history.item(id)?.deciders.length, 1);
  await close();
});

test('a disk that takes nothing costs a log line, and the history goes on', async () => {
  const b = bench();
  const { history, close } = await b.open({
    disk: { ...realDisk, open: async () => Promise.reject(new Error('the disk is full')) },
  });
  const id = await wholeStory(b.journal, b.clock);
  await close();
  assert.is(history.item(id)?.outcome, 'succeeded');
  assert.equal(b.said, [
    'The history of requests cannot be saved, so the next start reads more of the journal: the disk is full',
  ]);
});

test('the file is for its owner alone', async () => {
  const b = bench();
  await wholeStory(b.journal, b.clock);
  await (await b.open()).close();
  assert.is(statSync(b.file).mode & 0o777, 0o600);
});

test('a journal that cannot be read is told, and nobody goes on listening', async () => {
  const b = bench();
  let listeners = 0;
  const failing = b.open({
    changes: {
      subscribe: () => {
        listeners += 1;
        return () => {
          listeners -= 1;
        };
      },
    },
    journal: {
      head: () => b.journal.head(),
      // oxlint-disable-next-line require-yield
      async *read() {
        throw new Error('segment 0 is damaged');
      },
    },
  });
  let why = '';
  await failing.catch((error: Error) => (why = error.message));
  assert.equal([why, listeners], ['segment 0 is damaged', 0]);
});

test('beside a journal on the disk it survives restarts', async () => {
  const dir = tempDir();
  const clock = new FakeClock();
  const run = async (work: (journal: Journal) => Promise<string>) => {
    const { fold, changes } = observedLedger(new Ledger(), assert.unreachable);
    const journal = await openJsonlJournal({
      dir: join(dir, 'journal'),
      clock,
      random: seededRandom(clock.now() % 1000),
      node: 'nod_1',
      fold,
      snapshotKey: KEY,
      software: '1.0.0',
    });
    const file = await openHistory({
      dir,
      key: KEY,
      journal,
      changes,
      clock,
      log: assert.unreachable,
      software: '1.0.0',
    });
    const id = await work(journal);
    const outcomes = file.history.search({ limit: 10 }).items.map((item) => [item.id, item.outcome]);
    await file.close();
    await journal.close();
    clock.advance(MINUTE + 1);
    return { id, outcomes };
  };
  const first = await run((journal) => wholeStory(journal, clock));
  const second = await run((journal) => wholeStory(journal, clock));
  const third = await run(async () => '');
  assert.equal(first.outcomes, [[first.id, 'succeeded']]);
  assert.equal(third.outcomes, [
    [second.id, 'succeeded'],
    [first.id, 'succeeded'],
  ]);
});

test.run();
