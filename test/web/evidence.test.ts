import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EvidenceError } from '../../src/core/errors.ts';
import type { Exception } from '../../src/core/evidence.ts';
import type { Authenticator } from '../support/authenticator.ts';
import { ConsoleBrowser, formIn, signedFields } from '../support/console-browser.ts';
import { CONSOLE_PEOPLE, withConsole, type ConsoleSite } from '../support/console-site.ts';

const AUDITED = {
  ...CONSOLE_PEOPLE,
  people: [
    ...CONSOLE_PEOPLE.people,
    { id: 'ann', name: 'Ann Audit', emails: ['ann@example.com'], role: 'auditor' as const },
  ],
};

const DENIED: Exception = {
  kind: 'denied',
  seq: 7,
  at: '2026-10-05T10:00:00.000Z',
  agent: 'claude-desktop',
  server: 'files',
  tool: '<b>rm\u202e</b>',
  detail: 'The rule no-scripts denies this call.',
};
const EXPIRED: Exception = {
  kind: 'expired',
  seq: 9,
  at: '2026-10-06T10:00:00.000Z',
  request_id: 'apr_1',
  detail: 'Nobody decided in time.',
};
/** Over the canonical lines of the two. */
const DIGEST = '984c9f04c72138accef573c21269bae94652abbf6f2a7fed7288201fa8f813f4';
const OCTOBER = 'from=2026-10-01&to=2026-10-31';

/** Ann, the auditor, signed in at a site whose journal tells of two exceptions. */
async function auditing(site: ConsoleSite): Promise<{ browser: ConsoleBrowser; key: Authenticator }> {
  site.setPeople(AUDITED);
  site.evidenceDesk.exceptions = [DENIED, EXPIRED];
  site.evidenceDesk.size = 2;
  return visiting(site, 'ann');
}

async function visiting(site: ConsoleSite, person: string) {
  const key = await site.enrol(person);
  const browser = new ConsoleBrowser(site);
  await browser.signIn(key);
  return { browser, key };
}

const reviews = (site: ConsoleSite) =>
  site.journal.entries.filter(({ type }) => type === 'evidence.reviewed');

test(
  'an auditor sees figures and exceptions, with the ways to the requests, and hostile names are harmless',
  withConsole(async (site) => {
    const { browser } = await auditing(site);
    site.evidenceDesk.tally = {
      calls: 1234,
      by_verdict: { allow: 1200, review: 30, deny: 4 },
      by_tool: { 'files/write_file': 30 },
      by_person: { alice: { approve: 3, reject: 1 } },
    };
    const { status, text } = await browser.get(`/console/evidence?${OCTOBER}`);
    assert.is(status, 200);
    assert.match(text, '<dt>Calls</dt><dd>1,234');
    assert.match(text, '<th scope="row">files/write_file</th><td class="number">30</td>');
    assert.match(text, '<th scope="row">Alice Ng</th><td class="number">3</td><td class="number">1</td>');
    assert.match(text, '&lt;b&gt;rm<mark>');
    assert.not.match(text, '<b>rm');
    assert.match(text, 'href="../console/requests/apr_1"');
    assert.match(text, DIGEST);
    assert.equal(site.evidenceDesk.asked, ['examine 2026-10-01T00:00:00.000Z 2026-11-01T00:00:00.000Z ann']);
  }),
);

test(
  'the last month is shown where nothing is asked for, or what cannot be understood, which is said',
  withConsole(async (site) => {
    const { browser } = await auditing(site);
    await browser.get('/console/evidence');
    assert.match(
      (await browser.get('/console/evidence?from=x&to=2026-10-31')).text,
      'The beginning of the period must be',
    );
    assert.match(
      (await browser.get('/console/evidence?from=2026-10-31&to=2026-10-01')).text,
      'must end after it begins',
    );
    const month = 'examine 2026-10-01T00:00:00.000Z 2026-11-01T00:00:00.000Z ann';
    assert.equal(site.evidenceDesk.asked, [month, month, month]);
  }),
);

test(
  'exceptions of one kind alone are listed where that is asked for, and the digest stays that of all',
  withConsole(async (site) => {
    const { browser } = await auditing(site);
    const { text } = await browser.get(`/console/evidence?${OCTOBER}&kind=expired`);
    assert.match(text, 'Nobody decided in time.');
    assert.not.match(text, 'no-scripts');
    assert.match(text, DIGEST);
  }),
);

