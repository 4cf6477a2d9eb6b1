import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { actionDigest } from '../../src/core/action.ts';
import { canonicalJson } from '../../src/core/json.ts';
import { openPayloadFiles } from '../../src/journal/payload-files.ts';
import { verifyJournal, type Verdict } from '../../src/evidence/verify.ts';
import { seededRandom } from '../support/clock.ts';
import { action, allowed, at, completed, held, requestId, wholeStory } from '../support/journal-drafts.ts';
import { jsonlBench, type JsonlBench } from '../support/jsonl-bench.ts';
import { tempDir } from '../support/temp.ts';

const SEGMENT = '00000000.jsonl';

type Member = Record<string, unknown>;

async function story(): Promise<JsonlBench> {
  const bench = await jsonlBench();
  await wholeStory(bench.journal, bench.clock);
  await bench.journal.append(allowed('c'));
  await bench.journal.append([completed('c')]);
  return bench;
}

const verify = (bench: JsonlBench, now = bench.clock.now()) => verifyJournal({ dir: bench.dir, now });

/** What the replay finds; that the tiles are of other lines is found beside it (`attacks.test.ts`). */
const codes = (verdict: Verdict) =>
  verdict.problems.filter(({ code }) => code !== 'tile').map((problem) => [problem.seq, problem.code]);

/** Changes the lines of the first segment as an insider would who knows the format. */
async function tampered(change: (entries: Member[]) => unknown[]): Promise<Verdict> {
  const bench = await story();
  await bench.journal.close();
  const path = join(bench.dir, SEGMENT);
  const entries = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Member);
  const lines = change(entries).map((entry) => (typeof entry === 'string' ? entry : canonicalJson(entry)));
  writeFileSync(path, `${lines.join('\n')}\n`);
  return verify(bench);
}

const renumbered = (entries: Member[]) => entries.map((entry, seq) => ({ ...entry, seq }));

function find(entries: Member[], type: string): Member {
  const found = entries.find((entry) => entry['type'] === type);
  if (!found) throw new Error(`There is no ${type}.`);
  return found;
}

test('a whole journal passes, counted', async () => {
  const bench = await story();
  assert.equal(await verify(bench), {
    ok: true,
    entries: 11,
    requests: 1,
    escalations: 0,
    executions: 1,
    decisions: { link: 1, sso: 0, passkey: 0, slack: 0, api: 0 },
    solo_approvals: 0,
    signatures: 0,
    payloads: { checked: 0, missing: 0, erased: 0, erasing: 0, unread: true },
    log: {
      root: bench.journal.tree.pinned().root.toString('base64'),
      keys: [],
      tiles: { checked: 0, missing: 0 },
      checkpoints: { kept: 0, right: 0, trusted: 0, cosignatures: 0 },
      stamps: { kept: 0, right: 0 },
      newer: 11,
      head: 'unread',
    },
    problems: [],
    problems_found: 0,
  });
  await bench.journal.close();
});

test('a journal of several segments passes, without a lock and while its host runs', async () => {
  const bench = await jsonlBench();
  const calls = Array.from({ length: 2100 }, (_, n) => bench.journal.append(allowed(`c${n}`)));
  await Promise.all(calls);
  const verdict = await verify(bench);
  assert.equal([verdict.ok, verdict.entries], [true, 4201]);
  await bench.journal.close();
});

test('a last line that is not written whole is told and is no failure', async () => {
  const bench = await story();
  appendFileSync(join(bench.dir, SEGMENT), '{"half');
  const verdict = await verify(bench);
  assert.equal([verdict.ok, verdict.entries, verdict.tail], [true, 11, { file: SEGMENT, bytes: 6 }]);
  await bench.journal.close();
});

test('an append of which only the first entry stands is a tail too', async () => {
  const bench = await story();
  await bench.journal.append(allowed('d'));
  await bench.journal.close();
  const path = join(bench.dir, SEGMENT);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, -1);
  writeFileSync(path, `${lines.join('\n')}\n`);
  // Those of entries that were durable are of a journal that was cut, which is no crash.
  rmSync(join(bench.dir, 'tile'), { recursive: true });
  const verdict = await verify(bench);
  assert.equal([verdict.ok, verdict.entries], [true, 11]);
  assert.equal(verdict.tail, { file: SEGMENT, bytes: Buffer.byteLength(`${lines.at(-1)}\n`) });
});

