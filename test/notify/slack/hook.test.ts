import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withConsole, type ConsoleSite } from '../../support/console-site.ts';
import { signatureOf } from '../../support/fake-slack.ts';
import { until } from '../../support/journal-suite.ts';
import { fakeOf, linkAccount, slackPerson } from '../../support/slack-person.ts';

const ALICE = 'U0ALICE01';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_ONLY = { accept: 'application/json' };

const withSlack = (run: (site: ConsoleSite) => Promise<void>) => withConsole(run, { slack: 'endpoint' });
const post = (site: ConsoleSite, body: string, headers: Record<string, string>) =>
  site.ask('/hooks/slack', { method: 'POST', body, headers: { ...JSON_ONLY, ...headers } });

/** A dialog of Alice's that would approve, signed now. */
async function approval(site: ConsoleSite) {
  await linkAccount(site, 'alice', ALICE);
  const id = await site.call();
  await slackPerson(site, ALICE).press('placet_approve', id);
  const slack = fakeOf(site);
  return { id, ...slack.signed(slack.submitted(ALICE, { confirm: 'write_file', reason: null })) };
}

test(
  'what is not signed, altered, or signed with another secret is refused with a problem, and leaves no entry',
  withSlack(async (site) => {
    const { id, body, headers } = await approval(site);
    const before = site.journal.entries.length;
    const seconds = Math.floor(site.clock.now() / 1000);
    const forged: readonly (readonly [string, Record<string, string>])[] = [
      [body, FORM],
      [body.replace('write_file', 'write_files'), headers],
      [`${body}&x=1`, headers],
      [body, signatureOf(body, seconds, 'f'.repeat(32))],
      [body, { ...headers, 'x-slack-request-timestamp': String(seconds - 1) }],
      [body, { ...headers, 'x-slack-signature': '' }],
      [body, signatureOf(body, seconds - 301)],
      [body, signatureOf(body, seconds + 301)],
    ];
    for (const [sent, head] of forged) {
      const answer = await post(site, sent, head);
      assert.is(answer.status, 401);
      assert.is(answer.headers['content-type'], 'application/problem+json');
      assert.is((JSON.parse(answer.text) as { code: string }).code, 'unsigned');
    }
    assert.is(site.journal.entries.length, before);
    assert.is(site.ledger.request(id)?.phase.kind, 'pending');
  }),
);

test(
  'the same signed message sent again decides nothing more',
  withSlack(async (site) => {
    const { body, headers } = await approval(site);
    const first = await post(site, body, headers);
    assert.match(first.text, '"response_action":"update"');
    const again = await post(site, body, headers);
    assert.is(again.status, 200);
    assert.match(again.text, 'already decided');
    assert.is(site.journal.entries.filter(({ type }) => type === 'approval.decided').length, 1);
    site.clock.advance(301_000);
    assert.is((await post(site, body, headers)).status, 401);
  }),
);

test(
  'many forged messages are limited by address, make one line of the log, and keep nothing signed waiting',
  withSlack(async (site) => {
    const { id, body, headers } = await approval(site);
    for (let count = 0; count < 60; count += 1) assert.is((await post(site, body, FORM)).status, 401);
    const limited = await post(site, body, FORM);
    assert.is(limited.status, 429);
    assert.ok(Number(limited.headers['retry-after']) > 0);
    assert.equal(
      site.logged.filter((line) => line.startsWith('slack:')),
      ['slack: 1 message to /hooks/slack refused: it is not signed.'],
    );
    assert.match(site.slackDoor?.problems()[0] ?? '', 'it is not signed. If buttons in Slack do not work');
    assert.is((await post(site, body, headers)).status, 200);
    await until(() => site.ledger.request(id)?.phase.kind === 'succeeded');
    site.clock.advance(3_600_001);
    assert.equal(site.slackDoor?.problems(), []);
  }),
);

test(
  'what is signed and no press is answered, and does nothing',
  withSlack(async (site) => {
    const before = site.journal.entries.length;
    const seconds = Math.floor(site.clock.now() / 1000);
    const sent = (body: string) => post(site, body, signatureOf(body, seconds));
    for (const body of ['', 'payload=', 'payload=%7B', 'payload=1', 'payload={}&payload={}', 'ssl_check=1'])
      assert.is((await sent(body)).status, 400, body);
    for (const payload of [{ type: 'view_closed' }, { type: 'shortcut', team: { id: 'T0PLACET1' } }])
      assert.is((await sent(`payload=${JSON.stringify(payload)}`)).status, 200);
    for (const payload of [
      { type: 'block_actions' },
      { type: 'block_actions', team: { id: '../..' }, user: { id: ALICE }, trigger_id: 'x', actions: [] },
      { type: 'view_submission', team: { id: 'T0PLACET1' }, user: { id: ALICE } },
    ])
      assert.is((await sent(`payload=${JSON.stringify(payload)}`)).status, 400);
    const slack = fakeOf(site);
    assert.is(
      (await slack.deliver(`${site.base}/hooks/slack`, slack.pressed(ALICE, 'placet_review', 'x'))).status,
      200,
    );
    assert.equal(slack.calls, []);
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'a body over the limit, another method and another host are refused',
  withSlack(async (site) => {
    const body = `payload=${'x'.repeat(600_000)}`;
    const headers = signatureOf(body, Math.floor(site.clock.now() / 1000));
    assert.is((await post(site, body, headers)).status, 413);
    assert.is((await site.ask('/hooks/slack')).status, 405);
    const small = 'payload={"type":"view_closed"}';
    const signed = signatureOf(small, Math.floor(site.clock.now() / 1000));
    assert.is((await post(site, small, { ...signed, host: 'evil.example' })).status, 421);
    assert.is((await post(site, small, { ...signed, origin: 'https://evil.example' })).status, 200);
  }),
);

test(
  'where Slack is not set up there is no endpoint, and no page of accounts',
  withConsole(async (site) => {
    assert.is((await post(site, '', FORM)).status, 404);
  }),
);

test.run();
