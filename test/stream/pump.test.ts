import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { FORMATS } from '../../src/events/format.ts';
import { realDisk } from '../../src/journal/disk.ts';
import { createCalls } from '../../src/stream/calls.ts';
import { openCursorFile } from '../../src/stream/cursor.ts';
import { openDeadLetters } from '../../src/stream/dead-letters.ts';
import { createPump, type Pump } from '../../src/stream/pump.ts';
import { SinkError, type Outgoing, type Sink } from '../../src/stream/sink.ts';
import { createTail } from '../../src/stream/tail.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { draftsWith, stampedAt } from '../support/event-entries.ts';
import { tempDir } from '../support/temp.ts';

interface World {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly log: string[];
  /** What the receiver confirmed, by number. */
  readonly got: number[];
  /** The size of every batch that was tried. */
  readonly tried: number[];
  readonly sent: Outgoing[];
  append(count?: number): void;
  entries: Entry[];
  /** Throws, or lets a batch pass. */
  receiver: (batch: readonly Outgoing[], signal: AbortSignal) => Promise<void> | void;
  start(options?: { readonly begin?: 'start' | 'now'; readonly redacted?: readonly string[] }): Promise<Pump>;
}

/** A pump over a journal in memory, with a clock that moves when it is told to, and a real folder. */
function world(): World {
  const folder = join(tempDir(), 'streams');
  mkdirSync(folder);
  const clock = new FakeClock();
  const pumps: Pump[] = [];
  const tail = createTail(8);
  const self: World = {
    folder,
    clock,
    log: [],
    got: [],
    tried: [],
    sent: [],
    entries: [],
    receiver: () => undefined,
    append(count = 1) {
      for (let left = count; left > 0; left -= 1) {
        const entry = stampedAt(draftsWith('x')['call.denied'], self.entries.length);
        self.entries.push(entry);
        tail.push(entry);
      }
      for (const pump of pumps) pump.poke();
    },
    async start({ begin = 'start', redacted = [] } = {}) {
      const journal = {
        head: () => ({ size: self.entries.length }),
        async *read(from: number, to = self.entries.length) {
          yield* self.entries.slice(from, to);
        },
        readRequest: async () => [],
      };
      const sink: Sink = {
        async send(batch, signal) {
          self.tried.push(batch.length);
          await self.receiver(batch, signal);
          for (const each of batch) self.got.push(each.seq);
          self.sent.push(...batch);
        },
        close: async () => undefined,
      };
      const pump = createPump({
        name: 'siem',
        sink,
        journal,
        tail,
        begin,
        calls: createCalls(journal),
        cursor: openCursorFile({ disk: realDisk, folder, name: 'siem', journal }),
        deadLetters: await openDeadLetters(folder, 'siem'),
        format: FORMATS.ocsf,
        context: { software: '0.3.0', origin: 'placet.example.com' },
        redacted: new Set(redacted),
        maxCount: 4,
        maxBytes: 1_000_000,
        clock,
        random: seededRandom(),
        log: (line) => self.log.push(line),
      });
      pumps.push(pump);
      return pump;
    },
  };
  return self;
}

const LIMIT_MS = 20_000;

/** Waits, with the clock standing still, until it holds. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; !holds(); ) {
    if (Date.now() > end) throw new Error(`It never came to be: ${holds.toString()}`);
    await turn();
  }
}

/** Lets time pass until it holds. */
async function eventually(clock: FakeClock, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; !holds(); ) {
    if (Date.now() > end) throw new Error(`It never came to be: ${holds.toString()}`);
    clock.advance(1000);
    for (let turns = 0; turns < 20 && !holds(); turns += 1) await turn();
  }
}