test(
  'of many exceptions a page shows a hundred, and leads to the others',
  withConsole(async (site) => {
    const { browser } = await auditing(site);
    site.evidenceDesk.exceptions = Array.from({ length: 101 }, (_, seq) => ({ ...EXPIRED, seq }));
    const first = await browser.get(`/console/evidence?${OCTOBER}`);
    assert.match(first.text, '1 to 100 of 101 exceptions');
    assert.match(first.text, 'page=2');
    const second = await browser.get(`/console/evidence?${OCTOBER}&page=2`);
    assert.match(second.text, '101 to 101 of 101 exceptions');
  }),
);

test(
  'a top-level reviewer sees the page, and whoever is neither is told so, sees nothing and has no way there',
  withConsole(async (site) => {
    await auditing(site);
    const { browser: alice } = await visiting(site, 'alice');
    assert.is((await alice.get('/console/evidence')).status, 200);
    assert.match((await alice.get('/console')).text, 'console/evidence"');
    const { browser: dan } = await visiting(site, 'dan');
    const before = site.evidenceDesk.asked.length;
    const refused = await dan.get(`/console/evidence?${OCTOBER}`);
    assert.is(refused.status, 403);
    assert.match(refused.text, 'This is not for you to see');
    assert.not.match(refused.text, 'no-scripts');
    assert.is((await dan.get('/console/evidence/bundle?proof=x')).status, 403);
    assert.is((await dan.post('/console/evidence/review', { proof: 'x' })).status, 403);
    assert.not.match((await dan.get('/console')).text, 'console/evidence"');
    assert.is(site.evidenceDesk.asked.length, before);
  }),
);

test(
  'nobody who is not signed in comes near',
  withConsole(async (site) => {
    await auditing(site);
    const stranger = new ConsoleBrowser(site);
    assert.is((await stranger.get('/console/evidence')).status, 303);
    assert.is((await stranger.get('/console/evidence/bundle?proof=x')).status, 303);
    assert.is((await stranger.post('/console/evidence/review', {})).status, 401);
    assert.equal(site.evidenceDesk.asked, []);
  }),
);

test(
  'a review stands in the journal with exactly what was shown, and on the page',
  withConsole(async (site) => {
    const { browser, key } = await auditing(site);
    const form = await browser.form(`/console/evidence?${OCTOBER}`, 'evidence/review');
    const fields = { ...signedFields(form, key), reason: 'Both are known.' };
    const answer = await browser.post('/console/evidence/review', fields);
    assert.is(answer.status, 303);
    assert.match(String(answer.headers.location), 'console/evidence?from=2026-10-01&to=2026-10-31#reviews');
    const [entry, ...more] = reviews(site);
    assert.equal(more, []);
    const { receipt: _, ...said } = entry as unknown as Record<string, unknown>;
    assert.equal(said, {
      v: 1,
      seq: said['seq'],
      id: said['id'],
      time: said['time'],
      node: said['node'],
      type: 'evidence.reviewed',
      from: '2026-10-01T00:00:00.000Z',
      to: '2026-11-01T00:00:00.000Z',
      size: 2,
      exceptions: 2,
      exceptions_sha256: DIGEST,
      reviewer: 'ann',
      reason: 'Both are known.',
    });
    const { text } = await browser.get(`/console/evidence?${OCTOBER}`);
    assert.match(text, '<b>Ann Audit</b> looked at');
    assert.match(text, 'these exceptions');
    site.evidenceDesk.exceptions = [DENIED];
    assert.match((await browser.get(`/console/evidence?${OCTOBER}`)).text, 'other exceptions than now');
    const again = await browser.post('/console/evidence/review', fields);
    assert.is(again.status, 409);
    assert.is(reviews(site).length, 1);
  }),
);

test(
  'what changed since is refused, and shown as it is now with the words that were typed',
  withConsole(async (site) => {
    const { browser, key } = await auditing(site);
    const form = await browser.form(`/console/evidence?${OCTOBER}`, 'evidence/review');
    site.evidenceDesk.exceptions = [DENIED, EXPIRED, { ...EXPIRED, seq: 11, detail: 'A third one.' }];
    const answer = await browser.post('/console/evidence/review', {
      ...signedFields(form, key),
      reason: 'Both are known.',
    });
    assert.is(answer.status, 409);
    assert.match(answer.text, 'The exceptions have changed');
    assert.match(answer.text, 'A third one.');
    assert.match(answer.text, 'Both are known.');
    assert.equal(reviews(site), []);
    const anew = formIn(answer, 'evidence/review');
    assert.is((await browser.post('/console/evidence/review', signedFields(anew, key))).status, 303);
    assert.is(reviews(site).length, 1);
  }),
);

