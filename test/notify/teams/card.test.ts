import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { letterOf } from '../../../src/notify/letter.ts';
import { messageOf } from '../../../src/notify/teams/card.ts';
import { runs } from '../../../src/notify/teams/card-parts.ts';
import { createTeamsDriver } from '../../../src/notify/teams/driver.ts';
import { teamsMessage } from '../../support/adaptive-card-schema.ts';
import { FakeClock } from '../../support/clock.ts';
import { startFakeTeams } from '../../support/fake-teams.ts';
import type { NewRequest } from '../../support/memory-requests.ts';
import { consoleLink, placeAsk } from '../../support/notices.ts';

const NOW = Date.parse('2026-11-23T10:02:00.000Z');

async function messageFor(made: NewRequest = {}) {
  const notice = await placeAsk(made);
  return { notice, message: messageOf(letterOf(notice, NOW, 'message')) };
}

test('a card has one action, which opens the page of the console', async () => {
  const { notice, message } = await messageFor();
  assert.equal(message.attachments[0].content.actions, [
    { type: 'Action.OpenUrl', title: 'Review this request', url: consoleLink(notice.request.id) },
  ]);
});

test('macros are taken apart, and nothing of them is lost', () => {
  const parts = runs('a {{DATE(2026-01-01T00:00:00Z,SHORT)}} {{{x');
  assert.is(parts.map(({ text }) => text).join(''), 'a {{DATE(2026-01-01T00:00:00Z,SHORT)}} {{{x');
  assert.not.ok(parts.some(({ text }) => text.includes('{{')));
});

const WIDE = '\u{1d54f}';
const HIDDEN = '\u202e\u2066';

for (const [what, made] of [
  [
    'hidden characters',
    {
      args: Object.fromEntries(
        Array.from({ length: 12 }, (_, index) => [`a${index}${HIDDEN.repeat(30)}`, HIDDEN.repeat(400)]),
      ),
    },
  ],
  [
    'wide ones',
    {
      args: { x: WIDE.repeat(9000) },
      card: { summary: WIDE.repeat(9000), summary_trouble: WIDE.repeat(9000) },
    },
  ],
] satisfies readonly (readonly [string, NewRequest])[]) {
  test(`a card of ${what} weighs no more than 27,000 bytes, is valid, and counts what it leaves out`, async () => {
    const { message } = await messageFor(made);
    const text = JSON.stringify(message);
    assert.ok(Buffer.byteLength(text) <= 27_000, `${Buffer.byteLength(text)} bytes`);
    assert.ok(Buffer.byteLength(text) > 5000, `${Buffer.byteLength(text)} bytes`);
    assert.is(teamsMessage.safeParse(message).success, true);
    assert.match(text, /An excerpt, showing \d+ of [\d,]+ characters/);
  });
}

test('the characters that a card shows, and those that it says are left out, are all there are', async () => {
  const { message } = await messageFor({ args: { a: HIDDEN.repeat(300), b: 'x'.repeat(20) } });
  const text = JSON.stringify(message);
  const [, shown = '', total = ''] = /showing (\d+) of (\d+) characters/.exec(text) ?? [];
  const left = [...text.matchAll(/… (\d+) characters? left out here/g)].map(([, count]) => Number(count));
  assert.is(total, '622');
  assert.is(Number(shown) + left.reduce((sum, count) => sum + count, 0), 622);
});

test('many decisions that do not fit are counted', async () => {
  const letter = letterOf(await placeAsk(), NOW, 'message');
  const facts = Array.from({ length: 40 }, () => ['Approved by', WIDE.repeat(400)] as const);
  const text = JSON.stringify(messageOf({ ...letter, facts }));
  assert.ok(Buffer.byteLength(text) <= 27_000);
  assert.match(text, /3\d further facts left out here; the page shows all\./);
});

test('a checkpoint, which is for mails, is neither sent nor spoken of', async () => {
  const fake = await startFakeTeams();
  const driver = createTeamsDriver({ url: fake.url, clock: new FakeClock() });
  await driver.place?.('teams')?.post({ ...(await placeAsk()), checkpoint: 'placet.example/log\n1\nabc\n' });
  assert.not.match(JSON.stringify(fake.cards()), /Keep this mail|placet\.example/);
  await driver.close();
  await fake.close();
});

test('a webhook with a wrong signature is a problem until a message is taken', async () => {
  const fake = await startFakeTeams();
  const wrong = createTeamsDriver({
    url: fake.url.replace(/sig=.*/, 'sig=wrong-but-long-enough'),
    clock: new FakeClock(),
  });
  const thrown = await wrong
    .place?.('teams')
    ?.post(await placeAsk())
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  assert.match(String(thrown), 'takes no messages (HTTP 401)');
  assert.is(wrong.problems?.().length, 1);
  assert.not.match(String(wrong.problems?.()), 'wrong-but-long-enough');
  await wrong.close();
  await fake.close();
});

test.run();
