import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { History } from '../../src/core/history.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { Agent } from '../../src/core/person.ts';
import type { Answer } from '../../src/guard/ports.ts';
import { createPressure } from '../../src/guard/pressure.ts';
import { codeOf, guardBench, idOf, PEOPLE, policyOf, reviewRule, type GuardBench } from '../support/guard.ts';

const MINUTE = 60_000;

function bench(agent: Partial<Agent> = {}): GuardBench {
  const agents = PEOPLE.agents.map((each) => (each.id === 'claude' ? { ...each, ...agent } : each));
  return guardBench(
    policyOf({
      people: { ...PEOPLE, agents },
      rules: [
        { ...reviewRule({ expires_ms: 24 * 60 * MINUTE }), match: { tool: (tool) => tool !== 'read_file' } },
      ],
    }),
  );
}

function codeIn(answer: Answer): string {
  return answer.kind === 'refused' ? answer.code : answer.kind;
}

async function rejected(on: GuardBench, n: number): Promise<void> {
  const id = idOf(await on.call({ n }));
  await on.decide(await on.link(id, 'alice'), 'reject');
}

test('the twenty-first pending request of an agent is refused, journalled, and the agent told when to try again', async () => {
  const on = bench();
  for (let n = 0; n < 20; n += 1) idOf(await on.call({ n }));
  const answer = await on.call({ n: 20 });
  assert.is(codeIn(answer), 'too_many_pending');
  assert.match(answer.kind === 'refused' ? answer.message : '', '2026-11-24T10:00:00.000Z');
  assert.equal(on.types().slice(-2), ['call.requested', 'call.denied']);
  const denied = on.journal.entries.at(-1);
  assert.match(denied?.type === 'call.denied' ? denied.reason : '', 'too_many_pending');
});

test('an agent has the cap that people.yaml gives it', async () => {
  const on = bench({ max_pending: 2 });
  idOf(await on.call({ n: 1 }));
  idOf(await on.call({ n: 2 }));
  assert.is(codeIn(await on.call({ n: 3 })), 'too_many_pending');
});

test('calls made all at once do not get past the cap', async () => {
  const on = bench({ max_pending: 3 });
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => on.call({ n })));
  assert.is(answers.filter((answer) => answer.kind === 'pending').length, 3);
  assert.is(on.types().filter((type) => type === 'approval.requested').length, 3);
});

test('a repeat of a pending call is answered with its id over the cap, too', async () => {
  const on = bench({ max_pending: 1 });
  const id = idOf(await on.call({ n: 1 }));
  assert.is(idOf(await on.call({ n: 1 })), id);
});

test('identical calls made all at once take one place', async () => {
  const on = bench({ max_pending: 1 });
  const answers = await Promise.all([on.call(), on.call(), on.call()]);
  assert.is(new Set(answers.map(idOf)).size, 1);
});

test('a call that becomes no request gives its place back', async () => {
  const on = bench({ max_pending: 1 });
  on.check = { kind: 'invalid', message: 'no' };
  assert.is(codeIn(await on.call({ n: 1 })), 'invalid_arguments');
  on.check = { kind: 'valid' };
  assert.is(codeIn(await on.call({ n: 2 })), 'pending');
});

test('another agent, and calls that are allowed, are not counted', async () => {
  const on = bench({ max_pending: 1 });
  idOf(await on.call({ n: 1 }));
  assert.is(codeIn(await on.call({ n: 2 }, { agent: 'other' })), 'pending');
  assert.is(codeIn(await on.call({ n: 3 }, { tool: 'read_file' })), 'result');
});

test('a place is free again once a request was decided', async () => {
  const on = bench({ max_pending: 1 });
  const id = idOf(await on.call({ n: 1 }));
  await on.decide(await on.link(id, 'alice'), 'approve');
  await on.settle();
  assert.is(codeIn(await on.call({ n: 2 })), 'pending');
});

test('after a rejection the agent may not ask for that tool for a minute, and is told until when', async () => {
  const on = bench();
  await rejected(on, 1);
  const answer = await on.call({ n: 2 });
  assert.is(codeIn(answer), 'cooling_down');
  assert.match(answer.kind === 'refused' ? answer.message : '', '2026-11-23T10:01:00.000Z');
  const denied = on.journal.entries.at(-1);
  assert.match(denied?.type === 'call.denied' ? denied.reason : '', 'cooling_down');
  on.clock.advance(MINUTE - 1);
  assert.is(codeIn(await on.call({ n: 3 })), 'cooling_down');
  on.clock.advance(1);
  assert.is(codeIn(await on.call({ n: 4 })), 'pending');
});

