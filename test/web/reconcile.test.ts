import { Hono } from 'hono';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { challengeOf } from '../../src/core/challenge.ts';
import { DecisionError } from '../../src/core/errors.ts';
import type { Reviews } from '../../src/guard/ports.ts';
import { createLimits } from '../../src/reviewers/limits.ts';
import { createPasskeys } from '../../src/reviewers/passkeys.ts';
import { createSeals } from '../../src/reviewers/seal.ts';
import { createRequestRoutes } from '../../src/web/request-routes.ts';
import type { Env } from '../../src/web/site-context.ts';
import type { ReviewSiteOptions } from '../../src/web/site-options.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { createFakeReviews } from '../support/fake-reviews.ts';
import { createMemoryRequests, PEOPLE } from '../support/memory-requests.ts';

type Said = Parameters<Reviews['reconcile']>[0];

/** The pages of one request as Alice sees it in the console, its outcome unknown. */
function scene() {
  const clock = new FakeClock();
  const random = seededRandom();
  const memory = createMemoryRequests(clock, random);
  const fake = createFakeReviews(memory, clock, random);
  const key = createAuthenticator();
  const request = memory.open();
  const said: Said[] = [];
  fake.reviews.reconcile = async (input) => {
    if (input.reason === '') throw new DecisionError('reason_required', 'Say how you found out.');
    said.push(input);
    return fake.reviews.view(input.access);
  };
  Object.assign(fake.shown, {
    state: 'over',
    reconcile: ['passkey'],
    passkeys: [key.passkey('alice')],
    request: {
      ...request,
      phase: { kind: 'outcome_unknown', at: '2026-11-23T10:01:00.000Z', detail: 'The server died.' },
    },
  });
  const seals = createSeals(Buffer.alloc(32, 1), clock, random);
  const routes = createRequestRoutes(
    {
      reviews: fake.reviews,
      controls: async () => ({ frameworks: [], controlsOf: () => [] }),
      clock,
      random,
      seals,
      limits: createLimits(),
      passkeys: createPasskeys({ origin: 'http://localhost:7447' }),
      people: () => PEOPLE,
      tlog: { newest: () => undefined },
    } as unknown as ReviewSiteOptions,
    {
      rootOf: () => '../../',
      refuse: (c, problem) => c.text(problem.code, problem.status),
      frame: () => ({ live: '../../console/events' }),
      addressOf: () => '127.0.0.1',
    },
  );
  const access = { kind: 'session', person: 'alice', request_id: request.id } as const;
  const app = new Hono<Env>();
  app.get('/', (c) => routes.show(c, access));
  app.post('/', (c) => routes.reconcile(c, access));
  const headers = { accept: 'text/html' };
  const page = async () => (await app.request('/', { headers })).text();
  const post = (fields: Record<string, string>) =>
    app.request('/', { method: 'POST', headers, body: new URLSearchParams(fields) });
  return { fake, key, request, said, seals, page, post };
}

function partsOf(text: string) {
  const [, options = '{}'] = /data-passkey-get="([^"]*)"/.exec(text) ?? [];
  const [, proof = ''] = /name="proof" value="([^"]*)"/.exec(text) ?? [];
  return { proof, options: JSON.parse(options.replaceAll('&quot;', '"')) };
}

test('the console asks what became of a call whose outcome nobody knows, below its story', async () => {
  const { page } = scene();
  const text = await page();
  assert.match(text, 'Was it carried out?');
  assert.match(text, '/reconcile"');
  assert.ok(text.indexOf('The story of this request') < text.indexOf('Was it carried out?'));
  assert.match(text, 'data-live="../../console/events"');
});

test('a word that a passkey signed is passed on, with how it was found out', async () => {
  const { page, post, key, said } = scene();
  const { proof, options } = partsOf(await page());
  assert.equal(Object.keys(options), ['done', 'not_done']);
  const answer = await post({
    outcome: 'not_done',
    reason: 'The file is not there.',
    proof,
    assertion: JSON.stringify(key.assert(options.not_done)),
  });
  assert.is(answer.status, 303);
  assert.is(said[0]?.outcome, 'not_done');
  assert.is(said[0]?.reason, 'The file is not there.');
  assert.is(said[0]?.proof.kind, 'passkey');
});

test('what the key signs is the word, the request and the person', async () => {
  const { page, request, seals } = scene();
  const { proof, options } = partsOf(await page());
  const served = seals.open('decision form', proof) as { value: { nonce: string } };
  assert.is(
    options.done.challenge,
    challengeOf({
      act: 'reconcile',
      request_id: request.id,
      action_digest: request.action_digest,
      outcome: 'done',
      reviewer: 'alice',
      nonce: served.value.nonce,
    }),
  );
});

test('a word without a signature, and one without a button, are refused', async () => {
  const { page, post, said } = scene();
  const { proof } = partsOf(await page());
  assert.is((await post({ outcome: 'done', reason: 'x', proof, confirm: 'write_file' })).status, 422);
  assert.is((await post({ outcome: 'maybe', reason: 'x', proof })).status, 422);
  assert.is((await post({ outcome: 'done', reason: 'x', proof: 'x' })).status, 403);
  assert.equal(said, []);
});

test('a refusal is shown on the page, which then does not load itself again', async () => {
  const { page, post, key } = scene();
  const { proof, options } = partsOf(await page());
  const answer = await post({
    outcome: 'done',
    reason: '',
    proof,
    assertion: JSON.stringify(key.assert(options.done)),
  });
  assert.is(answer.status, 422);
  const text = await answer.text();
  assert.match(text, 'A reason is needed');
  assert.not.match(text, 'data-live');
});

test('whom the guard does not let say it is not asked', async () => {
  const { fake, page } = scene();
  delete fake.shown.reconcile;
  assert.not.match(await page(), 'Was it carried out?');
});

test.run();
