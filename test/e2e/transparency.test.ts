import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';
import { openMailbox } from '../support/mailbox.ts';
import { decide, openPage } from '../support/reviewer.ts';
import { eventually } from '../support/host.ts';
import { tempDir } from '../support/temp.ts';

/** What an auditor or a monitor meets, over the real program, a real mail server and a real socket. */

const TOKEN = 'c2VjcmV0LXRva2VuLWZvci1hLW1vbml0b3ItMTIzNDU2';
const mailbox = await openMailbox();
const workspace = makeWorkspace({
  env: { PLACET_SMTP_URL: mailbox.smtpUrl, PLACET_MONITOR_TOKEN: TOKEN },
});
let agent = await workspace.agent();
const { url } = JSON.parse((await workspace.placet('status', '--json')).stdout) as { url: string };
/** Where an outsider keeps their mails. */
const kept = tempDir();
const journal = join(workspace.dir, 'data', 'journal');

test.after(async () => {
  await workspace.end();
  await mailbox.close();
});

interface Verdict {
  readonly ok: boolean;
  readonly entries: number;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

async function verify(...args: readonly string[]): Promise<{ code: number | null; verdict: Verdict }> {
  const { code, stdout, stderr } = await workspace.placet('log', 'verify', '--json', ...args);
  if (stdout === '') throw new Error(stderr);
  return { code, verdict: JSON.parse(stdout) as Verdict };
}

const codes = ({ problems }: Verdict): readonly string[] => [...new Set(problems.map(({ code }) => code))];

async function approved(name: string): Promise<string> {
  const path = join(workspace.dir, 'files', name);
  const id = approvalId(await agent.call('files__write_file', { path, content: `${name}\n` }));
  const { link } = await mailbox.ask(id, 'alice@example.com');
  assert.is(await decide(await openPage(link), { decision: 'approve', confirm: 'write_file' }), 303);
  assert.is(statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds: 25 })), 'succeeded');
  await mailbox.outcome(id, 'alice@example.com');
  return id;
}

function keepMails(): void {
  for (const [index, { raw }] of mailbox.inbox.mails.entries())
    writeFileSync(join(kept, `${index}.eml`), raw);
}

/** A checkpoint's size, as anyone reads it. */
const sizeOf = (note: string): number => Number(note.split('\n')[1]);

test('a mail that asks pins the very request, in its header and in its attachment', async () => {
  const id = await approved('first.txt');
  const mail = mailbox.inbox.mails.find(({ parsed }) => parsed.headers.get('x-placet-request') === id);
  const header = mail?.parsed.headers.get('x-placet-checkpoint');
  assert.type(header, 'string');
  const note = Buffer.from((header as string).replaceAll(/\s/g, ''), 'base64').toString('utf8');
  const [attachment] = mail?.parsed.attachments ?? [];
  assert.is(attachment?.filename, 'checkpoint.txt');
  assert.is(attachment?.content.toString('utf8').replaceAll('\r\n', '\n'), note);
  const requested = workspace
    .journal()
    .find((entry) => entry.type === 'approval.requested' && entry.request_id === id);
  assert.ok(sizeOf(note) > Number(requested?.seq));
  keepMails();
});

test('the checkpoint is served, covers what was executed, and its tiles with it', async () => {
  const id = await approved('second.txt');
  const executed = workspace
    .journal()
    .find((entry) => entry.type === 'execution.succeeded' && entry.request_id === id);
  const note = await eventually(async () => {
    const text = await (await fetch(`${url}/checkpoint`)).text();
    return sizeOf(text) > Number(executed?.seq) ? text : undefined;
  }, 'a checkpoint over the execution');
  const tile = await fetch(`${url}/tile/0/000.p/${sizeOf(note) % 256}`);
  assert.is(tile.status, 200);
  assert.is((await tile.arrayBuffer()).byteLength, (sizeOf(note) % 256) * 32);
  assert.match(tile.headers.get('cache-control') ?? '', 'immutable');
});

