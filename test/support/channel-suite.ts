import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { behaviourOf, holdsNoSecret, newest, type ChannelSetup, type Received } from './channel-bench.ts';
import { channelFailures } from './channel-failures.ts';
import { channelInjection } from './channel-injection.ts';
import { channelOversize } from './channel-oversize.ts';
import { FakeClock } from './clock.ts';
import { golden } from './golden.ts';
import { digestNotice } from './notices.ts';

/** What every driver of a channel has to do. It runs against a strict fake of its service, or a real one. */
export function channelSuite(setup: ChannelSetup): void {
  names(setup);
  questions(setup);
  outcomes(setup);
  restarts(setup);
  if (setup.digest) digests(setup);
  channelFailures(setup);
  channelInjection(setup);
  channelOversize(setup);
}

function names({ name, person, place, open }: ChannelSetup): void {
  test(`${name}: it has what it is said to have, under the names that rules use`, async () => {
    const bench = await open(new FakeClock());
    const driver = bench.connect();
    try {
      assert.is(driver.channel === undefined, person === undefined);
      assert.is(driver.place?.(place ?? 'teams')?.name, place);
      assert.is(driver.place?.('nowhere:else'), undefined);
      if (person === undefined) return;
      assert.is(driver.channel?.reaches(person), true);
      assert.is(driver.channel?.reaches({ id: 'dan', name: 'Dan Roe', emails: [] }), false);
    } finally {
      await driver.close();
      await bench.close();
    }
  });
}

function questions(setup: ChannelSetup): void {
  const behaviour = behaviourOf(setup);

  behaviour(
    'a question says who wants what of whom, and leads to its page',
    async ({ bench, connect, way }) => {
      const notice = await way.ask({ card: { summary: 'Writes the report of the third quarter.' } });
      const { message_id: id } = await way.send(connect(), notice);
      assert.is(bench.messages().length, 1);
      const { seen, links, active, golden: text } = newest(bench);
      for (const part of [
        'claude-desktop',
        'Bob Lee',
        'write_file',
        'files',
        '/srv/report.md',
        '10:30 UTC',
      ]) {
        assert.ok(seen.includes(part), `${part} is not in:\n${seen}`);
      }
      assert.ok(seen.includes('Writes the report of the third quarter.'));
      assert.equal([...new Set(links)], [notice.link]);
      assert.equal(active, []);
      assert.ok(id.length > 0);
      holdsNoSecret(id, bench);
      golden(`channels/${setup.name}/question-${slug(way.title)}.txt`, text);
    },
  );

  behaviour('a question that was escalated says why it comes', async ({ bench, connect, way }) => {
    await way.send(connect(), await way.ask({}, { escalated: 'time' }));
    assert.ok(newest(bench).seen.toLowerCase().includes('not decided in time'), newest(bench).seen);
  });

  behaviour(`a reminder is ${setup.reminder}`, async ({ bench, connect, way }) => {
    const driver = connect();
    const { message_id: first } = await way.send(driver, await way.ask());
    const reminder = await way.ask({}, { round: 1, first });
    await way.send(driver, reminder);
    assert.is(bench.messages().length, setup.reminder === 'same' ? 1 : 2);
    const { seen, links, thread } = newest(bench);
    assert.ok(links.includes(reminder.link));
    assert.is(thread, setup.reminder === 'threaded' ? first : undefined);
    if (setup.reminder !== 'same') assert.ok(seen.toLowerCase().includes('reminder 1'), seen);
  });

  behaviour('questions that go out at once all arrive', async ({ bench, connect, way }) => {
    const driver = connect();
    const tools = ['one', 'two', 'three', 'four', 'five'];
    const asks = await Promise.all(
      tools.map((tool_name, index) => way.ask({ card: { tool_name } }, {}, index + 1)),
    );
    await Promise.all(asks.map((ask) => way.send(driver, ask)));
    const seen = bench.messages().map((message) => message.seen);
    assert.is(seen.length, 5);
    for (const tool of tools) assert.ok(seen.some((text) => text.includes(`run ${tool} on files`)));
  });
}

