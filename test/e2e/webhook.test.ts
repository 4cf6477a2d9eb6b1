import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PATH_TOKEN, startFakeWebhook, type Taken } from '../support/fake-webhook.ts';
import { eventually } from '../support/host.ts';
import { openMailbox } from '../support/mailbox.ts';
import { realClock } from '../support/real-clock.ts';
import { decide, openPage } from '../support/reviewer.ts';
import { approvalId, makeWorkspace, statusOf, type TestWorkspace } from '../support/workspace.ts';

const HMAC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** RFC 8032, 7.1, test 1. */
const PRIVATE = `whsk_${Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex').toString('base64')}`;
const PUBLIC = `whpk_${Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString('base64')}`;

const RULES = `unmatched: review
review: { reviewers: [alice], notify: [email, "webhook:siem", "webhook:stuck", "webhook:gone"] }
rules: []
`;

const mailbox = await openMailbox();
const siem = await startFakeWebhook({ clock: realClock, keys: [HMAC, PUBLIC] });
const stuck = await startFakeWebhook({ clock: realClock, keys: [HMAC] });
const gone = await startFakeWebhook({ clock: realClock, keys: [HMAC] });
stuck.behave({ kind: 'hang' });
gone.behave({ kind: 'status', status: 410 });
const env = {
  PLACET_SMTP_URL: mailbox.smtpUrl,
  PLACET_WEBHOOK_SIEM_URL: siem.url,
  PLACET_WEBHOOK_SIEM_SECRET: `${HMAC} ${PRIVATE}`,
  PLACET_WEBHOOK_STUCK_URL: stuck.url,
  PLACET_WEBHOOK_STUCK_SECRET: HMAC,
  PLACET_WEBHOOK_GONE_URL: gone.url,
  PLACET_WEBHOOK_GONE_SECRET: HMAC,
};
const workspace = makeWorkspace({ rules: RULES, env: { ...env, PLACET_WEBHOOK_ALLOW: '127.0.0.1' } });
const agent = await workspace.agent();

test.after(async () => {
  await workspace.end();
  for (const each of [siem, stuck, gone]) await each.close();
  await mailbox.close();
});

function told(id: string, type: string): Promise<Taken> {
  return eventually(
    async () => siem.taken.find(({ event }) => event.data.request_id === id && event.type === type),
    `the webhook was told of ${type}`,
  );
}

/** What the journal says of notices to webhooks about a request. */
function notices(id: string): readonly string[] {
  return workspace
    .journal()
    .filter((entry) => entry.request_id === id && String(entry.channel).startsWith('webhook:'))
    .map(({ type, channel, notice, reviewer }) => [type, channel, notice, reviewer ?? 'nobody'].join(' '));
}

async function problems(of: TestWorkspace): Promise<readonly string[]> {
  const { stdout } = await of.placet('status', '--json');
  return (JSON.parse(stdout) as { problems: readonly string[] }).problems;
}

test('a webhook is told that a call waits and how it ended, while another one hangs', async () => {
  const path = join(workspace.dir, 'files', 'told.txt');
  const held = await agent.call('files__write_file', { path, content: 'written\n' });
  const id = approvalId(held);
  const [mail, asked] = await Promise.all([
    mailbox.ask(id, 'alice@example.com'),
    told(id, 'approval.requested'),
  ]);
  assert.is(stuck.asked(), 1);
  const { data } = asked.event;
  assert.is(data.status, 'pending');
  assert.is(data.tool, 'write_file');
  assert.equal(data.owner, { id: 'bob', name: 'Bob Ito' });
  assert.equal(
    data.arguments?.rows.map((row) => row.value),
    [path, 'written[U+000A line feed]'],
  );
  assert.match(data.url, new RegExp(`^http://localhost:\\d+/console/requests/${id}$`));
  assert.match(data.checkpoint ?? '', '\n\n— ');

  await decide(await openPage(mail.link), { decision: 'approve', confirm: 'write_file' });
  assert.is(statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds: 25 })), 'succeeded');
  const resolved = await told(id, 'approval.resolved');
  assert.is(resolved.event.data.status, 'succeeded');
  assert.equal(
    resolved.event.data.decisions?.map(({ person, decision, verification }) => [
      person.id,
      decision,
      verification,
    ]),
    [['alice', 'approve', 'link']],
  );
  assert.is(resolved.event.data.action_digest, data.action_digest);
  assert.is.not(resolved.id, asked.id);
  await eventually(async () => (notices(id).length === 3 ? true : undefined), 'all was journalled');
  assert.equal(notices(id).toSorted(), [
    'notice.failed webhook:gone ask nobody',
    'notice.sent webhook:siem ask nobody',
    'notice.sent webhook:siem outcome nobody',
  ]);
  assert.equal([...siem.refused, ...stuck.refused, ...gone.refused], []);
});

test('what one refused for good is a dead letter, in the status after a restart, too', async () => {
  const id = approvalId(await agent.call('files__write_file', { path: 'x', content: 'dead letter' }));
  const sentence = `webhook:gone was not told the question of ${id}: The webhook gone answers 410 Gone: nothing more is wanted there.`;
  const listed = async (): Promise<true | undefined> =>
    (await problems(workspace)).includes(sentence) ? true : undefined;
  await eventually(listed, 'the dead letter was listed');
  const pid = await workspace.hostPid();
  const before = Date.now();
  await workspace.placet('stop');
  // One that hangs does not hold it.
  assert.ok(Date.now() - before < 8000);
  const again = await workspace.agent();
  assert.is.not(await workspace.hostPid(), pid);
  await eventually(listed, 'the dead letter was listed again');
  await again.close();
});

test('nothing secret of a webhook stands in the journal, the status or the log', async () => {
  const { stdout } = await workspace.placet('status');
  const texts = [
    stdout,
    ...filesBelow(join(workspace.dir, 'data')).map((file) => readFileSync(file, 'latin1')),
  ];
  assert.ok(texts.some((text) => text.includes('webhook:siem')));
  for (const secret of [PATH_TOKEN, HMAC.slice(6), PRIVATE.slice(5)])
    assert.is(texts.filter((text) => text.includes(secret)).length, 0);
});

test('without leave this machine is not reached, the status says so, and mail goes on', async () => {
  const asked = siem.connections();
  const closed = makeWorkspace({ rules: RULES, env });
  try {
    const caller = await closed.agent();
    const id = approvalId(await caller.call('files__write_file', { path: 'x', content: 'y' }));
    await mailbox.ask(id, 'alice@example.com');
    await eventually(
      async () =>
        (await problems(closed)).includes(
          'The webhook siem leads to 127.0.0.1, which is not on the public Internet: if that is meant, name its host or address in PLACET_WEBHOOK_ALLOW.',
        )
          ? true
          : undefined,
      'the status said so',
    );
    assert.is(siem.connections(), asked);
  } finally {
    await closed.end();
  }
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

test.run();
