import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withConsole, type ConsoleSite } from '../../support/console-site.ts';
import { until } from '../../support/journal-suite.ts';
import { fakeOf, linkAccount, read, slackPerson } from '../../support/slack-person.ts';

const ALICE = 'U0ALICE01';
const BOB = 'U0BOB0001';
const CAROL = 'U0CAROL01';

const decisions = (site: ConsoleSite) =>
  site.journal.entries.flatMap((entry) => (entry.type === 'approval.decided' ? [entry] : []));
const phaseOf = (site: ConsoleSite, id: string) => site.ledger.request(id)?.phase.kind;
const withSlack = (run: (site: ConsoleSite) => Promise<void>) => withConsole(run, { slack: 'endpoint' });

test(
  'a press opens a dialog that shows the call and decides nothing; the typed name decides',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const before = site.journal.entries.length;
    const alice = slackPerson(site, ALICE);
    const { title, text } = read(await alice.press('placet_approve', id));
    assert.is(title, 'Approve this call');
    for (const part of ['claude-desktop', 'write_file', '/srv/report.md', 'It is write_file'])
      assert.ok(text.includes(part), text);
    assert.is(site.journal.entries.length, before);

    const answer = await alice.submit('write_file', 'Fine');
    assert.is(answer.response_action, 'update');
    assert.is(answer.view && read(answer.view).title, 'Approved');
    const [decided] = decisions(site);
    assert.is(decided?.reviewer, 'alice');
    assert.is(decided?.verification, 'slack');
    assert.is(decided?.reason, 'Fine');
    const receipt = decided?.receipt;
    assert.is(receipt?.kind === 'slack' && receipt.team, 'T0PLACET1');
    assert.is(receipt?.kind === 'slack' && receipt.user, ALICE);
    await until(() => phaseOf(site, id) === 'succeeded');
  }),
);

test(
  'rejecting works the same way, with a required reason asked for',
  withSlack(async (site) => {
    site.inSlack.reason = 'required';
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const alice = slackPerson(site, ALICE);
    const view = await alice.press('placet_reject', id);
    assert.match(read(view).text, 'Reason, which this rule asks for');
    const refused = await alice.submit('write_file', '  ');
    assert.equal(refused, {
      response_action: 'errors',
      errors: { reason: 'Nothing was decided. This rule asks every decision for a reason.' },
    });
    assert.is((await alice.submit('write_file', 'Not today')).response_action, 'update');
    assert.is(phaseOf(site, id), 'rejected');
  }),
);

test(
  'a name that is typed wrong is said in the dialog, and decides nothing, however often',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const alice = slackPerson(site, ALICE);
    await alice.press('placet_approve', id);
    for (const typed of ['', 'write_files', 'yes']) {
      const { errors } = await alice.submit(typed);
      assert.match(
        errors?.['confirm'] ?? '',
        "type the tool's name exactly as it stands on the page: write_file",
      );
    }
    for (let more = 0; more < 7; more += 1) await alice.submit('no');
    assert.match((await alice.submit('write_file')).errors?.['confirm'] ?? '', 'too many tries');
    assert.equal(decisions(site), []);
  }),
);

test(
  'an account that is linked to nobody gets the page on which it can be, and decides nothing',
  withSlack(async (site) => {
    const id = await site.call();
    const before = site.journal.entries.length;
    const { title, text, links } = read(await slackPerson(site, ALICE).press('placet_approve', id));
    assert.is(title, 'Nothing was decided');
    assert.match(text, 'does not know whose account this is');
    assert.is(links.length, 1);
    assert.ok(links[0]?.startsWith(`${site.origin}/console/link/slack?state=`));
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'an account that was unlinked meanwhile decides nothing',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const alice = slackPerson(site, ALICE);
    await alice.press('placet_approve', id);
    await site.accounts.unlink({ person: 'alice', team: 'T0PLACET1', user: ALICE });
    assert.match((await alice.submit('write_file')).errors?.['confirm'] ?? '', 'not linked');
    assert.equal(decisions(site), []);
  }),
);