test('no journal is no whole journal', async () => {
  for (const dir of [tempDir(), join(tempDir(), 'nowhere')]) {
    assert.equal(codes(await verifyJournal({ dir, now: 0 })), [[null, 'journal_missing']]);
  }
});

test('a removed line is found', async () => {
  const verdict = await tampered((entries) => entries.filter((entry) => entry['seq'] !== 9));
  assert.equal(codes(verdict)[0], [9, 'sequence']);
  assert.is(
    verdict.problems.find(({ code }) => code === 'sequence')?.message,
    'line 10 of 00000000.jsonl: it is entry 10 where 9 is expected.',
  );
});

test('a removed first line is found', async () => {
  assert.equal(codes(await tampered((entries) => entries.slice(1)))[0], [0, 'sequence']);
});

test('a removed decision is found although the rest was numbered anew', async () => {
  const verdict = await tampered((entries) =>
    renumbered(entries.filter((entry) => entry['type'] !== 'approval.decided')),
  );
  assert.ok(codes(verdict).some(([, code]) => code === 'illegal'));
  assert.ok(codes(verdict).some(([, code]) => code === 'no_quorum'));
  assert.match(
    verdict.problems.map((problem) => problem.message).join('\n'),
    /is not approved by the decisions that were made/,
  );
});

test('swapped lines are found', async () => {
  const verdict = await tampered(([a, b, c, ...rest]) => [a, c, b, ...rest]);
  assert.equal(codes(verdict)[0], [1, 'sequence']);
});

test('an inserted line is found', async () => {
  const verdict = await tampered(([a, ...rest]) => [a, a, ...rest]);
  assert.equal(codes(verdict)[0], [1, 'sequence']);
});

test('changed arguments are found: the action digest is computed again', async () => {
  const verdict = await tampered((entries) => {
    find(entries, 'call.requested')['args_commit'] = 'f'.repeat(64);
    return entries;
  });
  assert.equal(codes(verdict)[0], [1, 'action_digest']);
});

test('changed arguments are found although the digest of the call was changed with them', async () => {
  const verdict = await tampered((entries) => {
    const call = find(entries, 'call.requested');
    const args_commit = 'f'.repeat(64);
    Object.assign(call, { args_commit, action_digest: actionDigest({ ...action('x'), args_commit }) });
    return entries;
  });
  assert.equal(codes(verdict)[0], [2, 'illegal']);
});

test('an approval by the agent owner is found', async () => {
  const verdict = await tampered((entries) => {
    const request = find(entries, 'approval.requested');
    const terms = request['terms'] as Member[];
    request['terms'] = [{ ...terms[0], reviewers: ['alice', 'bob', 'carol'] }];
    find(entries, 'approval.decided')['reviewer'] = 'bob';
    return entries;
  });
  assert.equal(codes(verdict).slice(0, 2), [
    [3, 'owner_approved'],
    [3, 'illegal'],
  ]);
  assert.ok(codes(verdict).some(([, code]) => code === 'no_quorum'));
});

test('an execution without a request is found', async () => {
  const verdict = await tampered((entries) => {
    const request = find(entries, 'execution.started');
    request['request_id'] = 'apr_other';
    return entries;
  });
  assert.equal(codes(verdict)[0], [6, 'illegal']);
});

test('a line in another form is found', async () => {
  const verdict = await tampered(([a, ...rest]) => [canonicalJson(a).replace('{', '{ '), ...rest]);
  assert.equal(codes(verdict)[0], [0, 'not_canonical']);
});

test('a line that names a member twice is found', async () => {
  const verdict = await tampered(([a, ...rest]) => [canonicalJson(a).replace('{', '{"v":1,'), ...rest]);
  assert.equal(codes(verdict)[0], [0, 'not_canonical']);
});

test('a line that is no entry is found', async () => {
  const verdict = await tampered(([a, ...rest]) => [{ ...a, software: 1 }, ...rest]);
  assert.is(
    verdict.problems[0]?.message,
    'line 1 of 00000000.jsonl: software: Invalid input: expected string, received number.',
  );
});

