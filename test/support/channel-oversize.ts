import * as assert from 'uvu/assert';
import { behaviourOf, newest, type ChannelSetup } from './channel-bench.ts';
import type { NewRequest } from './memory-requests.ts';
import { everywhere } from './payloads.ts';

/** What in a message says that it does not hold all. */
const SAYS_SO = /left out|an excerpt|does not fit|…/i;

const TOO_LONG: readonly (readonly [string, NewRequest])[] = [
  ['one long argument', { args: { path: '/srv/a', content: `${'x'.repeat(2_000_000)}TAIL` } }],
  ['an argument of many lines', { args: { content: `${'x\n'.repeat(200_000)}TAIL` } }],
  [
    'thousands of arguments',
    {
      args: Object.fromEntries(
        Array.from({ length: 5000 }, (_, index) => [`argument_${index}`, 'TAIL'.repeat(9)]),
      ),
    },
  ],
  ['an argument with a long name', { args: { [`k${'n'.repeat(100_000)}TAIL`]: 1 } }],
  ['long names', { card: { agent: many('a'), tool_name: many('t'), server: many('s') } }],
  ['a long summary', { card: { summary: many('s') } }],
  ['characters of four bytes in all texts', everywhere(`${'\u{1d54f}'.repeat(30_000)}TAIL`)],
  ['signs that grow when they are escaped, in all texts', everywhere(`${'"\\<&>\u0007'.repeat(8000)}TAIL`)],
  [
    'hidden characters that grow when they are named, in all texts',
    everywhere(`${'\u202e\u2066'.repeat(8000)}TAIL`),
  ],
];

function many(letter: string): string {
  return `${letter.repeat(100_000)}TAIL`;
}

/** However much there is, the message keeps the limits of its service, says what it leaves out, and keeps its link. */
export function channelOversize(setup: ChannelSetup): void {
  const behaviour = behaviourOf(setup);

  for (const [what, made] of TOO_LONG) {
    behaviour(`${what}: the question arrives, and says that it does not hold all`, async (scene) => {
      const { bench, connect, way } = scene;
      const notice = await way.ask(made);
      await way.send(connect(), notice);
      const { seen, links, active } = newest(bench);
      assert.ok(links.includes(notice.link));
      assert.equal(active, []);
      assert.match(seen, SAYS_SO);
      assert.ok(seen.isWellFormed(), 'a character is cut in two');
      if (!(what.startsWith('thousands') || what.includes('all texts'))) assert.not.match(seen, 'TAIL');
    });
  }

  behaviour('a long reason: the outcome arrives', async ({ bench, connect, way }) => {
    const driver = connect();
    const made = everywhere(`${'\u202e\u2066'.repeat(8000)}TAIL`);
    const { message_id: first } = await way.send(driver, await way.ask(made));
    await way.send(driver, await way.outcome(made, `Because ${many('r')}`, first));
    if (setup.outcome === 'closed') return;
    assert.ok(newest(bench).seen.includes('Because rrr'));
    assert.match(newest(bench).seen, '…');
  });
}
