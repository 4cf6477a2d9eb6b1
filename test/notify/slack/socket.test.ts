import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withConsole, type ConsoleSite } from '../../support/console-site.ts';
import { until } from '../../support/journal-suite.ts';
import { fakeOf, linkAccount, read } from '../../support/slack-person.ts';

const ALICE = 'U0ALICE01';

interface Ack {
  readonly envelope_id: string;
  readonly payload: { readonly response_action?: string; readonly errors?: Record<string, string> };
}

const connected = (run: (site: ConsoleSite) => Promise<void>) =>
  withConsole(
    async (site) => {
      await until(() => fakeOf(site).socket.connections() === 1);
      await run(site);
    },
    { slack: 'connection' },
  );

/** Sends what was pressed over the connection. @returns the answer of the host */
async function send(site: ConsoleSite, envelope_id: string, payload: object): Promise<Ack['payload']> {
  const { socket } = fakeOf(site);
  const answered = () => (socket.received as Ack[]).find((ack) => ack.envelope_id === envelope_id);
  socket.send({ type: 'interactive', envelope_id, accepts_response_payload: true, payload });
  await until(() => answered() !== undefined);
  return answered()?.payload ?? {};
}

test(
  'over a connection of its own a press opens the dialog, which decides, and there is no endpoint',
  connected(async (site) => {
    await linkAccount(site, 'alice', ALICE);
    const id = await site.call();
    const slack = fakeOf(site);
    assert.equal(await send(site, 'e1', slack.pressed(ALICE, 'placet_approve', id)), {});
    await until(() => slack.dialogs.length === 1);
    const wrong = await send(site, 'e2', slack.submitted(ALICE, { confirm: 'no', reason: null }));
    assert.match(wrong.errors?.['confirm'] ?? '', 'write_file');
    const payload = slack.submitted(ALICE, { confirm: 'write_file', reason: null });
    assert.is((await send(site, 'e3', payload)).response_action, 'update');
    await until(() => site.ledger.request(id)?.phase.kind === 'succeeded');
    assert.match((await send(site, 'e4', payload)).errors?.['confirm'] ?? '', 'already decided');
    const hook = await site.ask('/hooks/slack', {
      method: 'POST',
      body: '',
      headers: { accept: 'text/plain' },
    });
    assert.is(hook.status, 404);
  }),
);

test(
  'what came over the connection and cannot be read is taken note of, and does nothing',
  connected(async (site) => {
    const before = site.journal.entries.length;
    for (const [index, payload] of [{}, { type: 'block_actions' }, { type: 'other' }].entries())
      assert.equal(await send(site, `x${index}`, payload), {});
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'a connection that is lost, or that Slack renews, is opened again',
  connected(async (site) => {
    const { socket, dialogs } = fakeOf(site);
    const again = async (count: number): Promise<void> => {
      await until(() => {
        site.clock.advance(20);
        return socket.connections() === count;
      });
    };
    socket.drop();
    await again(2);
    socket.send({ type: 'disconnect', reason: 'refresh_requested' });
    await again(3);
    const id = await site.call();
    await send(site, 'e1', fakeOf(site).pressed(ALICE, 'placet_approve', id));
    await until(() => dialogs.length === 1);
    assert.match(dialogs[0] ? read(dialogs[0]).text : '', 'does not know whose account this is');
  }),
);

test(
  'a token that was revoked is told, and works again once it is mended',
  connected(async (site) => {
    const { socket, state } = fakeOf(site);
    state.error = 'token_revoked';
    socket.drop();
    await until(() => {
      site.clock.advance(20);
      return (site.slackDoor?.problems().length ?? 0) > 0;
    });
    assert.equal(site.slackDoor?.problems(), [
      'What is pressed in Slack does not reach this host over a connection of its own. Slack does not accept PLACET_SLACK_APP_TOKEN: make an app-level token with the scope connections:write (token_revoked).',
    ]);
    assert.not.match(site.logged.join('\n'), 'xapp-');
    state.error = undefined;
    await until(() => {
      site.clock.advance(20);
      return socket.connections() === 2;
    });
    await until(() => site.slackDoor?.problems().length === 0);
  }),
);

test.run();
