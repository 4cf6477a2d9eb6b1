import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { decisionForms, signedFields } from '../support/console-browser.ts';
import { openOutside } from '../support/outside.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

const HTML = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'&<a href=//evil.example>x</a>';
const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const RULES = `unmatched: review
review: { reviewers: [alice] }
`;

const inbox = await openInbox();
const workspace = makeWorkspace({ people: PEOPLE, rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);
const key = await site.enrol('alice');
const alice = site.browser();
await alice.signIn(key);

test.after(async () => {
  await workspace.end();
  await inbox.close();
});

const hold = async (name: string, content = 'written\n', reason = HTML): Promise<string> => {
  const path = join(workspace.dir, 'files', name);
  const params = {
    name: 'files__write_file',
    arguments: { path, content, [HTML]: HTML },
    _meta: { 'placet/reason': reason },
  };
  return approvalId((await agent.client.callTool(params)) as Parameters<typeof approvalId>[0]);
};

/** No element but those of the site's own pages, and no attribute that runs anything or leads away. */
function mustBeHarmless(text: string, where: string): void {
  assert.not.match(text, /<img src=x|<script>|<a href=\/\/evil|onerror=alert\(1\)>/, where);
  for (const [tag] of text.matchAll(/<[a-z][^>]*>/gi)) {
    const names = tag.replaceAll(/"[^"]*"/g, '""');
    assert.not.match(names, /\son\w+=/i, `${where}: ${tag}`);
  }
  for (const [, scheme = ''] of text.matchAll(/(?:href|src|action)="([^"]*)"/g))
    assert.not.match(scheme, /^(?:\/\/|javascript:|data:|https?:)/i, where);
}

for (const target of [
  '//evil.example',
  'https://evil.example/',
  '/\\evil.example',
  'console/../../evil',
  '%0d%0aX-Evil:1',
])
  test(`signing in never leads to ${target}`, async () => {
    const paths = ['/', '/sign-in', '/console', '/sso/start'].flatMap((path) =>
      ['to', 'next', 'return', 'for', 'redirect_uri'].map((name) => `${path}?${name}=${target}`),
    );
    for (const path of [...paths, `/${target}`, `//evil.example/console`, `/console/${target}`])
      for (const browser of [site.browser(), alice]) {
        const { headers, text } = await browser.get(
          encodeURI(path).replaceAll('%25', '%').replaceAll('\\', '%5C'),
        );
        const led = new URL(headers.location ?? '', `${site.origin}/`);
        assert.is(led.origin, site.origin, path);
        assert.is(headers['x-evil'], undefined);
        assert.not.match(text, /(?:href|src|action)="[^"]*evil\.example/, path);
      }
    const browser = site.browser();
    const form = await browser.form(`/sign-in?to=${encodeURIComponent(target)}`, 'sign-in');
    const answer = await browser.post('/sign-in', { ...signedFields(form, key), to: target });
    assert.is(
      new URL(answer.headers.location ?? '', `${site.origin}/sign-in`).href,
      `${site.origin}/console`,
    );
  });

test('a Host that is not ours, as after DNS rebinding, is answered with nothing of the site', async () => {
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1', 'localhost:1', 'localhost\t'])
    for (const path of ['/', '/sign-in', '/console', '/healthz']) {
      const answer = await alice.get(path, { host }).catch(() => undefined);
      if (!answer) continue;
      assert.ok([400, 421].includes(answer.status), `${host} ${path}: ${answer.status}`);
      assert.not.match(String(answer.headers.location), 'evil');
    }
});

test('a session that somebody planted is not taken up by a sign-in', async () => {
  const planted = 'P'.repeat(43);
  const name = [...alice.cookies.keys()][0] ?? '';
  const victim = site.browser();
  victim.cookies.set(name, planted);
  assert.is((await victim.signIn(key)).status, 303);
  assert.is.not(victim.cookies.get(name), planted);
  const thief = site.browser();
  thief.cookies.set(name, planted);
  assert.is((await thief.get('/console')).status, 303);
});

test('two session cookies of one name are none', async () => {
  const [name = '', value = ''] = [...alice.cookies][0] ?? [];
  const cookie = `${name}=${'Q'.repeat(43)}; ${name}=${value}`;
  assert.is((await site.browser().get('/console', { cookie })).status, 303);
});

test('HTML in arguments, their names and the reason is shown as text, wherever it is shown', async () => {
  const id = await hold(`${HTML.replaceAll('/', '')}.txt`, HTML);
  const link = await site.linkTo(id, 'alice');
  for (const path of [
    link,
    `/console/requests/${id}`,
    '/console',
    '/console/requests',
    `/console/requests?text=${encodeURIComponent(HTML)}&agent=${encodeURIComponent(HTML)}`,
  ])
    mustBeHarmless((await alice.get(path)).text, path);
  assert.match((await alice.get(link)).text, '&lt;img src=x onerror=alert(1)&gt;');
  const { signed } = decisionForms(await alice.get(link));
  assert.ok(signed);
  const again = await alice.post(`${link}/decision`, { ...signed.fields, reason: HTML, decision: 'approve' });
  assert.is(again.status, 422);
  mustBeHarmless(again.text, 'the page that is shown again');
  const fields = {
    ...signedFields(signed, key, 'reject'),
    reason: `${HTML}\r\nX-Evil: 1`,
    decision: 'reject',
  };
  const answer = await alice.post(`${link}/decision`, fields);
  assert.is(answer.status, 303);
  assert.is(answer.headers['x-evil'], undefined);
  mustBeHarmless((await alice.get(`/console/requests/${id}`)).text, 'the story');
  assert.is(statusOf(await agent.call('placet_status', { approval_id: id })), 'rejected');
});

test('line breaks and HTML in every field of every form come back in no header and as no element', async () => {
  const invitation = await site.invite('bob');
  const evil = `x\r\nSet-Cookie: a=b\r\n\r\n${HTML}`;
  const names = [
    'proof',
    'assertion',
    'registration',
    'code',
    'name',
    'reason',
    'confirm',
    'decision',
    'outcome',
    'sign_on',
    'to',
  ];
  const fields = Object.fromEntries(names.map((name) => [name, evil]));
  const id = await hold('fields.txt');
  const link = await site.linkTo(id, 'alice');
  for (const path of [
    '/sign-in',
    '/sign-out',
    '/sso/continue',
    `${link}/decision`,
    `${invitation.path}/begin`,
    `${invitation.path}/complete`,
    `/console/requests/${id}/decision`,
    `/console/requests/${id}/reconcile`,
    '/console/me/passkeys/begin',
    '/console/me/passkeys',
    '/console/me/passkeys/revoke',
    '/console/me/sessions/revoke',
    '/console/invitations/approve',
  ]) {
    const answer = await alice.post(path, fields);
    assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
    assert.is(answer.headers['set-cookie'], undefined, path);
    mustBeHarmless(answer.text, path);
  }
  await agent.call('placet_cancel', { approval_id: id });
});

test("a passkey's name is one line of text, shown as such", async () => {
  const { path, code } = await site.invite('bob');
  const browser = site.browser();
  const asked = await browser.post(`${path}/begin`, { code, name: `${HTML}\r\nX-Evil: 1` });
  assert.is(asked.status, 200);
  mustBeHarmless(asked.text, 'the page that makes the key');
});

test.run();
