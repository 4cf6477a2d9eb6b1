import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../src/core/ids.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { createCustody } from '../../src/guard/custody.ts';
import { seededRandom } from '../support/clock.ts';
import { codeOf, guardBench, idOf, policyOf, reviewRule, type GuardBench } from '../support/guard.ts';
import { rejection } from '../support/rejects.ts';

const WORD = { reason: 'She asked us to.', by: 'operator' };
const DAY = 24 * 60 * 60 * 1000;
const random = seededRandom(3);

/** A held call that was approved, carried out and answered. */
async function done(bench: GuardBench, args = { path: '/srv/a' }): Promise<string> {
  const id = idOf(await bench.call(args));
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
  return id;
}

const callOf = (bench: GuardBench, requestId: string) => bench.ledger.request(requestId)?.call_id ?? '';

/** An allowed call that was answered. @returns its id */
async function allowed(bench: GuardBench, args = { path: '/srv/a' }): Promise<string> {
  await bench.call(args, { tool: 'read_file' });
  await bench.settle();
  const last = bench.journal.entries.findLast((entry) => entry.type === 'call.requested');
  return last?.type === 'call.requested' ? last.call_id : '';
}

const custodyTypes = (bench: GuardBench) =>
  bench.types().filter((type) => type.startsWith('payload.') || type.startsWith('hold.'));

/** As a host that starts on this journal and these payloads. */
function restarted(bench: GuardBench) {
  const ledger = new Ledger();
  for (const entry of bench.journal.entries) ledger.apply(entry);
  const log: string[] = [];
  const { clock, payloads } = bench;
  // The journal in memory goes on for the first host's fold; this one follows what it appends.
  const journal = {
    ...bench.journal,
    append: async (...given: Parameters<GuardBench['journal']['append']>) => {
      const entries = await bench.journal.append(...given);
      for (const entry of entries) ledger.apply(entry);
      return entries;
    },
  };
  const custody = createCustody({ journal, ledger, payloads, clock, random, log: (line) => log.push(line) });
  return { custody, ledger, log };
}

test('arguments, card and result of a held call are erased, after the order and before its end is journalled', async () => {
  const bench = guardBench();
  const id = await done(bench);
  const request = bench.ledger.request(id);
  const call = callOf(bench, id);
  const erased = await bench.custody.erase(call, WORD);
  assert.equal(erased, { call_id: call, erased: 3, gone: 0, misplaced: 0 });
  const [ordered, ended] = bench.journal.entries.slice(-2);
  assert.is(ordered?.type === 'payload.erasure_ordered' && ordered.reason, 'She asked us to.');
  const result = request?.phase.kind === 'succeeded' ? request.phase.result.result_commit : '';
  assert.equal(ordered?.type === 'payload.erasure_ordered' && ordered.payloads.map(({ commit }) => commit), [
    request?.args_commit,
    request?.card_digest,
    result,
  ]);
  assert.equal(ended?.type === 'payload.erased' && { call_id: ended.call_id, erased: ended.erased }, {
    call_id: call,
    erased: 3,
  });
  for (const commit of [request?.args_commit, request?.card_digest, result])
    assert.is(await codeOf(bench.payloads.get({ commit: commit ?? '' })), 'payload_erased');
  assert.equal([...bench.ledger.custody.erasures()], []);
});

test('a request leads to its call', async () => {
  const bench = guardBench();
  const id = await done(bench);
  assert.equal(await bench.custody.erase(id, WORD), {
    call_id: callOf(bench, id),
    erased: 3,
    gone: 0,
    misplaced: 0,
  });
});

test('an allowed call loses its arguments and its result, a denied one its arguments', async () => {
  const bench = guardBench();
  const call = await allowed(bench);
  assert.is((await bench.custody.erase(call, WORD)).erased, 2);
  bench.policy = policyOf({ rules: [{ ...reviewRule(), verdict: 'deny' } as never] });
  await bench.call({ path: '/srv/secret' });
  const denied = bench.journal.entries.findLast((entry) => entry.type === 'call.denied');
  assert.is(
    (await bench.custody.erase(denied?.type === 'call.denied' ? denied.call_id : '', WORD)).erased,
    1,
  );
});