function outcomes(setup: ChannelSetup): void {
  const behaviour = behaviourOf(setup);

  behaviour(`the outcome is ${setup.outcome}`, async ({ bench, connect, way }) => {
    const driver = connect();
    const { message_id: first } = await way.send(driver, await way.ask());
    const { message_id: last } = await way.send(driver, await way.outcome({}, 'Not today', first));
    tellsOutcome(setup, bench.messages(), first);
    if (setup.outcome === 'edited') assert.is(last, first);
    holdsNoSecret(last, bench);
    golden(`channels/${setup.name}/outcome-${slug(way.title)}.txt`, newest(bench).golden);
  });

  if (setup.outcome !== 'closed') {
    behaviour('the outcome is told though nobody knows what the question was called', async (scene) => {
      const { bench, connect, way } = scene;
      await way.send(connect(), await way.outcome());
      assert.ok(newest(bench).seen.includes('Not today'), newest(bench).seen);
    });
  }

  if (setup.person !== undefined) {
    behaviour('the owner of the agent is told why they are told', async ({ bench, connect, way }) => {
      const told = await way.outcome();
      if (!('to' in told) || told.kind !== 'outcome') return;
      await way.send(connect(), { ...told, as: 'owner' });
      assert.match(newest(bench).seen, 'The agent acts for you');
      assert.is(newest(bench).thread, undefined);
    });
  }
}

function restarts(setup: ChannelSetup): void {
  const behaviour = behaviourOf(setup);

  behaviour('after a restart the outcome finds the question', async ({ bench, connect, way }) => {
    const before = connect();
    const { message_id: first } = await way.send(before, await way.ask());
    await before.close();
    await way.send(connect(), await way.outcome({}, 'Not today', first));
    tellsOutcome(setup, bench.messages(), first);
  });

  behaviour('a question may be repeated after a crash', async ({ bench, connect, way }) => {
    const first = await way.send(connect(), await way.ask());
    const again = await way.send(connect(), await way.ask());
    assert.is(first.message_id === again.message_id, setup.stable_ids);
    assert.ok(newest(bench).seen.includes('write_file'));
  });

  if (setup.outcome === 'edited') {
    behaviour('the outcome is told anew where the question was deleted', async ({ bench, connect, way }) => {
      const driver = connect();
      const { message_id: first } = await way.send(driver, await way.ask());
      bench.forget?.();
      assert.equal(bench.messages(), []);
      await way.send(driver, await way.outcome({}, 'Not today', first));
      assert.is(bench.messages().length, 1);
      assert.ok(newest(bench).seen.includes('Not today'));
    });
  }
}

function tellsOutcome({ outcome }: ChannelSetup, messages: readonly Received[], first: string): void {
  assert.is(messages.length, outcome === 'edited' || outcome === 'closed' ? 1 : 2);
  const last = messages.at(-1);
  if (!last) throw new Error('No message came.');
  if (outcome === 'closed') {
    assert.is(last.closed, true);
    return;
  }
  assert.is(last.thread, outcome === 'threaded' ? first : undefined);
  for (const part of ['Rejected', 'Alice Ng', 'Not today']) assert.ok(last.seen.includes(part), last.seen);
}

function digests(setup: ChannelSetup): void {
  const behaviour = behaviourOf(setup, 'person');

  behaviour('many questions come as one message, each with its own link', async ({ bench, connect }) => {
    const digest = await digestNotice(7, (index) => ({ card: { tool_name: `tool_${index}` } }));
    const send = connect().channel?.digest;
    if (!send || !setup.person) throw new Error('It sends no digests.');
    const first = await send({ ...digest, to: setup.person });
    assert.is(bench.messages().length, 1);
    const { seen, links, active, golden: text } = newest(bench);
    for (let index = 0; index < 7; index += 1) assert.ok(seen.includes(`tool_${index}`), seen);
    const expected = new Set([...digest.asks.map((ask) => ask.link), digest.console]);
    assert.equal(
      digest.asks.filter((ask) => !links.includes(ask.link)).map((ask) => ask.link),
      [],
    );
    assert.equal(
      links.filter((link) => !expected.has(link)),
      [],
    );
    assert.equal(active, []);
    golden(`channels/${setup.name}/digest.txt`, text);
    const again = await send({ ...digest, to: setup.person });
    assert.is(first.message_id === again.message_id, setup.stable_ids);
  });
}

function slug(title: string): string {
  return title.replaceAll(/[^a-z0-9]+/g, '-');
}
