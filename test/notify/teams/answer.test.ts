import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusalOf } from '../../../src/notify/teams/answer.ts';

const answer = (status: number, body = '') => ({ status, body, said: body });

for (const [status, body] of [
  [202, ''],
  [200, ''],
  [200, '1'],
  [202, '{"ok":true}'],
] as const) {
  test(`${status} with “${body}” is a message that was taken`, () => {
    assert.is(refusalOf(answer(status, body)), undefined);
  });
}

test('a 200 with the failure of Teams in its body is no success', () => {
  const body =
    'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x.';
  const error = refusalOf(answer(200, body))?.error;
  assert.is(error?.permanent, false);
  assert.is(error?.message, `Microsoft Teams takes no more messages for now (HTTP 429: ${body})`);
});

test('a 200 whose body speaks of an error without a number can be tried again', () => {
  for (const words of ['Flow failed', '{"summary":"deploy failed: HTTP error 400"}'])
    assert.is(refusalOf(answer(200, words)), undefined);
});

test('a 200 that says that Teams refused the card is a refusal for good', () => {
  assert.is(
    refusalOf(answer(200, 'Microsoft Teams endpoint returned HTTP error 400'))?.error.permanent,
    true,
  );
});

for (const status of [401, 403, 404, 410]) {
  test(`${status}: somebody has to make the workflow anew, and then it goes on`, () => {
    const refusal = refusalOf(answer(status, 'gone'));
    assert.is(refusal?.error.permanent, false);
    assert.is(
      refusal?.problem,
      `The workflow of PLACET_TEAMS_URL takes no messages (HTTP ${status}): it was removed or switched off, or its address is not complete. Switch it on, or make a new one and set PLACET_TEAMS_URL.`,
    );
  });
}

test('a workflow that is switched off is a problem and not the fault of the message', () => {
  const refusal = refusalOf(answer(400, '{"error":{"code":"WorkflowTriggerIsNotEnabled"}}'));
  assert.is(refusal?.error.permanent, false);
  assert.match(refusal?.problem ?? '', 'Switch it on');
});

for (const [status, permanent] of [
  [400, true],
  [413, true],
  [500, false],
  [502, false],
  [408, false],
] as const) {
  test(`${status} is ${permanent ? 'for good' : 'worth another try'}`, () => {
    const refusal = refusalOf(answer(status));
    assert.is(refusal?.error.permanent, permanent);
    assert.is(refusal?.problem, undefined);
  });
}

test.run();
