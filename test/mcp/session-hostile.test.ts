import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fakeDownstream, viewOf } from '../support/fake-downstream.ts';
import { withSession } from '../support/session-world.ts';

test('a call that bears no id reaches nobody', async () => {
  const one = fakeDownstream({});
  await withSession({ view: viewOf({ one: { capabilities: {} } }), servers: { one } }, async (world) => {
    world.send({ method: 'tools/call', params: { name: 'delete', arguments: {} } });
    world.send({ method: 'x/do' });
    world.send({ method: 'notifications/x-own' });
    await world.ask('ping');
    assert.equal(
      one.told.map(({ method }) => method),
      ['notifications/x-own'],
    );
    assert.match(world.lines.join('\n'), /tools\/call without an id was passed over/);
  });
});

for (const method of [
  'Tools/Call',
  'tools/call ',
  'tools//call',
  '\uff54ools/call',
  'placet/summary',
  'PLACET/x',
]) {
  test(`${JSON.stringify(method)} is no method that passes unjudged`, async () => {
    const one = fakeDownstream({}, { [method]: () => ({}) });
    await withSession({ view: viewOf({ one: { capabilities: {} } }), servers: { one } }, async ({ ask }) => {
      assert.equal((await ask(method)).error, { code: -32601, message: 'Method not found' });
      assert.equal(one.asked, []);
    });
  });
}

test.run();
