import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { JournalError, PlacetError } from '../../src/core/errors.ts';
import type { Ledger } from '../../src/core/ledger.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { FakeClock } from './clock.ts';
import { allowed, at, completed, decided, held, requestId, resolved, wholeStory } from './journal-drafts.ts';

/** A driver of the journal over an empty store of its own, with what a test needs to move it. */
export interface JournalBench {
  journal: Journal;
  ledger: Ledger;
  readonly clock: FakeClock;
  /** Closes, and opens the same store again with an empty ledger. */
  reopen(): Promise<void>;
  /** From now on nothing can be made durable, or it can again. */
  fail(failing: boolean): void;
  /** Lets no sync end until the returned function is called. */
  holdSyncs(): () => void;
}

export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('It was not refused.');
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await rejection(promise);
  return error instanceof PlacetError ? error.code : error.name;
}

/** Waits for what has to happen by itself; an error when it does not within ten seconds. */
export async function until(happened: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!happened()) {
    if (Date.now() > end) throw new Error('It did not happen.');
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}

export async function all(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const list: Entry[] = [];
  for await (const entry of entries) list.push(entry);
  return list;
}

/** Runs each behaviour on a bench of its own, which is closed in the end. */
export function behaviourOf(driver: string, open: () => Promise<JournalBench>) {
  return (title: string, run: (bench: JournalBench) => Promise<void>): void =>
    test(`${driver}: ${title}`, async () => {
      const bench = await open();
      try {
        await run(bench);
      } finally {
        bench.fail(false);
        await bench.journal.close();
      }
    });
}