test('a rejected request loses arguments and card, and no other call loses anything', async () => {
  const bench = guardBench();
  const other = await done(bench, { path: '/srv/other' });
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'reject');
  assert.is((await bench.custody.erase(id, WORD)).erased, 2);
  const kept = bench.ledger.request(other);
  assert.ok(await bench.payloads.get({ commit: kept?.args_commit ?? '' }));
});

test('a second erasure says when it was erased before, and writes nothing', async () => {
  const bench = guardBench();
  const id = await done(bench);
  await bench.custody.erase(id, WORD);
  bench.clock.advance(DAY);
  const again = await bench.custody.erase(id, { reason: 'Again.', by: 'operator' });
  assert.equal(again, {
    call_id: callOf(bench, id),
    erased: 0,
    gone: 3,
    misplaced: 0,
    ordered: { at: '2026-11-23T10:00:00.000Z', reason: 'She asked us to.' },
  });
  assert.equal(custodyTypes(bench), ['payload.erasure_ordered', 'payload.erased']);
});

test('what was never ordered and is not kept any more is ordered and journalled all the same', async () => {
  const bench = guardBench();
  const id = await done(bench);
  const { args_commit = '', card_digest = '' } = bench.ledger.request(id) ?? {};
  await bench.payloads.erase({ commit: args_commit }, { commit: card_digest });
  assert.equal(await bench.custody.erase(id, WORD), {
    call_id: callOf(bench, id),
    erased: 1,
    gone: 2,
    misplaced: 0,
  });
});

test('an id of nothing is refused in a sentence', async () => {
  const bench = guardBench();
  await done(bench);
  for (const id of [
    'apr',
    newId('apr', bench.clock.now(), random),
    newId('call', bench.clock.now(), random),
  ]) {
    const error = await rejection(bench.custody.erase(id, WORD));
    assert.equal(
      error instanceof Error && error.message,
      `No call and no request has the id "${id}"; "placet log tail" shows those of the last ones.`,
    );
  }
  assert.equal(custodyTypes(bench), []);
});

test('a call that is still under way keeps its payloads', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const error = await rejection(bench.custody.erase(id, WORD));
  assert.is(
    error instanceof Error && error.message,
    `Nothing was erased: ${callOf(bench, id)} is still under way. Wait for its end, or reject the request.`,
  );
  assert.equal(custodyTypes(bench), []);
});

test('a call of unknown outcome keeps them until somebody has said what became of it', async () => {
  const bench = guardBench();
  bench.answer = async () => {
    throw new Error('The link broke.');
  };
  const id = await done(bench);
  assert.is(bench.ledger.request(id)?.phase.kind, 'outcome_unknown');
  const error = await rejection(bench.custody.erase(id, WORD));
  assert.match(String(error), 'nobody has said yet what became of it'.slice(0, 32));
  bench.clock.advance(500 * DAY);
  const retained = await bench.custody.retain({ before: '2027-12-01', dry_run: false, ...WORD });
  assert.equal([retained.calls, retained.under_way], [0, 1]);
  assert.equal(custodyTypes(bench), []);
});

test('a hold keeps one call, and a hold on everything keeps all', async () => {
  const bench = guardBench();
  const [one, two] = [await done(bench), await done(bench, { path: '/srv/b' })];
  const hold = await bench.custody.hold(one, { reason: 'Case 7.', by: 'operator' });
  assert.equal(hold, {
    hold_id: hold.hold_id,
    call_id: callOf(bench, one),
    reason: 'Case 7.',
    by: 'operator',
    placed_at: '2026-11-23T10:00:00.000Z',
  });
  const error = await rejection(bench.custody.erase(one, WORD));
  assert.is(
    error instanceof Error && error.message,
    `Nothing was erased: the hold ${hold.hold_id} of 23 Nov 2026, 10:00 UTC keeps the payloads of ${callOf(bench, one)}: Case 7. Release it first, if you may.`,
  );
  assert.is((await bench.custody.erase(two, WORD)).erased, 3);
  const all = await bench.custody.hold(undefined, { reason: 'Audit.', by: 'operator' });
  assert.not('call_id' in all);
  await bench.custody.release(hold.hold_id, { reason: 'Closed.', by: 'operator' });
  assert.is(await codeOf(bench.custody.erase(one, WORD)), 'held');
  await bench.custody.release(all.hold_id, { reason: 'Over.', by: 'operator' });
  assert.is((await bench.custody.erase(one, WORD)).erased, 3);
});