for (const [what, mark] of [
  ['a guest', { is_restricted: true }],
  ['a guest of one channel', { is_ultra_restricted: true }],
  ['somebody from outside in a shared channel', { is_stranger: true }],
  ['an account of another workspace', { team_id: 'T0OTHER01' }],
  ['a bot', { is_bot: true }],
  ['a deactivated account', { deleted: true }],
] as const) {
  test(
    `${what} is refused, though linked, at the press and in the dialog`,
    withSlack(async (site) => {
      await linkAccount(site, 'alice', ALICE);
      const id = await site.call();
      const alice = slackPerson(site, ALICE);
      const open = await alice.press('placet_approve', id);
      fakeOf(site).users.set(ALICE, { id: ALICE, name: 'alice', ...mark });
      const answer = await alice.submit('write_file', null, open);
      assert.is(answer.response_action, 'errors');
      assert.is(read(await alice.press('placet_approve', id)).title, 'Nothing was decided');
      assert.equal(decisions(site), []);
    }),
  );
}

test(
  'a press from another team is refused',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const view = await slackPerson(site, ALICE, 'T0OTHER01').press('placet_approve', id);
    assert.match(read(view).text, 'not one of the workspace to which this app belongs');
  }),
);

test(
  'whoever the agent acts for is refused, and that stands in the journal',
  withSlack(async (site) => {
    await linkAccount(site, 'bob', BOB);
    const id = await site.call();
    const bob = slackPerson(site, BOB);
    await bob.press('placet_approve', id);
    const before = site.journal.entries.length;
    const { errors } = await bob.submit('write_file');
    assert.match(errors?.['confirm'] ?? '', 'The agent acts for you');
    const [refused, ...more] = site.journal.entries.slice(before);
    assert.equal(refused?.type === 'self_approval.refused' && [refused.request_id, refused.reviewer], [
      id,
      'bob',
    ]);
    assert.equal(more, []);
    assert.equal(decisions(site), []);
  }),
);

test(
  'somebody who was not asked sees nothing of the request',
  withSlack(async (site) => {
    await linkAccount(site, 'dan', 'U0CAROL01');
    const id = await site.call();
    const { title, text } = read(await slackPerson(site, CAROL).press('placet_approve', id));
    assert.is(title, 'Nothing was decided');
    assert.not.match(text, 'report.md');
  }),
);

test(
  'a request that no rule lets be decided in Slack leads to its page',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call('delete_file');
    const { title, text, links } = read(await slackPerson(site, ALICE).press('placet_approve', id));
    assert.is(title, 'Nothing was decided');
    assert.match(text, 'not decided in Slack');
    assert.equal(links, [`${site.origin}/console/requests/${id}`]);
  }),
);

test(
  'a rule that stops admitting Slack after the dialog opened is heeded',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const alice = slackPerson(site, ALICE);
    await alice.press('placet_approve', id);
    site.inSlack.decided = false;
    assert.match(
      (await alice.submit('write_file')).errors?.['confirm'] ?? '',
      'No rule lets this call be decided in Slack',
    );
    assert.equal(decisions(site), []);
  }),
);

test(
  'long values are read on the page before an approval; a rejection needs no reading',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call('write_file', { path: '/srv/a', content: 'x'.repeat(5000) });
    const alice = slackPerson(site, ALICE);
    const { title, text, links } = read(await alice.press('placet_approve', id));
    assert.is(title, 'Nothing was decided');
    assert.match(text, 'longer than what can be shown here');
    assert.equal(links, [`${site.origin}/console/requests/${id}`]);
    await alice.press('placet_reject', id);
    assert.is((await alice.submit('write_file')).response_action, 'update');
    assert.is(phaseOf(site, id), 'rejected');
  }),
);

test(
  'no approval is offered for what a dialog does not show to its end, however short each value is',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const alice = slackPerson(site, ALICE);
    const many = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`a${i}`, 'x']));
    for (const args of [many, { script: `${'echo\u00a0ok; '.repeat(30)}${'y'.repeat(500)}; rm -rf /` }]) {
      const id = await site.call('write_file', args);
      const { title, text } = read(await alice.press('placet_approve', id));
      assert.is(title, 'Nothing was decided');
      assert.match(text, 'longer than what can be shown here');
    }
    assert.equal(decisions(site), []);
  }),
);