test('the pause is for that tool and that agent', async () => {
  const on = bench();
  await rejected(on, 1);
  assert.is(codeIn(await on.call({ n: 2 }, { tool: 'move_file' })), 'pending');
  assert.is(codeIn(await on.call({ n: 2 }, { agent: 'other' })), 'pending');
});

test('each further rejection in a row doubles the pause, up to half an hour', async () => {
  const on = bench();
  const pauses = [1, 2, 4, 8, 16, 30, 30];
  for (const [n, minutes] of pauses.entries()) {
    await rejected(on, n);
    on.clock.advance(minutes * MINUTE - 1);
    assert.is(codeIn(await on.call({ n: 100 + n })), 'cooling_down', `after ${n + 1} rejections`);
    on.clock.advance(1);
  }
});

test('an approval ends the row of rejections', async () => {
  const on = bench();
  await rejected(on, 1);
  on.clock.advance(MINUTE);
  await rejected(on, 2);
  on.clock.advance(2 * MINUTE);
  const id = idOf(await on.call({ n: 3 }));
  await on.decide(await on.link(id, 'alice'), 'approve');
  await on.settle();
  on.clock.advance(1);
  await rejected(on, 4);
  on.clock.advance(MINUTE);
  assert.is(codeIn(await on.call({ n: 5 })), 'pending');
});

test('requests that were cancelled in between do not end the row of rejections', async () => {
  const on = bench();
  await rejected(on, 1);
  on.clock.advance(MINUTE);
  for (let n = 2; n < 5; n += 1) {
    const id = idOf(await on.call({ n }));
    await on.guard.intercept.cancel({ agent: 'claude', session: 's', identity: 'claimed' }, id);
  }
  await rejected(on, 5);
  on.clock.advance(MINUTE);
  assert.is(codeIn(await on.call({ n: 6 })), 'cooling_down');
});

test('an approved call that ends after a later rejection does not end the pause', async () => {
  const on = bench();
  let finish = (): void => undefined;
  on.answer = () =>
    new Promise((resolve) => {
      finish = () => resolve({ content: [] });
    });
  const slow = idOf(await on.call({ n: 1 }));
  const other = idOf(await on.call({ n: 2 }));
  await on.decide(await on.link(slow, 'alice'), 'approve');
  await on.settle();
  on.clock.advance(1000);
  await on.decide(await on.link(other, 'alice'), 'reject');
  on.clock.advance(1000);
  finish();
  await on.settle();
  assert.is(on.ledger.request(slow)?.phase.kind, 'succeeded');
  assert.is(codeIn(await on.call({ n: 3 })), 'cooling_down');
});

test('a restart forgets neither the pause nor what is pending', async () => {
  const on = bench();
  await rejected(on, 1);
  idOf(await on.call({ n: 2 }, { tool: 'move_file' }));
  const [ledger, history] = [new Ledger(), new History()];
  ledger.load(on.ledger.save());
  history.load(on.history.save());
  const pressure = createPressure({ clock: on.clock, ledger, history });
  const enter = (tool: string, max_pending: number) => async () =>
    pressure.enter({ id: 'claude', owner: 'bob', max_pending }, { server: 'files', tool })();
  assert.is(await codeOf(enter('write_file', 2)()), 'cooling_down');
  assert.is(await codeOf(enter('move_file', 1)()), 'too_many_pending');
  assert.is(await codeOf(enter('move_file', 2)()), 'nothing was thrown');
});

test('an agent has the pause that people.yaml gives it', async () => {
  const on = bench({ cool_down_ms: 10 * MINUTE });
  await rejected(on, 1);
  on.clock.advance(10 * MINUTE - 1);
  assert.is(codeIn(await on.call({ n: 2 })), 'cooling_down');
  on.clock.advance(1);
  assert.is(codeIn(await on.call({ n: 3 })), 'pending');
});

test('the repeated call that was rejected is told of its rejection first', async () => {
  const on = bench();
  await rejected(on, 1);
  const answer = await on.call({ n: 1 });
  assert.is(answer.kind === 'ended' && answer.approval.status, 'rejected');
  await on.settle();
  assert.is(codeIn(await on.call({ n: 1 })), 'cooling_down');
});

test.run();