test('a hold on what was erased is refused, and so is the release of what is no hold', async () => {
  const bench = guardBench();
  const id = await done(bench);
  await bench.custody.erase(id, WORD);
  const error = await rejection(bench.custody.hold(id, { reason: 'Case 7.', by: 'operator' }));
  assert.is(
    error instanceof Error && error.message,
    `Nothing is held: none of the payloads of ${callOf(bench, id)} is kept here any more. They were erased on 23 Nov 2026, 10:00 UTC: She asked us to.`,
  );
  assert.is(await codeOf(bench.custody.release('hold_x', { reason: 'x', by: 'operator' })), 'unknown_hold');
  assert.is(await codeOf(bench.custody.hold('apr_x', { reason: 'x', by: 'operator' })), 'unknown_call');
});

test('a call under way can be held, which keeps it after its end', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  await bench.custody.hold(id, WORD);
  await bench.decide(await bench.link(id, 'alice'), 'reject');
  assert.is(await codeOf(bench.custody.erase(id, WORD)), 'held');
});

test('where the order cannot be journalled, nothing is erased', async () => {
  const bench = guardBench();
  const id = await done(bench);
  bench.journal.break('The disk is full.');
  assert.is(await codeOf(bench.custody.erase(id, WORD)), 'journal_unwritable');
  assert.ok(await bench.payloads.get({ commit: bench.ledger.request(id)?.args_commit ?? '' }));
  bench.journal.break(undefined);
  bench.clock.advance(120_000);
  await bench.settle();
  assert.equal(custodyTypes(bench), []);
});

test('an erasure that the disk refuses is told, stands ordered, and is finished when the disk is back', async () => {
  const bench = guardBench();
  const id = await done(bench);
  bench.payloads.breakErasing('The disk is read-only.');
  assert.is(await codeOf(bench.custody.erase(id, WORD)), 'journal_unwritable');
  assert.equal(custodyTypes(bench), ['payload.erasure_ordered']);
  bench.clock.advance(1000);
  await bench.settle();
  assert.equal(bench.custody.problems(), [
    'Payloads that were ordered to be erased are not yet: The disk is read-only.',
  ]);
  assert.is(bench.custody.busy(), true);
  bench.payloads.breakErasing(undefined);
  bench.clock.advance(1000);
  await bench.settle();
  assert.equal(custodyTypes(bench), ['payload.erasure_ordered', 'payload.erased']);
  assert.equal([bench.custody.problems(), bench.custody.busy()], [[], false]);
});

test('what was destroyed and could not be journalled is counted when it can be', async () => {
  const bench = guardBench();
  const id = await done(bench);
  const erase = bench.payloads.erase.bind(bench.payloads);
  bench.payloads.erase = async (...refs) => {
    const what = await erase(...refs);
    bench.journal.break('The disk is full.');
    return what;
  };
  assert.is(await codeOf(bench.custody.erase(id, WORD)), 'journal_unwritable');
  bench.payloads.erase = erase;
  bench.journal.break(undefined);
  bench.clock.advance(1000);
  await bench.settle();
  const last = bench.journal.entries.at(-1);
  assert.is(last?.type === 'payload.erased' && last.erased, 3);
});

test('a host that starts finishes what was ordered before a crash, whatever of it was done', async () => {
  for (const gone of [0, 1, 3]) {
    const bench = guardBench();
    const id = await done(bench);
    bench.payloads.breakErasing('Killed.');
    await rejection(bench.custody.erase(id, WORD));
    await bench.custody.close();
    bench.payloads.breakErasing(undefined);
    const [order] = [...bench.ledger.custody.erasures()];
    await bench.payloads.erase(...(order?.payloads.slice(0, gone) ?? []));
    const { custody } = restarted(bench);
    await custody.resume();
    const last = bench.journal.entries.at(-1);
    assert.is(last?.type === 'payload.erased' && last.erased, 3 - gone);
    assert.equal([...bench.ledger.custody.erasures()], []);
    const before = bench.journal.entries.length;
    await custody.resume();
    assert.is(bench.journal.entries.length, before);
  }
});