test(
  'two clicks open two dialogs, and the second one decides nothing more',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const alice = slackPerson(site, ALICE);
    const first = await alice.press('placet_approve', id);
    const second = await alice.press('placet_reject', id);
    assert.is((await alice.submit('write_file', null, first)).response_action, 'update');
    assert.match(
      (await alice.submit('write_file', null, second)).errors?.['confirm'] ?? '',
      'already decided',
    );
    assert.is(decisions(site).length, 1);
    assert.match(read(await alice.press('placet_approve', id)).text, 'It was approved and carried out');
  }),
);

test(
  "another person's dialog, or that of another request made up, decides nothing",
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    await linkAccount(site, 'carol', CAROL);
    const id = await site.call();
    const alices = await slackPerson(site, ALICE).press('placet_approve', id);
    const carol = slackPerson(site, CAROL);
    const forged = [
      alices,
      {
        ...alices,
        private_metadata: JSON.stringify({
          request_id: id,
          decision: 'approve',
          user: CAROL,
          team: 'T0PLACET1',
        }),
      },
      { ...alices, private_metadata: '' },
      { ...alices, private_metadata: 'x'.repeat(3000) },
    ];
    for (const view of forged)
      assert.match(
        (await carol.submit('write_file', null, view)).errors?.['confirm'] ?? '',
        'was not opened by you',
      );
    assert.equal(await carol.submit('write_file', null, { ...alices, callback_id: 'other' }), {});
    assert.equal(decisions(site), []);
  }),
);

test(
  'a dialog that stood open for longer than an hour decides nothing',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const alice = slackPerson(site, ALICE);
    await alice.press('placet_approve', id);
    site.clock.advance(60 * 60_000);
    assert.match((await alice.submit('write_file')).errors?.['confirm'] ?? '', 'too long ago');
  }),
);

test(
  'when Slack itself is slow the dialog is answered in time, and the decision is not lost',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const alice = slackPerson(site, ALICE);
    await alice.press('placet_approve', id);
    const slack = fakeOf(site);
    const before = slack.calls.length;
    slack.behave({ kind: 'hang' });
    const answering = alice.submit('write_file');
    await until(() => slack.calls.length > before);
    site.clock.advance(2300);
    const { view } = await answering;
    assert.is(view?.title.text, 'Not answered yet');
    site.clock.advance(300);
    assert.equal(decisions(site), []);
    slack.behave({ kind: 'well' });
    await alice.press('placet_approve', id);
    assert.is((await alice.submit('write_file')).response_action, 'update');
  }),
);

test(
  'what the app may not do is told to whoever runs it, and to the person that it did not work',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const alice = slackPerson(site, ALICE);
    await alice.press('placet_approve', id);
    fakeOf(site).state.error = 'missing_scope';
    assert.match((await alice.submit('write_file')).errors?.['confirm'] ?? '', 'could not do this just now');
    assert.equal(site.slackDoor?.problems(), [
      'The app in Slack lacks a scope: add those of docs/slack.md and install it again (missing_scope).',
    ]);
    assert.equal(decisions(site), []);
    fakeOf(site).state.error = undefined;
    assert.is((await alice.submit('write_file')).response_action, 'update');
    assert.equal(site.slackDoor?.problems(), []);
  }),
);

test(
  'hostile names and arguments are inert in the dialog and in what it answers',
  withSlack(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const evil = '<!channel> <https://evil.example|ok> *b* https://evil.example \u202e:smile:';
    const id = await site.call('write_file', { [evil]: evil });
    const { text, links } = read(await slackPerson(site, ALICE).press('placet_approve', id));
    assert.equal(links, []);
    assert.match(text, 'U+202E right-to-left override');
    assert.not.match(text, '\u202e');
  }),
);

test.run();
