import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusalOf } from '../../../src/notify/pagerduty/answer.ts';
import { createPagerDutyDriver } from '../../../src/notify/pagerduty/driver.ts';
import { triggerOf } from '../../../src/notify/pagerduty/event.ts';
import { FakeClock } from '../../support/clock.ts';
import { startFakePagerDuty } from '../../support/fake-pagerduty.ts';
import { everywhere } from '../../support/payloads.ts';
import { consoleLink, placeAsk } from '../../support/notices.ts';

const NOW = Date.parse('2026-11-23T10:02:00.000Z');

test('an incident bears the id of its request, and leads to its page', async () => {
  const notice = await placeAsk();
  const event = triggerOf(notice, NOW);
  assert.is(event.dedup_key, notice.request.id);
  assert.is(event.client_url, consoleLink(notice.request.id));
  assert.is(event.payload.source, 'localhost:7447');
  assert.is(event.payload.component, 'write_file on files');
  assert.is(event.payload.summary, 'Approval request: claude-desktop wants to run write_file on files');
});

test('what was escalated is critical, and else it is a warning', async () => {
  assert.is(triggerOf(await placeAsk(), NOW).payload.severity, 'warning');
  assert.is(triggerOf({ ...(await placeAsk()), escalated: 'time' }, NOW).payload.severity, 'critical');
});

test('a reminder belongs to the open incident, and the outcome resolves it', async () => {
  const fake = await startFakePagerDuty();
  const driver = createPagerDutyDriver({
    routingKey: fake.routingKey,
    url: fake.origin,
    clock: new FakeClock(),
  });
  const place = driver.place?.('pagerduty');
  const { link: _link, kind: _kind, ...about } = await placeAsk();
  await place?.post(await placeAsk());
  await place?.post({ ...(await placeAsk()), round: 1 });
  assert.equal(
    fake.incidents().map(({ times, state }) => [times, state]),
    [[2, 'triggered']],
  );
  await place?.post({ ...about, kind: 'outcome' });
  assert.equal(
    fake.incidents().map(({ times, state }) => [times, state]),
    [[2, 'resolved']],
  );
  await driver.close();
  await fake.close();
});

test('names of details are ours, whatever arguments are called', async () => {
  const { custom_details: details } = triggerOf(await placeAsk(everywhere('evil')), NOW).payload;
  assert.equal(Object.keys(details), [
    'Request',
    'Whose words',
    'Tool',
    'Effect',
    'Agent',
    'Needs',
    'Expires',
    'Look twice',
    'Arguments, written by the agent',
    'What to do',
  ]);
});

test('a detail that is too long says so', async () => {
  const notice = await placeAsk({ args: { x: '\u202e\u2066'.repeat(300) } });
  const text = triggerOf(notice, NOW).payload.custom_details['Arguments, written by the agent'] ?? '';
  assert.match(text, /… The rest is left out here; the page shows all\.$/);
  assert.ok(text.length < 4100);
});

test('an unknown routing key is a problem, and not the fault of the event', async () => {
  const fake = await startFakePagerDuty();
  const key = 'a'.repeat(32);
  const driver = createPagerDutyDriver({ routingKey: key, url: fake.origin, clock: new FakeClock() });
  const sending = driver.place?.('pagerduty')?.post(await placeAsk());
  const thrown = await sending?.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.is((thrown as { permanent?: boolean }).permanent, false);
  assert.equal(driver.problems?.(), [
    'PagerDuty does not know the routing key of PLACET_PAGERDUTY_ROUTING_KEY (HTTP 400): take the integration key of an Events API v2 integration.',
  ]);
  await driver.close();
  await fake.close();
});

for (const [status, permanent] of [
  [400, true],
  [413, true],
  [429, false],
  [500, false],
  [503, false],
] as const) {
  test(`${status} is ${permanent ? 'for good' : 'worth another try'}`, () => {
    const refusal = refusalOf({ status, body: '', said: '' });
    assert.is(refusal?.error.permanent, permanent);
    assert.is(refusal?.problem, undefined);
  });
}

test.run();