test('a host on a disk that still fails starts, and finishes later', async () => {
  const bench = guardBench();
  const id = await done(bench);
  bench.payloads.breakErasing('Killed.');
  await rejection(bench.custody.erase(id, WORD));
  await bench.custody.close();
  const { custody, log } = restarted(bench);
  await custody.resume();
  assert.match(
    log[0] ?? '',
    /^Payloads that were ordered to be erased are not yet: Killed\. It is tried again\.$/,
  );
  bench.payloads.breakErasing(undefined);
  bench.clock.advance(1000);
  await bench.settle();
  assert.is(bench.journal.entries.at(-1)?.type, 'payload.erased');
});

test('to order again what is ordered and unfinished finishes it', async () => {
  const bench = guardBench();
  const id = await done(bench);
  bench.payloads.breakErasing('The disk is full.');
  await rejection(bench.custody.erase(id, WORD));
  bench.payloads.breakErasing(undefined);
  assert.is((await bench.custody.erase(id, WORD)).erased, 3);
  assert.equal(custodyTypes(bench), ['payload.erasure_ordered', 'payload.erased']);
});

test('a payload in whose place another one stands leaves the order open, and is named as a problem', async () => {
  const bench = guardBench();
  const id = await done(bench);
  bench.payloads.misplace(bench.ledger.request(id)?.card_digest ?? '');
  const error = await rejection(bench.custody.erase(id, WORD));
  const said = `A payload of ${callOf(bench, id)} is not erased, as another one stands in its place. Restore the payload store from a backup, and order it again.`;
  assert.is(error instanceof Error && error.message, said);
  assert.equal([bench.custody.problems(), bench.custody.busy()], [[said], false]);
  assert.is([...bench.ledger.custody.erasures()].length, 1);
  assert.is(
    await codeOf(bench.payloads.get({ commit: bench.ledger.request(id)?.args_commit ?? '' })),
    'payload_erased',
  );
});

test('a dry run says what would go and what is kept, and changes nothing', async () => {
  const bench = guardBench();
  const old = await done(bench);
  const held = await done(bench, { path: '/srv/held' });
  await bench.custody.hold(held, WORD);
  const waiting = idOf(await bench.call({ path: '/srv/waiting' }));
  const read = await allowed(bench);
  bench.clock.advance(10 * DAY);
  await allowed(bench, { path: '/srv/young' });
  const before = bench.journal.entries.length;
  const options = { before: '2026-11-25T00:00:00.000Z', ...WORD };
  const dry = await bench.custody.retain({ ...options, dry_run: true });
  const item = (call_id: string, tool: string) => ({
    call_id,
    time: '2026-11-23T10:00:00.000Z',
    server: 'files',
    tool,
  });
  assert.equal(dry, {
    calls: 3,
    payloads: 7,
    held: 1,
    under_way: 0,
    // The one that waited expired after half an hour, and is as old as the others; what ended first comes first.
    first: [
      item(callOf(bench, old), 'write_file'),
      item(read, 'read_file'),
      item(callOf(bench, waiting), 'write_file'),
    ],
  });
  assert.is(bench.journal.entries.length, before);
});

test('by age go the old ones with all their payloads, and a second time there is nothing to do', async () => {
  const bench = guardBench();
  const old = await done(bench);
  const read = await allowed(bench);
  bench.clock.advance(10 * DAY);
  const young = await allowed(bench, { path: '/srv/young' });
  const options = { before: '2026-11-25T00:00:00.000Z', dry_run: false, ...WORD };
  const { calls, payloads } = await bench.custody.retain(options);
  assert.equal([calls, payloads], [2, 5]);
  const ended = bench.journal.entries.filter((entry) => entry.type === 'payload.erased');
  assert.equal(
    ended.map((entry) => entry.type === 'payload.erased' && [entry.call_id, entry.erased]),
    [
      [callOf(bench, old), 3],
      [read, 2],
    ],
  );
  assert.is((await bench.custody.erase(young, WORD)).erased, 2);
  const again = await bench.custody.retain(options);
  assert.equal([again.calls, again.payloads, again.first], [0, 0, []]);
});

