import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkpointSchema,
  erasedSchema,
  heldSchema,
  holdsSchema,
  retainedSchema,
  rotatedSchema,
} from '../../src/host/custody-ops.ts';
import { createCustodyDesk } from '../../src/host/custody-desk.ts';
import type { Checkpoints } from '../../src/journal/checkpoints.ts';
import { codeOf, guardBench, idOf } from '../support/guard.ts';

/** The signing of the log, as far as the desk asks for it. */
function fakeCheckpoints(size: () => number) {
  let key = 'localhost/placet-1+0+a';
  const reasons: string[] = [];
  const verifier = () => ({ vkey: key }) as ReturnType<Checkpoints['verifier']>;
  const checkpoints: Pick<Checkpoints, 'cover' | 'rotate' | 'verifier'> = {
    verifier,
    async rotate(reason) {
      reasons.push(reason);
      key = 'localhost/placet-1+1+b';
      return verifier();
    },
    cover: async () => ({
      origin: 'localhost/placet-1',
      size: size(),
      root: Buffer.alloc(32, 1),
      note: 'a note\n',
      at: '2026-11-23T10:00:00.000Z',
    }),
  };
  return { checkpoints, reasons };
}

function deskBench() {
  const bench = guardBench();
  const { checkpoints, reasons } = fakeCheckpoints(() => bench.journal.entries.length);
  const desk = createCustodyDesk({
    cases: bench.custody,
    custody: () => bench.ledger.custody,
    checkpoints,
    clock: bench.clock,
  });
  return { bench, desk, reasons };
}

async function rejected({ bench }: ReturnType<typeof deskBench>): Promise<{ id: string; call: string }> {
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'reject');
  return { id, call: bench.ledger.request(id)?.call_id ?? '' };
}

test('an erasure is in the operator’s name, and says what was gone before', async () => {
  const made = deskBench();
  const { id, call } = await rejected(made);
  assert.equal(erasedSchema.parse(await made.desk.erase(id, 'She asked.')), {
    call_id: call,
    erased: 2,
    gone_before: 0,
  });
  const order = made.bench.journal.entries.find((entry) => entry.type === 'payload.erasure_ordered');
  assert.equal(order?.type === 'payload.erasure_ordered' && [order.by, order.reason], [
    'operator',
    'She asked.',
  ]);
  assert.equal(erasedSchema.parse(await made.desk.erase(call, 'Again.')), {
    call_id: call,
    erased: 0,
    gone_before: 2,
    before: { at: '2026-11-23T10:00:00.000Z', reason: 'She asked.' },
  });
});

test('holds are placed, listed oldest first, and released', async () => {
  const made = deskBench();
  const { id, call } = await rejected(made);
  const one = heldSchema.parse(await made.desk.hold(id, 'Case 7.'));
  const all = heldSchema.parse(await made.desk.hold(undefined, 'Audit.'));
  assert.equal([one.call_id, one.by, all.call_id], [call, 'operator', undefined]);
  assert.equal(holdsSchema.parse(made.desk.holds()), [one, all]);
  assert.is(await codeOf(made.desk.erase(id, 'x')), 'held');
  assert.equal(await made.desk.release(one.hold_id, 'Closed.'), one);
  assert.equal(made.desk.holds(), [all]);
});

test('an age is counted back from now', async () => {
  const made = deskBench();
  const { call } = await rejected(made);
  made.bench.clock.advance(2 * 86_400_000);
  const options = { older_than_ms: 86_400_000, reason: 'Old.' };
  const dry = retainedSchema.parse(await made.desk.retain({ ...options, dry_run: true }));
  const time = '2026-11-23T10:00:00.000Z';
  assert.equal(dry, {
    dry_run: true,
    before: '2026-11-24T10:00:00.000Z',
    calls: 1,
    payloads: 2,
    held: 0,
    under_way: 0,
    first: [{ call_id: call, time, server: 'files', tool: 'write_file' }],
  });
  const young = await made.desk.retain({ ...options, older_than_ms: 3 * 86_400_000, dry_run: false });
  assert.is(young.calls, 0);
  const done = retainedSchema.parse(await made.desk.retain({ ...options, dry_run: false }));
  assert.equal(done, { ...dry, dry_run: false });
  assert.is(made.bench.journal.entries.at(-1)?.type, 'payload.erased');
});

test('an age beyond the beginning of time leaves everything', async () => {
  const made = deskBench();
  await rejected(made);
  const retained = await made.desk.retain({
    older_than_ms: Number.MAX_SAFE_INTEGER,
    dry_run: false,
    reason: 'x',
  });
  assert.equal([retained.before, retained.calls], ['1970-01-01T00:00:00.000Z', 0]);
});

test('a rotation names the keys before and after', async () => {
  const made = deskBench();
  assert.equal(rotatedSchema.parse(await made.desk.rotateKey('It leaked.')), {
    previous: 'localhost/placet-1+0+a',
    key: 'localhost/placet-1+1+b',
  });
  assert.equal(made.reasons, ['It leaked.']);
});

test('a checkpoint covers what stands, with the key to check it', async () => {
  const made = deskBench();
  await rejected(made);
  assert.equal(checkpointSchema.parse(await made.desk.checkpoint()), {
    size: made.bench.journal.entries.length,
    root: 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=',
    note: 'a note\n',
    key: 'localhost/placet-1+0+a',
  });
});

test.run();