for (const [title, forge] of [
  ['without its seal', () => ({ proof: '' })],
  ['with a seal of another page', (form: { proof: string }) => ({ proof: form.proof.slice(0, -3) })],
  ['without a signature', () => ({ assertion: '' })],
  ['with a signature that is none', () => ({ assertion: '{"id":"x"}' })],
] as const)
  test(
    `a form ${title} records nothing`,
    withConsole(async (site) => {
      const { browser, key } = await auditing(site);
      const form = await browser.form(`/console/evidence?${OCTOBER}`, 'evidence/review');
      const fields = signedFields(form, key);
      const forged = { ...fields, ...forge(fields as { proof: string }) };
      const { status } = await browser.post('/console/evidence/review', forged);
      assert.ok([403, 422].includes(status), String(status));
      assert.equal(reviews(site), []);
    }),
  );

test(
  "a form of another person's session, from another site or with a field twice records nothing",
  withConsole(async (site) => {
    const { browser, key } = await auditing(site);
    const form = await browser.form(`/console/evidence?${OCTOBER}`, 'evidence/review');
    const fields = signedFields(form, key);
    const { browser: alice } = await visiting(site, 'alice');
    assert.is((await alice.post('/console/evidence/review', fields)).status, 403);
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    assert.is((await browser.post('/console/evidence/review', fields, foreign)).status, 403);
    const twice = `${new URLSearchParams(fields).toString()}&reason=a&reason=b`;
    assert.is((await browser.post('/console/evidence/review', twice)).status, 400);
    assert.equal(reviews(site), []);
  }),
);

test(
  'who lost their seat among the reviewers since the page was served records nothing',
  withConsole(async (site) => {
    await auditing(site);
    const { browser, key } = await visiting(site, 'carol');
    const form = await browser.form(`/console/evidence?${OCTOBER}`, 'evidence/review');
    site.setPeople({ ...AUDITED, groups: { ops: ['alice'] } });
    assert.is((await browser.post('/console/evidence/review', signedFields(form, key))).status, 403);
    assert.equal(reviews(site), []);
  }),
);

test(
  'a form that stood open for too long records nothing',
  withConsole(async (site) => {
    const { key, browser } = await auditing(site);
    const form = await browser.form(`/console/evidence?${OCTOBER}`, 'evidence/review');
    site.clock.advance(8 * 60 * 60_000 + 1000);
    await browser.signIn(key);
    assert.is((await browser.post('/console/evidence/review', signedFields(form, key))).status, 403);
    assert.equal(reviews(site), []);
  }),
);

test(
  'whoever signed on and has no passkey sees it all, and is told that a review takes one',
  withConsole(
    async (site) => {
      site.setPeople(AUDITED);
      site.evidenceDesk.exceptions = [DENIED];
      const browser = new ConsoleBrowser(site);
      const start = await browser.get('/sso/start?for=sign-in');
      const { searchParams } = new URL(String(start.headers.location));
      const back = await browser.get(`/sso/callback?code=c&state=${searchParams.get('state')}`);
      await browser.post('/sso/continue', formIn(back, 'sso/continue').fields);
      const { status, text } = await browser.get(`/console/evidence?${OCTOBER}`);
      assert.is(status, 200);
      assert.match(text, 'no-scripts');
      assert.match(text, 'This takes a passkey that can be used here, and you have none.');
      assert.not.match(text, 'evidence/review"');
    },
    { sso: true },
  ),
);