/** What every driver of the journal has to do. A driver writes one entry, `log.opened`, when it opens. */
export function journalSuite(driver: string, open: () => Promise<JournalBench>): void {
  const behaviour = behaviourOf(driver, open);

  behaviour('begins with log.opened', async ({ journal }) => {
    assert.is(journal.head().size, 1);
    assert.equal(
      (await all(journal.read(0))).map((entry) => [entry.seq, entry.type]),
      [[0, 'log.opened']],
    );
  });

  behaviour('stamps the entries of an append in order and next to each other', async ({ journal }) => {
    const entries = await journal.append(allowed('c1'));
    assert.equal(
      entries.map(({ v, seq, type, time }) => ({ v, seq, type, time })),
      [
        { v: 1, seq: 1, type: 'call.requested', time: '2026-11-23T10:00:00.000Z' },
        { v: 1, seq: 2, type: 'call.allowed', time: '2026-11-23T10:00:00.000Z' },
      ],
    );
    assert.match(entries[0]?.id ?? '', /^ent_[0-9a-z]{26}$/);
    assert.is.not(entries[0]?.id, entries[1]?.id);
  });

  behaviour('reads back exactly what append returned', async ({ journal }) => {
    const entries = await journal.append(allowed('c1'));
    assert.equal(await all(journal.read(1)), entries);
  });

  behaviour('reads a range without its end', async ({ journal }) => {
    for (const name of ['a', 'b', 'c']) await journal.append(allowed(name));
    assert.equal(
      (await all(journal.read(2, 5))).map((entry) => entry.seq),
      [2, 3, 4],
    );
    assert.equal(await all(journal.read(7)), []);
  });

  behaviour('a read that began earlier ends at the head of that time', async ({ journal }) => {
    const reading = journal.read(0);
    await journal.append(allowed('c1'));
    assert.is((await all(reading)).length, 1);
  });

  behaviour('the fold has taken a synced append up when it resolves', async ({ journal, ledger, clock }) => {
    const id = requestId(clock);
    await journal.append(held(id, clock), at(id, null));
    assert.is(ledger.request(id)?.phase.kind, 'pending');
    assert.is(ledger.version(id), 2);
  });

  behaviour('an append that is not synced is seen neither by the fold nor by readers', async (bench) => {
    const { journal, ledger, clock } = bench;
    const id = requestId(clock);
    const release = bench.holdSyncs();
    const appending = journal.append(held(id, clock), at(id, null));
    await journal.append(allowed('c1'), { durability: 'written' }).catch(() => undefined);
    assert.is(ledger.request(id), undefined);
    assert.is(journal.head().size, 1);
    release();
    await appending;
    assert.is(ledger.request(id)?.phase.kind, 'pending');
  });

  behaviour('20 workers racing for one request leave exactly one winner a round', async (bench) => {
    const { journal, ledger, clock } = bench;
    const id = requestId(clock);
    await journal.append(held(id, clock, 2), at(id, null));
    let wins = 0;
    let conflicts = 0;
    for (let round = 0; round < 25; round += 1) {
      const version = ledger.version(id) ?? null;
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          try {
            await journal.append(
              [{ type: 'self_approval.refused', request_id: id, reviewer: 'bob', reason: '' }],
              at(id, version),
            );
            wins += 1;
          } catch (error) {
            if (!(error instanceof JournalError) || error.code !== 'conflict') throw error;
            conflicts += 1;
          }
        }),
      );
    }
    assert.equal([wins, conflicts], [25, 475]);
    assert.is((await journal.readRequest(id)).length, 26);
  });

  behaviour('an old version is a conflict', async ({ journal, clock }) => {
    const id = requestId(clock);
    await journal.append(held(id, clock), at(id, null));
    assert.is(await codeOf(journal.append([decided(id)], at(id, 1))), 'conflict');
    assert.is(await codeOf(journal.append([decided(id)], at(id, null))), 'conflict');
    await journal.append([decided(id)], at(id, 2));
  });

  behaviour('another append to the same request under way is a conflict', async ({ journal, clock }) => {
    const id = requestId(clock);
    await journal.append(held(id, clock), at(id, null));
    const first = journal.append([decided(id)], at(id, 2));
    assert.is(await codeOf(journal.append([decided(id, 'carol')], at(id, 2))), 'conflict');
    await first;
  });

  behaviour(
    'an entry of a request without its expected version is a mistake of the caller',
    async (bench) => {
      const { journal, clock } = bench;
      const id = requestId(clock);
      assert.instance(await rejection(journal.append(held(id, clock))), TypeError);
      assert.instance(await rejection(journal.append(held(id, clock), at('apr_other', null))), TypeError);
      assert.is(journal.head().size, 1);
    },
  );

  behaviour(
    'an append with one illegal entry leaves nothing of itself',
    async ({ journal, ledger, clock }) => {
      const id = requestId(clock);
      await journal.append(held(id, clock, 2), at(id, null));
      const illegal = journal.append([decided(id), resolved(id)], at(id, 2));
      assert.is(await codeOf(illegal), 'no_quorum');
      assert.is(journal.head().size, 3);
      assert.equal(ledger.request(id)?.decisions, []);
      await journal.append([decided(id)], at(id, 2));
    },
  );

  behaviour('an entry that is too long refuses only its own append', async ({ journal }) => {
    const long: Parameters<Journal['append']>[0] = [
      ...allowed('c1').slice(0, 1),
      { type: 'call.denied', call_id: 'c1', policy: { rule: 'r', version: 'v' }, reason: 'x'.repeat(65_536) },
    ];
    const [bad, good] = await Promise.allSettled([journal.append(long), journal.append(allowed('c2'))]);
    assert.is(bad.status === 'rejected' && (bad.reason as JournalError).code, 'entry_too_long');
    assert.is(good.status, 'fulfilled');
    assert.is(journal.head().size, 3);
  });

  behaviour('text that is no Unicode refuses only its own append', async ({ journal }) => {
    const [draft] = allowed('c1');
    assert.ok(draft?.type === 'call.requested');
    assert.is(await codeOf(journal.append([{ ...draft, tool: 'x\ud800' }])), 'json_not_canonical');
    await journal.append(allowed('c1'));
  });

  behaviour('the end of a call is admitted while its beginning is on its way to the disk', async (bench) => {
    const { journal, ledger } = bench;
    const release = bench.holdSyncs();
    const first = journal.append(allowed('c1'));
    const second = journal.append([completed('c1')]);
    assert.is(await codeOf(journal.append([completed('c1')])), 'illegal_call');
    release();
    await Promise.all([first, second]);
    assert.equal([...ledger.openCalls()], []);
    assert.is(journal.head().size, 4);
  });

  behaviour('a written append resolves before it is synced, and is synced within 5 ms', async (bench) => {
    const { journal, clock } = bench;
    await journal.append(allowed('c1'), { durability: 'written' });
    assert.is(journal.head().size, 1);
    clock.advance(5);
    await until(() => journal.head().size === 3);
  });

  behaviour('an append behind rides on the next sync', async ({ journal }) => {
    await journal.append(allowed('c1'), { durability: 'behind' });
    assert.is(journal.head().size, 1);
    await journal.append(allowed('c2'));
    assert.equal(
      (await all(journal.read(0))).map((entry) => entry.type),
      ['log.opened', 'call.requested', 'call.allowed', 'call.requested', 'call.allowed'],
    );
  });

  behaviour(
    'an append behind is synced within 20 ms although nothing follows',
    async ({ journal, clock }) => {
      await journal.append(allowed('c1'), { durability: 'behind' });
      clock.advance(20);
      await until(() => journal.head().size === 3);
    },
  );

  behaviour('close makes durable what was written and behind', async (bench) => {
    await bench.journal.append(allowed('c1'), { durability: 'written' });
    await bench.journal.append([completed('c1')], { durability: 'behind' });
    await bench.reopen();
    assert.is(bench.journal.head().size, 5);
    assert.equal([...bench.ledger.openCalls()], []);
  });

  behaviour('an append after close is refused', async ({ journal }) => {
    await journal.close();
    assert.is(await codeOf(journal.append(allowed('c1'))), 'journal_closed');
  });

  behaviour('the same state stands after it is opened again', async (bench) => {
    const id = await wholeStory(bench.journal, bench.clock);
    await bench.journal.append(allowed('c1'));
    const before = bench.ledger.save();
    await bench.reopen();
    assert.equal(bench.ledger.save(), before);
    assert.is(bench.ledger.request(id)?.phase.kind, 'succeeded');
  });

  behaviour('reads the entries of one request among others, in order', async ({ journal, clock }) => {
    const first = await wholeStory(journal, clock);
    clock.advance(1000);
    const second = await wholeStory(journal, clock);
    for (const id of [first, second]) {
      assert.equal(
        (await journal.readRequest(id)).map((entry) => entry.type),
        [
          'approval.requested',
          'approval.decided',
          'approval.resolved',
          'execution.claimed',
          'execution.started',
          'execution.succeeded',
        ],
      );
    }
    assert.equal(await journal.readRequest(requestId(clock)), []);
    assert.equal(await journal.readRequest('anything "request_id":"'), []);
  });

  behaviour('finds an old request although the clock stood wrong meanwhile', async ({ journal, clock }) => {
    const now = await wholeStory(journal, clock);
    clock.advance(-10 * 365 * 24 * 3600 * 1000);
    const past = await wholeStory(journal, clock);
    clock.advance(20 * 365 * 24 * 3600 * 1000);
    const future = await wholeStory(journal, clock);
    for (const id of [now, past, future]) assert.is((await journal.readRequest(id)).length, 6);
  });

  behaviour('when nothing can be made durable, everyone who waits is told', async (bench) => {
    const { journal } = bench;
    bench.fail(true);
    const codes = await Promise.all(['a', 'b', 'c'].map((name) => codeOf(journal.append(allowed(name)))));
    assert.equal(codes, ['journal_unwritable', 'journal_unwritable', 'journal_unwritable']);
    assert.match(journal.trouble() ?? '', /cannot be written/);
    assert.is(journal.head().size, 1);
  });

  behaviour('what failed leaves no trace in the fold', async (bench) => {
    const { journal, ledger, clock } = bench;
    const id = requestId(clock);
    await journal.append(held(id, clock), at(id, null));
    const before = ledger.save();
    bench.fail(true);
    assert.is(await codeOf(journal.append([decided(id), resolved(id)], at(id, 2))), 'journal_unwritable');
    assert.equal(ledger.save(), before);
  });

  behaviour('goes on by itself, with the next number, when the disk does', async (bench) => {
    const { journal } = bench;
    await journal.append(allowed('a'));
    bench.fail(true);
    assert.is(await codeOf(journal.append(allowed('b'))), 'journal_unwritable');
    assert.is(await codeOf(journal.append(allowed('b'))), 'journal_unwritable');
    bench.fail(false);
    const [entry] = await journal.append(allowed('b'));
    assert.is(entry?.seq, 3);
    assert.is(journal.trouble(), undefined);
    await bench.reopen();
    assert.equal(
      (await all(bench.journal.read(0))).map((each) => each.seq),
      [0, 1, 2, 3, 4, 5],
    );
  });

  behaviour('a decision that could not be written can be made again', async (bench) => {
    const { journal, ledger, clock } = bench;
    const id = requestId(clock);
    await journal.append(held(id, clock), at(id, null));
    bench.fail(true);
    assert.is(await codeOf(journal.append([decided(id)], at(id, 2))), 'journal_unwritable');
    bench.fail(false);
    await journal.append([decided(id)], at(id, 2));
    assert.is(ledger.request(id)?.decisions.length, 1);
  });

  behaviour('what was written or behind is not lost to a failed sync', async (bench) => {
    const { journal, clock } = bench;
    await journal.append(allowed('a'), { durability: 'written' });
    await journal.append([completed('a')], { durability: 'behind' });
    bench.fail(true);
    clock.advance(5);
    assert.is(await codeOf(journal.append(allowed('b'))), 'journal_unwritable');
    bench.fail(false);
    await journal.append(allowed('c'));
    assert.equal(
      (await all(journal.read(1))).map((entry) => [entry.type, 'call_id' in entry && entry.call_id]),
      [
        ['call.requested', 'a'],
        ['call.allowed', 'a'],
        ['call.completed', 'a'],
        ['call.requested', 'c'],
        ['call.allowed', 'c'],
      ],
    );
  });

  behaviour(
    'what was written is made durable after a failure although nothing else is appended',
    async (bench) => {
      const { journal, clock } = bench;
      await journal.append(allowed('a'), { durability: 'written' });
      bench.fail(true);
      clock.advance(5);
      await rejection(journal.append(allowed('b')));
      bench.fail(false);
      clock.advance(1000);
      await until(() => journal.head().size === 3);
      assert.equal(
        [...bench.ledger.openCalls()].map((call) => call.call_id),
        ['a'],
      );
    },
  );

  behaviour('an append made by whoever hears of an entry is not a conflict with it', async (bench) => {
    const { journal, ledger, clock } = bench;
    const id = requestId(clock);
    const apply = ledger.apply.bind(ledger);
    let reaction: Promise<unknown> | undefined;
    ledger.apply = (entry) => {
      apply(entry);
      if (entry.type === 'approval.requested') reaction = journal.append([decided(id)], at(id, entry.seq));
    };
    await journal.append(held(id, clock), at(id, null));
    await reaction;
    assert.is(ledger.request(id)?.decisions.length, 1);
  });
}
