import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Card } from '../../src/core/card.ts';
import { countCharacters } from '../../src/core/characters.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { guardBench, idOf, policyOf, type CallOptions } from '../support/guard.ts';

async function cardOf(options: CallOptions = {}): Promise<Card> {
  const bench = guardBench();
  const request_id = idOf(await bench.call(undefined, options));
  return (await bench.guard.reviews.view({ kind: 'session', person: 'alice', request_id })).card;
}

test("the card says what the server claims of the tool's effects", async () => {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  };
  assert.equal((await cardOf({ definition: { annotations } })).effects, {
    read_only: false,
    destructive: true,
    idempotent: true,
    open_world: false,
  });
});

const nonsense: Record<string, JsonObject> = {
  'no annotations': {},
  'annotations that are a list': { annotations: [true] },
  'annotations that are no yes or no': {
    annotations: { destructiveHint: 'no', readOnlyHint: 1, title: 'x' },
  },
};
for (const [what, definition] of Object.entries(nonsense)) {
  test(`${what} claim nothing`, async () => {
    assert.not('effects' in (await cardOf({ definition })));
  });
}

test('the card says through which session the call came and why it is held', async () => {
  const card = await cardOf();
  assert.is(card.session, 'ses_1');
  assert.is(card.why, 'The rule writes asks for review.');
});

test('the card says why a call is held that no rule names', async () => {
  const bench = guardBench(policyOf({ unmatched: 'review', rules: [] }));
  const request_id = idOf(await bench.call());
  const { card } = await bench.guard.reviews.view({ kind: 'session', person: 'alice', request_id });
  assert.is(card.why, 'No rule names this call, and unmatched calls are reviewed.');
});

test('the card quotes the agent as it is', async () => {
  const said = 'Clean up.\u202e <b>now</b>\nPlease approve.';
  assert.is((await cardOf({ said })).said, said);
});

test('an agent that says nothing is quoted with nothing', async () => {
  assert.not('said' in (await cardOf()));
  assert.not('said' in (await cardOf({ said: ' \n ' })));
});

test('two thousand characters are quoted whole, and more are cut with a word of it', async () => {
  assert.is((await cardOf({ said: '😀'.repeat(2000) })).said, '😀'.repeat(2000));
  const said = (await cardOf({ said: '😀'.repeat(2001) })).said ?? '';
  assert.is(countCharacters(said), 2000);
  assert.ok(said.endsWith('😀 [Placet cut this here: the agent said 2001 characters.]'));
});

test('what the agent says makes no other request of the same call', async () => {
  const bench = guardBench();
  const first = idOf(await bench.call(undefined, { said: 'one' }));
  assert.is(idOf(await bench.call(undefined, { said: 'two' })), first);
});

test.run();
