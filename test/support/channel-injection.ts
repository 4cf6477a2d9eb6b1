import * as assert from 'uvu/assert';
import { behaviourOf, newest, type ChannelSetup, type Received } from './channel-bench.ts';
import { golden } from './golden.ts';
import { digestNotice } from './notices.ts';
import { everywhere, HOSTILE_FIELDS, PAYLOADS, type HostileField, type Payload } from './payloads.ts';

/** What must reach nobody's eyes as it is: it cannot be seen, changes the order of what is seen, or moves the cursor. */
const UNSEEN =
  /[\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|[^\P{Cc}\n\t]|[^\P{Zs} ]|\p{M}{4}/u;

const SHOWN = HOSTILE_FIELDS.filter(({ shown }) => shown !== 'maybe');
const UNCERTAIN = HOSTILE_FIELDS.filter(({ shown }) => shown === 'maybe');

/** Text of the agent, its tool or server, and of reviewers, stands there and does nothing. */
export function channelInjection(setup: ChannelSetup): void {
  const behaviour = behaviourOf(setup);

  for (const payload of PAYLOADS) {
    behaviour(`${payload.name} in any text of the agent is inert`, async ({ bench, connect, way }) => {
      const driver = connect();
      for (const [index, field] of SHOWN.entries()) {
        const notice = await way.ask(field.with(payload.text), {}, index + 2);
        await way.send(driver, notice);
        isInert(newest(bench), [notice.link], field.name);
        shows(newest(bench), payload, field);
      }
      const rest = await way.ask(everywhere(payload.text, UNCERTAIN), {}, 100);
      await way.send(driver, rest);
      isInert(newest(bench), [rest.link], UNCERTAIN.map(({ name }) => name).join(', '));
      const all = await way.ask(everywhere(payload.text));
      await way.send(driver, all);
      isInert(newest(bench), [all.link], 'everywhere');
      // A driver that has both ways says to a place what it says to a person, but for its closing words.
      const kept = setup.person !== undefined && way.kind === 'place';
      if (!kept) golden(`channels/${setup.name}/hostile/${payload.name}.txt`, newest(bench).golden);
    });

    behaviour(`${payload.name} in a reason, and once it is over, is inert`, async (scene) => {
      const { bench, connect, way } = scene;
      const driver = connect();
      const made = everywhere(payload.text);
      const { link, ...asked } = await way.ask(made);
      const { message_id: first } = await way.send(driver, { ...asked, link });
      await way.send(driver, await way.outcome(made, payload.text, first));
      isInert(newest(bench), setup.outcome === 'closed' ? [link] : [], 'the outcome');
      if (setup.outcome === 'closed') return;
      for (const part of payload.shows) assert.ok(newest(bench).seen.includes(part), newest(bench).seen);
    });
  }

  if (setup.digest) {
    const digests = behaviourOf(setup, 'person');
    for (const payload of PAYLOADS) {
      digests(`${payload.name} in a digest is inert`, async ({ bench, connect }) => {
        const digest = await digestNotice(3, () => everywhere(payload.text));
        const send = connect().channel?.digest;
        if (!send || !setup.person) throw new Error('It sends no digests.');
        await send({ ...digest, to: setup.person });
        isInert(newest(bench), [...digest.asks.map((ask) => ask.link), digest.console], 'the digest');
      });
    }
  }
}

function isInert({ seen, links, active }: Received, expected: readonly string[], where: string): void {
  assert.equal(
    links.filter((link) => !expected.includes(link)),
    [],
    `in ${where} there is a link of somebody else's`,
  );
  assert.equal(active, [], `in ${where} something acts`);
  assert.is(UNSEEN.exec(seen)?.[0], undefined, `in ${where} something is hidden: ${JSON.stringify(seen)}`);
}

function shows({ seen }: Received, payload: Payload, field: HostileField): void {
  const parts = field.shown === 'name' ? (payload.shows_in_names ?? payload.shows) : payload.shows;
  const warning = field.shown === 'plain' || payload.warns === undefined ? [] : [payload.warns];
  for (const part of [...parts, ...warning]) {
    assert.ok(seen.includes(part), `${field.name}: ${part} is not in:\n${seen}`);
  }
}
