import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DecisionError } from '../../src/core/errors.ts';
import { WRITES } from '../support/memory-requests.ts';
import { HTML, withSite } from '../support/review-site.ts';

test(
  'an approval leads back to the page, which then says what was decided',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    const answer = await site.decide(token, { reason: 'Fine by me' });
    assert.is(answer.status, 303);
    assert.is(answer.headers.location, `../../r/${token}`);
    assert.is(site.memory.get(request.id).phase.kind, 'approved');
    const page = await site.ask(`/r/${token}`, { headers: HTML });
    assert.match(page.text, 'You approved this');
    assert.match(page.text, 'Fine by me');
    assert.not.match(page.text, '<form');
  }),
);

test(
  'a rejection with its reason is passed on',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    assert.is((await site.decide(token, { decision: 'reject', reason: 'Not\r\nnow' })).status, 303);
    const [decision] = site.memory.get(request.id).decisions;
    assert.is(decision?.decision, 'reject');
    assert.is(decision?.reason, 'Not\nnow');
  }),
);

test(
  'the decision says when its page was first opened and which card it showed',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    const proof = await site.proofOf(token);
    site.clock.advance(90_000);
    await site.post(`/r/${token}/decision`, {
      decision: 'approve',
      confirm: 'write_file',
      reason: '',
      proof,
    });
    assert.is(site.fake.decided[0]?.opened_at, '2026-11-23T10:00:00.000Z');
    assert.is(site.fake.decided[0]?.card_digest, request.card_digest);
  }),
);

test(
  'a page that was served before a restart can still be decided on',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    const proof = await site.proofOf(token);
    site.restart();
    await site.post(`/r/${token}/decision`, {
      decision: 'approve',
      confirm: 'write_file',
      reason: '',
      proof,
    });
    assert.is(site.memory.get(request.id).phase.kind, 'approved');
  }),
);

test(
  'a wrong name is answered with 422 and the page, with the reason kept and the name not',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    const answer = await site.decide(token, { confirm: 'write-file', reason: 'Because <b>&' });
    assert.is(answer.status, 422);
    assert.match(answer.text, 'The name does not match');
    assert.match(answer.text, 'Because &lt;b&gt;&amp;</textarea>');
    assert.not.match(answer.text, 'write-file');
    assert.is(site.memory.get(request.id).decisions.length, 0);
  }),
);

test(
  'a reason that a rule demands and nobody gave is answered with 422',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open({ terms: [{ ...WRITES, reason: 'required' }] }).id);
    const answer = await site.decide(token);
    assert.is(answer.status, 422);
    assert.match(answer.text, 'A reason is needed');
  }),
);

test(
  'a form without a button pressed is answered with 422 and decides nothing',
  withSite(async (site) => {
    const request = site.memory.open();
    const answer = await site.decide(site.fake.issue(request.id), { decision: '' });
    assert.is(answer.status, 422);
    assert.match(answer.text, 'Press Approve or Reject to decide.');
    assert.is(site.memory.get(request.id).phase.kind, 'pending');
  }),
);

test(
  'a reason of more than 4,000 characters is answered with 422 and kept in the form',
  withSite(async (site) => {
    const answer = await site.decide(site.fake.issue(site.memory.open().id), { reason: 'r'.repeat(4001) });
    assert.is(answer.status, 422);
    assert.match(answer.text, 'this one has 4,001');
    assert.match(answer.text, 'r'.repeat(4001));
  }),
);

test(
  'a second decision is answered with 409 and the page',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const proof = await site.proofOf(token);
    const fields = { decision: 'approve', confirm: 'write_file', reason: '', proof };
    await site.post(`/r/${token}/decision`, fields);
    const again = await site.post(`/r/${token}/decision`, { ...fields, decision: 'reject' });
    assert.is(again.status, 409);
    assert.match(again.text, 'You have decided already');
    assert.match(again.text, 'You approved this');
  }),
);

test(
  'a decision on a request that others resolved is answered with 409',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id, 'carol');
    const proof = await site.proofOf(token);
    site.memory.reject(request.id, 'alice');
    const answer = await site.post(`/r/${token}/decision`, {
      decision: 'approve',
      confirm: 'write_file',
      reason: '',
      proof,
    });
    assert.is(answer.status, 409);
    assert.match(answer.text, 'This request is over');
  }),
);

test(
  'a decision after the time is over is answered with 410',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const proof = await site.proofOf(token);
    site.clock.advance(31 * 60_000);
    const answer = await site.post(`/r/${token}/decision`, {
      decision: 'approve',
      confirm: 'write_file',
      reason: '',
      proof,
    });
    assert.is(answer.status, 410);
    assert.match(answer.text, 'This request has expired');
  }),
);

const REFUSALS: readonly (readonly [string, number, string])[] = [
  ['self_approval', 403, 'This is your own agent'],
  ['not_eligible', 403, 'You may no longer decide this'],
  ['verification_too_weak', 403, 'A link is not enough here'],
  ['card_changed', 409, 'The request has changed'],
];

for (const [code, status, title] of REFUSALS) {
  test(
    `a refusal for ${code} is answered with ${status} and a page that says so`,
    withSite(async (site) => {
      const token = site.fake.issue(site.memory.open().id);
      site.fake.reviews.decide = async () => {
        throw new DecisionError(code, 'The sentence of the guard.');
      };
      const answer = await site.decide(token);
      assert.is(answer.status, status);
      assert.match(answer.text, title);
      assert.match(answer.text, 'The sentence of the guard.');
    }),
  );
}

test(
  'a program that is refused gets problem details with the code',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const proof = await site.proofOf(token);
    const answer = await site.post(
      `/r/${token}/decision`,
      { decision: 'approve', confirm: 'nope', reason: '', proof },
      { accept: 'application/json' },
    );
    assert.is(answer.status, 422);
    assert.is(JSON.parse(answer.text).code, 'confirm_mismatch');
  }),
);

test(
  'an approval that needs another one says that it waits for others',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open({ terms: [{ ...WRITES, quorum: 2 }] }).id);
    await site.decide(token);
    const page = await site.ask(`/r/${token}`);
    assert.match(page.text, 'It waits for the approval of others.');
    assert.match(page.text, '1 of 2');
  }),
);

test.run();