function cursorIn(folder: string): unknown {
  const path = join(folder, 'siem.cursor');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

const numbers = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

test('what the journal has is sent in order and in batches, then what is new', async () => {
  const w = world();
  w.append(10);
  const pump = await w.start();
  await until(() => pump.state().behind === 0);
  assert.equal(w.tried, [4, 4, 2]);
  w.append(3);
  await eventually(w.clock, () => pump.state().behind === 0);
  assert.equal(w.got, numbers(13));
  assert.equal(cursorIn(w.folder), { v: 1, next: 13, last: 'ent_12' });
  await pump.close();
});

test('a restart goes on where the receiver had confirmed, and sends again what it had not', async () => {
  const w = world();
  w.append(6);
  w.receiver = (batch) => {
    if (batch[0]?.seq === 4) throw new SinkError('unreachable', 'The receiver broke off.');
  };
  const first = await w.start();
  await until(() => w.tried.length === 2);
  await until(() => first.state().trouble !== undefined);
  await first.close();
  assert.equal(w.got, [0, 1, 2, 3]);
  w.receiver = () => undefined;
  const second = await w.start();
  await until(() => second.state().behind === 0);
  assert.equal(w.got, [0, 1, 2, 3, 4, 5]);
  await second.close();
});

test('what cannot be reached is tried again for ever, with growing pauses, and told meanwhile', async () => {
  const w = world();
  w.append(2);
  w.receiver = () => {
    throw new SinkError('unreachable', 'The receiver cannot be reached (ECONNREFUSED).');
  };
  const pump = await w.start();
  await eventually(w.clock, () => w.tried.length === 8);
  assert.equal(pump.state(), {
    name: 'siem',
    behind: 2,
    dead_letters: 0,
    trouble: 'The receiver cannot be reached (ECONNREFUSED).',
  });
  assert.equal(w.log, ['stream siem: The receiver cannot be reached (ECONNREFUSED).']);
  w.receiver = () => undefined;
  await eventually(w.clock, () => pump.state().behind === 0);
  assert.equal([w.got, pump.state().trouble], [[0, 1], undefined]);
  await pump.close();
});

test('a receiver that asks to wait is not asked before', async () => {
  const w = world();
  w.append();
  w.receiver = () => {
    throw new SinkError('unreachable', 'The receiver answered 503; it is tried again.', 600_000);
  };
  const pump = await w.start();
  await until(() => pump.state().trouble !== undefined);
  w.clock.advance(599_999);
  for (let turns = 0; turns < 50; turns += 1) await turn();
  assert.is(w.tried.length, 1);
  w.clock.advance(1);
  await until(() => w.tried.length === 2);
  await pump.close();
});

test('a token that is refused skips nothing', async () => {
  const w = world();
  w.append(5);
  w.receiver = () => {
    throw new SinkError('refused', 'The receiver answered 403: mend its token.');
  };
  const pump = await w.start();
  await eventually(w.clock, () => w.tried.length === 5);
  assert.equal([pump.state().behind, pump.state().dead_letters, w.got], [5, 0, []]);
  await pump.close();
});

test('one event that is refused for good is kept and told, and the rest arrives in order', async () => {
  const w = world();
  w.append(9);
  w.receiver = (batch) => {
    if (batch.some(({ seq }) => seq === 5)) throw new SinkError('unacceptable', 'The receiver answered 413.');
  };
  const pump = await w.start();
  await until(() => pump.state().behind === 0);
  assert.equal(w.got, [0, 1, 2, 3, 4, 6, 7, 8]);
  const [letter] = readFileSync(join(w.folder, 'siem.dead-letters.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { seq: number; id: string; why: string; event: string });
  assert.equal([letter?.seq, letter?.id, letter?.why], [5, 'ent_5', 'The receiver answered 413.']);
  assert.is((JSON.parse(letter?.event ?? '') as { metadata: { uid: string } }).metadata.uid, 'ent_5');
  assert.is(pump.state().dead_letters, 1);
  await pump.close();
  const again = await w.start();
  assert.is(again.state().dead_letters, 1);
  await again.close();
});

test('a receiver that refuses every event is not fed into the file of dead letters', async () => {
  const w = world();
  w.append(30);
  w.receiver = () => {
    throw new SinkError('unacceptable', 'The receiver answered 400.');
  };
  const pump = await w.start();
  await until(() => pump.state().trouble !== undefined);
  assert.equal([pump.state().dead_letters, pump.state().behind], [10, 20]);
  w.receiver = () => undefined;
  await eventually(w.clock, () => pump.state().behind === 0);
  assert.equal(w.got, numbers(20, 10));
  await pump.close();
});

for (const [title, cursor, why] of [
  [
    'beyond the journal',
    { v: 1, next: 7, last: 'ent_6' },
    /siem\.cursor stands at entry 7, and the journal has only 3/,
  ],
  ['of another journal', { v: 1, next: 2, last: 'ent_other' }, /siem\.cursor is of another journal/],
  ['that cannot be read', { v: 2 }, /siem\.cursor cannot be read/],
] as const) {
  test(`a cursor ${title} is refused, and nothing is sent`, async () => {
    const w = world();
    w.append(3);
    writeFileSync(join(w.folder, 'siem.cursor'), JSON.stringify(cursor));
    const pump = await w.start();
    await until(() => pump.state().trouble !== undefined);
    assert.match(pump.state().trouble ?? '', why);
    w.append();
    w.clock.advance(10_000);
    for (let turns = 0; turns < 50; turns += 1) await turn();
    assert.equal(w.tried, []);
    await pump.close();
  });
}

test('a stream that begins now leaves out what was, and nothing that comes while it is stopped', async () => {
  const w = world();
  w.append(5);
  const first = await w.start({ begin: 'now' });
  await until(() => cursorIn(w.folder) !== undefined);
  await first.close();
  w.append(2);
  const second = await w.start({ begin: 'now' });
  await until(() => w.got.length === 2);
  assert.equal(w.got, [5, 6]);
  await second.close();
});

test('an entry that names only its call is told with the agent, also after a restart', async () => {
  const w = world();
  const drafts = draftsWith('claude');
  w.entries.push(stampedAt(drafts['call.requested'], 0));
  const first = await w.start();
  await until(() => first.state().behind === 0);
  await first.close();
  w.append();
  const second = await w.start({ redacted: ['owner'] });
  await until(() => second.state().behind === 0);
  const { message } = JSON.parse(w.sent.at(-1)?.event ?? '') as { message: string };
  assert.is(message, 'Call denied, claude/claude of claude for [redacted]: x');
  await second.close();
});

test('a receiver that hangs holds up nobody, and is let go at the end', async () => {
  const w = world();
  w.append(1);
  w.receiver = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new SinkError('unreachable', 'The receiver hung.')));
    });
  const pump = await w.start();
  await until(() => w.tried.length === 1);
  w.append(5000);
  assert.is(pump.state().behind, 5001);
  await pump.close();
  assert.equal([w.got, w.tried], [[], [1]]);
});

test.run();
