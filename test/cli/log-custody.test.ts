import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hello, Reply } from '../../src/host/hello.ts';
import { fakeHost } from '../support/fake-host.ts';
import { PEOPLE, policyFolder, RULES } from '../support/policy-folder.ts';

const workspace = dirname(policyFolder({ 'people.yaml': PEOPLE, 'rules.yaml': RULES }));

/** Runs `placet log …` while something in the place of a host answers. */
async function placet(answer: unknown, ...args: readonly string[]) {
  const reply = (): Reply =>
    answer instanceof Error ? { ok: false, code: 'held', error: answer.message } : { ok: true, data: answer };
  const host = await fakeHost(workspace, reply);
  try {
    const command = ['--import', 'tsx', 'src/cli/main.ts', 'log', ...args, '--dir', workspace];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, out, err, asked: [...host.asked] as Hello[] };
  } finally {
    host.close();
  }
}

const HOLD = {
  hold_id: 'hold_1',
  call_id: 'call_1',
  reason: 'Case\u202e 7.',
  by: 'operator',
  placed_at: '2026-11-23T10:00:00.000Z',
};
const RETAINED = {
  dry_run: true,
  before: '2026-11-23T10:00:00.000Z',
  calls: 1234,
  payloads: 3000,
  held: 2,
  under_way: 1,
  first: [{ call_id: 'call_1', time: '2025-10-01T10:00:00.000Z', server: 'files', tool: 'write\u202e' }],
};

test('erase asks the host and says how many payloads went', async () => {
  const answer = { call_id: 'call_1', erased: 3, gone_before: 0 };
  const ran = await placet(answer, 'erase', 'apr_1', '--reason', ' She asked. ');
  assert.equal([ran.code, ran.err], [0, '']);
  assert.equal(ran.asked, [{ placet: 1, op: 'erase', id: 'apr_1', reason: 'She asked.' }]);
  assert.is(
    ran.out,
    'Erased: 3 payloads of call_1. Nobody can read them or test a guess of them; the log verifies as before. Mails, backups and what servers wrote elsewhere are not touched by this.\n',
  );
});

test('erase of what was erased before says when and why', async () => {
  const before = { at: '2026-11-24T10:00:00.000Z', reason: 'She\u202e asked.' };
  const ran = await placet(
    { call_id: 'call_1', erased: 0, gone_before: 3, before },
    'erase',
    'call_1',
    '--reason',
    'x',
  );
  assert.is(ran.code, 0);
  assert.match(ran.out, /^call_1 was erased before, on 24 Nov 2026, 10:00 UTC: She.* asked\.\n/);
  assert.not.match(ran.out, '\u202e');
});

test('what the host refuses is one sentence and exit code 1', async () => {
  const ran = await placet(new Error('Nothing was erased: it is held.'), 'erase', 'call_1', '--reason', 'x');
  assert.equal([ran.code, ran.out, ran.err], [1, '', 'placet: Nothing was erased: it is held. [held]\n']);
});

test('as JSON the answer is printed as the host gave it', async () => {
  const answer = { call_id: 'call_1', erased: 3, gone_before: 0 };
  const ran = await placet(answer, 'erase', 'call_1', '--reason', 'x', '--json');
  assert.equal(JSON.parse(ran.out), answer);
});

test('hold takes a call or --all, and one of them', async () => {
  const one = await placet(HOLD, 'hold', 'call_1', '--reason', 'Case 7.');
  assert.equal(one.asked, [{ placet: 1, op: 'hold', id: 'call_1', reason: 'Case 7.' }]);
  assert.is(one.out, 'Held: the payloads of call_1 until "placet log release hold_1".\n');
  const { call_id: _, ...all } = HOLD;
  const every = await placet(all, 'hold', '--all', '--reason', 'Audit.');
  assert.equal(every.asked, [{ placet: 1, op: 'hold', reason: 'Audit.' }]);
  assert.is(every.out, 'Held: the payloads of all calls until "placet log release hold_1".\n');
  for (const wrong of [['hold'], ['hold', 'call_1', '--all']]) {
    const ran = await placet(HOLD, ...wrong, '--reason', 'x');
    assert.equal([ran.code, ran.asked], [2, []]);
    assert.match(ran.err, 'name a call, or say --all');
  }
});

test('release and holds speak of holds', async () => {
  const released = await placet(HOLD, 'release', 'hold_1', '--reason', 'Closed.');
  assert.equal(released.asked, [{ placet: 1, op: 'release', hold_id: 'hold_1', reason: 'Closed.' }]);
  assert.is(
    released.out,
    'Released: hold_1, which held the payloads of call_1 since 23 Nov 2026, 10:00 UTC.\n',
  );
  const listed = await placet([HOLD], 'holds');
  assert.match(listed.out, /^hold_1 {2}the payloads of call_1, since 23 Nov 2026, 10:00 UTC: Case.* 7\.\n$/);
  assert.not.match(listed.out, '\u202e');
  assert.is((await placet([], 'holds')).out, 'Nothing is held.\n');
});

test('retain shows what would go, and what is kept', async () => {
  const ran = await placet(RETAINED, 'retain', '--older-than', '400d', '--reason', 'Old.', '--dry-run');
  assert.equal(ran.asked, [
    { placet: 1, op: 'retain', older_than_ms: 34_560_000_000, dry_run: true, reason: 'Old.' },
  ]);
  const lines = ran.out.split('\n');
  assert.is(lines[0], 'Would be erased: 3,000 payloads of 1,234 calls made before 23 Nov 2026, 10:00 UTC.');
  assert.is(lines[1], 'Kept although as old: 2 by legal holds, 1 still under way or of unknown outcome.');
  assert.match(lines[2] ?? '', /^ {2}1 Oct 2025, 10:00 UTC {2}files write.* {2}call_1$/);
  assert.is(lines[3], '  … and 1,233 more.');
  const done = await placet(
    { ...RETAINED, dry_run: false },
    'retain',
    '--older-than',
    '12h',
    '--reason',
    'Old.',
  );
  assert.is(done.asked[0]?.op === 'retain' && done.asked[0].older_than_ms, 43_200_000);
  assert.match(done.out, /^Erased: 3,000 payloads of 1,234 calls/);
});

test('an age that is none, and words that are missing, are wrong use', async () => {
  for (const wrong of ['400', '0d', '40000d']) {
    const ran = await placet(RETAINED, 'retain', `--older-than=${wrong}`, '--reason', 'x');
    assert.equal([wrong, ran.code, ran.asked], [wrong, 2, []]);
  }
  for (const args of [
    ['erase', 'call_1'],
    ['erase', 'call_1', '--reason', '  '],
    ['retain', '--reason', 'x'],
  ]) {
    const ran = await placet(RETAINED, ...args);
    assert.equal([args.join(' '), ran.code, ran.asked], [args.join(' '), 2, []]);
  }
});

test('rotate-key prints both keys', async () => {
  const ran = await placet({ previous: 'log+0+a', key: 'log+1+b' }, 'rotate-key', '--reason', 'It leaked.');
  assert.equal(ran.asked, [{ placet: 1, op: 'rotate_key', reason: 'It leaked.' }]);
  assert.match(ran.out, 'log+1+b');
  assert.match(ran.out, 'log+0+a');
});

test.run();