test('entries are served to whoever has the monitor’s token and to nobody else', async () => {
  const size = sizeOf(await (await fetch(`${url}/checkpoint`)).text());
  const path = `${url}/tile/entries/000.p/${size % 256}`;
  assert.is((await fetch(path)).status, 401);
  assert.is((await fetch(path, { headers: { authorization: 'Bearer wrong' } })).status, 401);
  const answer = await fetch(path, { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.is(answer.status, 200);
  const bundle = Buffer.from(await answer.arrayBuffer());
  const first = bundle.subarray(2, 2 + bundle.readUInt16BE());
  assert.is(first.toString('utf8'), readFileSync(join(journal, '00000000.jsonl'), 'utf8').split('\n')[0]);
});

test('verification extends every mail that was kept, and a proof of a decision stands alone', async () => {
  const id = await approved('third.txt');
  keepMails();
  const { code, verdict } = await verify('--witness', kept);
  assert.equal(verdict.problems, []);
  assert.is(code, 0);
  const out = tempDir();
  assert.is((await workspace.placet('log', 'prove', id, '--out', out)).code, 0);
  const proofs = readdirSync(out);
  assert.ok(proofs.length >= 4, 'a decision, a resolution, a start, an outcome');
  const key = (await workspace.placet('log', 'key')).stdout.trim();
  for (const proof of proofs) {
    const checked = await workspace.placet('log', 'check', join(out, proof), '--key', key);
    assert.is(checked.code, 0, checked.stderr);
  }
  const other = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const refused = await workspace.placet('log', 'check', join(out, proofs[0] ?? ''), '--key', other);
  assert.is(refused.code, 1);
});

test('whoever has the key rewrites the log, and an older mail shows it', async () => {
  keepMails();
  await workspace.placet('stop');
  const honest = tempDir();
  cpSync(journal, join(honest, 'journal'), { recursive: true });
  const segment = join(journal, '00000000.jsonl');
  const lines = readFileSync(segment, 'utf8').trimEnd().split('\n');
  // The insider leaves no trace in the lines themselves: a later start signs whatever stands there.
  const end = lines.findIndex((line) => line.includes('approval.requested'));
  writeFileSync(segment, `${lines.slice(0, end - 1).join('\n')}\n`);
  for (const name of ['snapshot.json', 'head', 'checkpoint', 'checkpoints.log', 'tile'])
    rmSync(join(journal, name), { recursive: true, force: true });
  rmSync(join(workspace.dir, 'data', 'history.json'), { force: true });
  const again = await workspace.agent();
  await again.call('files__read_file', { path: join(workspace.dir, 'files', 'hello.txt') });
  await workspace.placet('stop');
  assert.ok(existsSync(join(journal, 'checkpoint')), 'it signs again');

  const alone = await verify();
  assert.equal(codes(alone.verdict), [], 'nothing in the folder itself tells');
  const { code, verdict } = await verify('--witness', kept);
  assert.is(code, 1);
  assert.ok(
    verdict.problems.every((problem) => ['contradicts', 'tail_cut', 'checkpoint_key'].includes(problem.code)),
    JSON.stringify(verdict.problems),
  );
  assert.ok(verdict.problems.length > 0);

  rmSync(journal, { recursive: true });
  mkdirSync(journal, { recursive: true });
  cpSync(join(honest, 'journal'), journal, { recursive: true });
  agent = await workspace.agent();
});

test('the key is turned over, and everything still verifies', async () => {
  const before = (await workspace.placet('log', 'key')).stdout.trim();
  const { code, stderr } = await workspace.placet('log', 'rotate-key', '--reason', 'the yearly change');
  assert.is(code, 0, stderr);
  const after = (await workspace.placet('log', 'key')).stdout.trim();
  assert.is.not(after, before);
  await approved('fourth.txt');
  const { verdict } = await verify('--witness', kept, '--key', before);
  assert.equal(verdict.problems, []);
});

test('a journal that was cut does not start again', async () => {
  await workspace.placet('stop');
  const segment = join(journal, '00000000.jsonl');
  const whole = readFileSync(segment, 'utf8');
  writeFileSync(segment, `${whole.trimEnd().split('\n').slice(0, -3).join('\n')}\n`);
  const { code, stderr } = await workspace.placet('people', 'invite', 'alice');
  assert.is(code, 1);
  assert.match(stderr, /The journal is damaged/);
  assert.ok(codes((await verify()).verdict).includes('tail_cut'));
  writeFileSync(segment, whole);
  assert.is((await verify()).code, 0);
});

test.run();