test('a result that came after the limit goes with the call that was made before it', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ expires_ms: 5 * DAY })] }));
  const id = idOf(await bench.call());
  bench.clock.advance(3 * DAY);
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
  const retained = await bench.custody.retain({
    before: '2026-11-24T00:00:00.000Z',
    dry_run: false,
    ...WORD,
  });
  assert.equal([retained.calls, retained.payloads], [1, 3]);
});

test('one that waits for a decision is counted as under way', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ expires_ms: 5 * DAY })] }));
  idOf(await bench.call());
  bench.clock.advance(3 * DAY);
  const retained = await bench.custody.retain({
    before: '2026-11-24T00:00:00.000Z',
    dry_run: false,
    ...WORD,
  });
  assert.equal([retained.calls, retained.under_way], [0, 1]);
});

test('many go in batches, and a hold that is placed meanwhile keeps the rest', async () => {
  const bench = guardBench();
  for (let count = 0; count < 600; count += 1)
    await bench.call({ path: `/srv/${count}` }, { tool: 'read_file' });
  await bench.settle();
  bench.clock.advance(10 * DAY);
  const erase = bench.payloads.erase.bind(bench.payloads);
  let batches = 0;
  let hold: Promise<unknown> = Promise.resolve();
  bench.payloads.erase = async (...refs) => {
    batches += 1;
    if (batches === 1) hold = bench.custody.hold(undefined, { reason: 'Stop.', by: 'operator' });
    return erase(...refs);
  };
  const options = { before: '2026-11-25T00:00:00.000Z', dry_run: false, ...WORD };
  const retained = await bench.custody.retain(options);
  await hold;
  assert.equal([retained.calls, retained.payloads, retained.held], [256, 512, 344]);
  assert.is(retained.first.length, 100);
  assert.is(batches, 1);
  const [placed] = [...bench.ledger.custody.holds()];
  await bench.custody.release(placed?.hold_id ?? '', WORD);
  const rest = await bench.custody.retain(options);
  assert.equal([rest.calls, rest.held], [344, 0]);
});

test('a host that ends lets a batch come to its end, and erases no more', async () => {
  const bench = guardBench();
  for (let count = 0; count < 300; count += 1)
    await bench.call({ path: `/srv/${count}` }, { tool: 'read_file' });
  await bench.settle();
  bench.clock.advance(10 * DAY);
  const erase = bench.payloads.erase.bind(bench.payloads);
  let closing: Promise<void> = Promise.resolve();
  bench.payloads.erase = async (...refs) => {
    closing = bench.custody.close();
    return erase(...refs);
  };
  const retained = bench.custody.retain({ before: '2026-11-25T00:00:00.000Z', dry_run: false, ...WORD });
  assert.is(await codeOf(retained), 'host_ending');
  await closing;
  assert.is(custodyTypes(bench).filter((type) => type === 'payload.erased').length, 256);
  assert.equal([...bench.ledger.custody.erasures()], []);
});

test('a call that ends while the journal is looked through is erased with its result', async () => {
  const bench = guardBench();
  const id = await done(bench);
  const started = bench.journal.entries.findIndex((entry) => entry.type === 'execution.started');
  let reads = 0;
  const { clock, payloads, ledger } = bench;
  const custody = createCustody({
    journal: {
      append: (drafts, options) => bench.journal.append(drafts, options),
      // The first look saw it running still; what came meanwhile is seen by the second alone.
      readLines: (from) => bench.journal.readLines(from, (reads += 1) === 1 ? started + 1 : undefined),
    },
    ledger,
    payloads,
    clock,
    random,
    log: () => undefined,
  });
  const { erased } = await custody.erase(callOf(bench, id), WORD);
  assert.is(erased, 3);
  const succeeded = bench.journal.entries.find((entry) => entry.type === 'execution.succeeded');
  assert.ok(succeeded?.type === 'execution.succeeded' && succeeded.result_commit !== undefined);
  const at = succeeded.result_at === undefined ? {} : { at: succeeded.result_at };
  assert.not.ok(await payloads.holds({ commit: succeeded.result_commit, ...at }));
});

test.run();
