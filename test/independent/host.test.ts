// needs: go
/** The real program, served and on the disk, verified in Go as an outsider would. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually } from '../support/host.ts';
import { independentVerifier } from '../support/independent.ts';
import { openMailbox } from '../support/mailbox.ts';
import { decide, openPage } from '../support/reviewer.ts';
import { tempDir } from '../support/temp.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

const TOKEN = 'Z28tcmVhZHMtd2hhdC1hLW1vbml0b3ItbWF5LXJlYWQ';
const verify = independentVerifier();
const mailbox = await openMailbox();
const workspace = makeWorkspace({
  env: { PLACET_SMTP_URL: mailbox.smtpUrl, PLACET_MONITOR_TOKEN: TOKEN },
});
const agent = await workspace.agent();
const { url } = JSON.parse((await workspace.placet('status', '--json')).stdout) as { url: string };
const journal = join(workspace.dir, 'data/journal');
const kept = tempDir();
let mails = 0;

test.after(async () => {
  await workspace.end();
  await mailbox.close();
});

async function write(name: string): Promise<string> {
  const path = join(workspace.dir, 'files', name);
  const id = approvalId(await agent.call('files__write_file', { path, content: name }));
  const { link } = await mailbox.ask(id, 'alice@example.com');
  await decide(await openPage(link), { decision: 'approve', confirm: 'write_file' });
  assert.is(statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds: 25 })), 'succeeded');
  return id;
}

/** The checkpoints that mails have brought, as options. */
function pinned(): readonly string[] {
  for (const { parsed } of mailbox.inbox.mails.slice(mails)) {
    const header = parsed.headers.get('x-placet-checkpoint');
    if (typeof header !== 'string') continue;
    mails += 1;
    writeFileSync(join(kept, `${mails}.txt`), Buffer.from(header.replaceAll(/\s/g, ''), 'base64'));
  }
  return readdirSync(kept).flatMap((name) => ['-older', join(kept, name)]);
}

async function key(): Promise<readonly string[]> {
  return ['-key', (await workspace.placet('log', 'key')).stdout.trim()];
}

test('a running host serves a log that Go accepts, and that extends every mail', async () => {
  for (const name of ['one.txt', 'two.txt']) {
    await write(name);
    for (let n = 0; n < 40; n += 1)
      await agent.call('files__read_text_file', { path: join(workspace.dir, 'files', name) });
  }
  const older = pinned();
  assert.ok(older.length >= 4, 'two mails that asked');
  const hashes = await eventually(async () => {
    const said = verify(...(await key()), ...older, url);
    return said.ok ? said : undefined;
  }, 'a checkpoint over what the mails pin');
  assert.match(hashes.line, /^ok: hashes of \d{3} entries/);
  const entries = verify(...(await key()), ...older, '-token', TOKEN, url);
  assert.ok(entries.ok, entries.line);
  assert.match(entries.line, /^ok: \d{3} entries/);
});

test('without the credential no entry is shown', async () => {
  const said = verify(...(await key()), '-token', 'x'.repeat(43), url);
  assert.not(said.ok);
  assert.match(said.line, /tile\/entries\/000.*401/);
});

test('each receipt of an executed call is one that Go accepts', async () => {
  const id = await write('three.txt');
  const out = tempDir();
  assert.is((await workspace.placet('log', 'prove', id, '--out', out)).code, 0);
  const proofs = readdirSync(out);
  assert.ok(proofs.length >= 4, 'a decision, a resolution, a start and an outcome');
  for (const name of proofs) {
    const said = verify(...(await key()), '-proof', join(out, name));
    assert.ok(said.ok, `${name}: ${said.line}`);
    assert.match(said.line, /^ok: entry \d+ stands among \d+$/);
  }
});

test('the folder that a host leaves behind is one that Go accepts', async () => {
  await workspace.end();
  const said = verify(...(await key()), ...pinned(), journal);
  assert.ok(said.ok, said.line);
  assert.not(/no checkpoint covers/.test(said.line), 'the last checkpoint covers everything');
});

test.run();