test('a line that is too long is found, and what follows is still read', async () => {
  const verdict = await tampered(([a, ...rest]) => [{ ...a, software: 'x'.repeat(3_000_000) }, ...rest]);
  assert.equal(codes(verdict), [[0, 'line_too_long']]);
  assert.is(verdict.entries, 10);
});

test('an append that lacks its last entry is found', async () => {
  const verdict = await tampered((entries) =>
    renumbered(entries.filter((entry) => entry['type'] !== 'approval.requested')),
  );
  assert.ok(codes(verdict).some(([, code]) => code === 'append_torn'));
});

test('times that cannot be are found', async () => {
  for (const time of ['2031-01-01T00:00:00.000Z', '2001-01-01T00:00:00.000Z']) {
    const verdict = await tampered(([a, ...rest]) => [{ ...a, time }, ...rest]);
    assert.equal(codes(verdict)[0], [0, 'time']);
  }
});

test('a moved time is found: the id tells when the entry was made', async () => {
  const verdict = await tampered(([a, ...rest]) => [{ ...a, time: '2026-11-23T09:59:59.000Z' }, ...rest]);
  assert.equal(codes(verdict), [[0, 'time']]);
});

test('a removed segment and a strange one are found', async () => {
  const bench = await jsonlBench();
  await Promise.all(Array.from({ length: 4200 }, (_, n) => bench.journal.append(allowed(`c${n}`))));
  await bench.journal.close();
  const [, second = ''] = readdirSync(bench.dir)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
  rmSync(join(bench.dir, second));
  writeFileSync(join(bench.dir, '12.jsonl'), '');
  assert.equal(codes(await verify(bench)).slice(0, 2), [
    [null, 'segment_name'],
    [Number(second.slice(0, 8)), 'sequence'],
  ]);
});

test('of very many problems of a kind forty are listed and all are counted', async () => {
  const verdict = await tampered((entries) => Array.from({ length: 300 }, () => entries[0]));
  assert.is(codes(verdict).length, 40);
  // And the tile of the lines before.
  assert.is(verdict.problems_found, 299 + 1);
});

test('payloads are compared with their commitments, and counted when erased or missing', async () => {
  const bench = await jsonlBench();
  const dir = tempDir();
  const payloads = openPayloadFiles({
    dir,
    key: Buffer.alloc(32),
    clock: bench.clock,
    random: seededRandom(9),
  });
  const refs = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    const ref = await payloads.put(Buffer.from(name), 'synced');
    refs.push(ref);
    const [request, verdict] = allowed(name);
    assert.ok(request?.type === 'call.requested' && verdict);
    const named = {
      ...request,
      args_commit: ref.commit,
      ...(ref.at === undefined ? {} : { args_at: ref.at }),
    };
    await bench.journal.append([{ ...named, action_digest: actionDigest(named) }, verdict]);
  }
  const [, b, c] = refs;
  assert.ok(b && c);
  await payloads.erase(b);
  const pack = join(dir, '00000001.pack');
  const bytes = readFileSync(pack);
  const place = Number(c.at?.split(':')[1]) + 140;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(pack, bytes.subarray(0, bytes.length - 149));
  const verdict = await verifyJournal({ dir: bench.dir, payloads, now: bench.clock.now() });
  assert.equal(verdict.payloads, { checked: 1, missing: 1, erased: 0, erasing: 0 });
  assert.equal(codes(verdict), [
    [3, 'erased_unrecorded'],
    [5, 'payload'],
  ]);
  await payloads.close();
  await bench.journal.close();
});

test('it verifies beside a host that goes on writing', async () => {
  const bench = await jsonlBench();
  const id = requestId(bench.clock);
  await bench.journal.append(held(id, bench.clock), at(id, null));
  const writing = new AbortController();
  const writer = (async () => {
    for (let n = 0; !writing.signal.aborted; n += 1) await bench.journal.append(allowed(`c${n}`));
  })();
  for (let round = 0; round < 20; round += 1) assert.equal((await verify(bench)).problems, []);
  writing.abort();
  await writer;
  await bench.journal.close();
});

test.run();