test(
  'the bundle is sent as a file to whom the link was served, and nothing is journalled',
  withConsole(async (site) => {
    const { browser } = await auditing(site);
    const { text } = await browser.get(`/console/evidence?${OCTOBER}`);
    const [, path = ''] = /href="\.\.\/(console\/evidence\/bundle\?proof=[\w-]+)"/.exec(text) ?? [];
    const entries = site.journal.entries.length;
    const sent = await browser.get(`/${path}`);
    assert.is(sent.status, 200);
    assert.is(sent.text, 'the bundle');
    assert.is(sent.headers['content-type'], 'application/gzip');
    assert.is(sent.headers['content-disposition'], 'attachment; filename="placet-evidence-test.tar.gz"');
    assert.is(sent.headers['cache-control'], 'no-store');
    assert.is(site.evidenceDesk.asked.at(-1), 'bundle 2026-10-01T00:00:00.000Z 2026-11-01T00:00:00.000Z ann');
    assert.is(site.journal.entries.length, entries);
    const made = site.evidenceDesk.asked.length;
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const head = await site.ask(`/${path}`, { method: 'HEAD', headers: { cookie } });
    assert.is(head.status, 200);
    assert.is(site.evidenceDesk.asked.length, made);
    const { browser: alice } = await visiting(site, 'alice');
    assert.is((await alice.get(`/${path}`)).status, 403);
    assert.not.match(
      site.evidenceDesk.asked.join('\n'),
      'bundle 2026-10-01T00:00:00.000Z 2026-11-01T00:00:00.000Z alice',
    );
    assert.is((await browser.get('/console/evidence/bundle')).status, 403);
  }),
);

test(
  'what cannot be had is told, and nothing of it is a mistake of the host',
  withConsole(async (site) => {
    const { browser } = await auditing(site);
    site.evidenceDesk.trouble = new EvidenceError('evidence_busy', 'You are having one made already.');
    const busy = await browser.get(`/console/evidence?${OCTOBER}`);
    assert.is(busy.status, 429);
    assert.match(busy.text, 'You are having one made already.');
    site.evidenceDesk.trouble = new EvidenceError('evidence_failed', 'It could not be read.');
    assert.is((await browser.get(`/console/evidence?${OCTOBER}`)).status, 503);
    assert.equal(site.logged, []);
  }),
);

test(
  'an auditor reads requests that they were not asked about, finds them all in the history, and decides none',
  withConsole(async (site) => {
    const { browser, key } = await auditing(site);
    const id = await site.call('delete_file');
    assert.match((await browser.get('/console')).text, 'You are an auditor');
    assert.match((await browser.get('/console/requests')).text, id);
    const page = await browser.get(`/console/requests/${id}`);
    assert.is(page.status, 200);
    assert.match(page.text, 'The story of this request');
    assert.not.match(page.text, '/decision"');
    const { browser: carol } = await visiting(site, 'carol');
    const theirs = await carol.form(`/console/requests/${id}`, '/decision');
    const posted = await browser.post(`/console/requests/${id}/decision`, {
      ...theirs.fields,
      decision: 'approve',
      assertion: JSON.stringify(key.assert(theirs.toSign?.['approve'] ?? {})),
    });
    assert.is(posted.status, 403);
    assert.is(site.ledger.request(id)?.phase.kind, 'pending');
    assert.is((await browser.get('/console/people')).status, 200);
    assert.is((await browser.get('/console/rules')).status, 200);
    assert.is((await browser.get('/console/journal')).status, 200);
  }),
);

test(
  'an auditor is offered no key that decides, and none is made for them',
  withConsole(async (site) => {
    const { browser, key } = await auditing(site);
    const { text } = await browser.get('/console/me');
    assert.match(text, '<option value="read">');
    assert.not.match(text, '<option value="decide">');
    const begin = await browser.form('/console/me', 'me/keys/begin');
    const prove = await browser.post('/console/me/keys/begin', {
      ...begin.fields,
      name: 'Mine',
      scope: 'decide',
      days: '30',
    });
    const made = await browser.post('/console/me/keys', signedFields(formIn(prove, 'me/keys'), key));
    assert.is(made.status, 403);
    assert.match(made.text, 'You are an auditor');
    assert.equal(site.apiKeys.listOf('ann'), []);
  }),
);

test(
  'an auditor is asked to approve no invitation, and cannot',
  withConsole(async (site) => {
    const { browser, key } = await auditing(site);
    await site.enrol('alice');
    const { invitation } = await site.enrolment.invite('alice', 'operator');
    assert.equal(site.enrolment.awaiting('ann'), []);
    assert.not.match((await browser.get('/console')).text, 'Invitations to approve');
    const receipt = key.receipt({
      act: 'approve_invitation',
      invitation: invitation.id,
      person: 'alice',
      approver: 'ann',
      nonce: 'n1',
    });
    const approving = site.enrolment.approve({ invitation: invitation.id, by: 'ann', receipt });
    assert.match(String(await approving.catch((error: unknown) => error)), 'You are an auditor');
  }),
);

test.run();
