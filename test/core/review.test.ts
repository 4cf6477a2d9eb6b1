import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { People, Person } from '../../src/core/person.ts';
import { ask, type Review } from '../../src/core/review.ts';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const TOMORROW = '2026-11-24T10:00:00.000Z';

const REVIEW: Review = {
  reviewers: ['group:ops'],
  quorum: 1,
  verification: 'link',
  expires_ms: 1_800_000,
  reason: 'optional',
  wait_ms: 0,
  timeout_ms: 300_000,
};

/** Alice, bob, carol, dave, erin and frank; `changes` by id. */
function people(changes: Readonly<Record<string, Partial<Person>>> = {}, more: Partial<People> = {}): People {
  return {
    people: ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'].map((id) => ({
      id,
      name: id,
      emails: [`${id}@example.com`],
      ...changes[id],
    })),
    groups: { ops: ['alice', 'bob', 'carol'], leads: ['erin', 'bob', 'alice'] },
    agents: [{ id: 'claude', owner: 'bob' }],
    ...more,
  };
}

const away = (to: string, until = TOMORROW) => ({ away: { until, to } });

function asked(directory: People, review: Partial<Review> = {}, at = NOW) {
  const asking = { owner: 'bob', at, people: directory };
  return ask({ id: 'writes', review: { ...REVIEW, ...review } }, asking);
}

const terms = (directory: People, review?: Partial<Review>, at?: number) =>
  asked(directory, review, at).terms;

test('a rule that says nothing of channels has the terms that it always had', () => {
  assert.equal(terms(people(), { notify: ['email'], admits: [] }), {
    rule: 'writes',
    reviewers: ['alice', 'carol'],
    quorum: 1,
    verification: 'link',
    reason: 'optional',
  });
});

test('channels, reminders and what decides besides stand in the terms', () => {
  const { notify, remind_ms, admits } = terms(people(), {
    notify: ['email', 'slack:#ops'],
    remind_ms: 600_000,
    admits: ['slack', 'api'],
  });
  assert.equal(
    { notify, remind_ms, admits },
    { notify: ['email', 'slack:#ops'], remind_ms: 600_000, admits: ['slack', 'api'] },
  );
});

test('nothing decides besides a passkey, be it the rule or a lone owner that asks for one', () => {
  assert.is(terms(people(), { verification: 'passkey', admits: ['slack'] }).admits, undefined);
  const alone: People = {
    people: [{ id: 'bob', name: 'bob', emails: ['bob@example.com'] }],
    groups: { ops: ['bob'] },
    agents: [{ id: 'claude', owner: 'bob' }],
    solo: true,
  };
  assert.is(terms(alone, { admits: ['slack', 'api'] }).admits, undefined);
});

test('who is away may decide, and their delegate is asked in their place', () => {
  const { terms: of, people: counted, delegations } = asked(people({ alice: away('dave') }));
  assert.equal(of.reviewers, ['alice', 'carol', 'dave']);
  assert.equal(of.away, ['alice']);
  assert.equal(
    counted.map(({ id }) => id),
    ['alice', 'carol'],
  );
  assert.equal(
    delegations.map((each) => [each.of.id, each.to.id]),
    [['alice', 'dave']],
  );
});

test('who is away is asked again from the moment on at which that ends', () => {
  const directory = people({ alice: away('dave') });
  const end = Date.parse(TOMORROW);
  assert.equal(terms(directory, {}, end - 1).away, ['alice']);
  assert.is(terms(directory, {}, end).away, undefined);
  assert.equal(terms(directory, {}, end).reviewers, ['alice', 'carol']);
});

test('a chain of delegates is followed to who is there', () => {
  const of = terms(people({ alice: away('dave'), dave: away('erin') }));
  assert.equal([of.reviewers, of.away], [['alice', 'carol', 'erin'], ['alice']]);
});

test('a chain that comes round, or leads to nobody, leaves the reviewer to be asked', () => {
  for (const changes of [
    { alice: away('dave'), dave: away('alice') },
    { alice: away('dave'), dave: away('erin'), erin: away('dave') },
    { alice: away('alice') },
    { alice: away('nobody') },
  ]) {
    const of = terms(people(changes));
    assert.equal([of.reviewers, of.away], [['alice', 'carol'], undefined]);
  }
});

test('neither the owner, nor the same human, nor whom the owner acts for stands in for anybody', () => {
  const twin = { id: 'rob', name: 'rob', emails: ['bob+x@example.com'] };
  for (const changes of [
    { alice: away('bob') },
    { alice: away('rob') },
    { alice: away('dave'), bob: { acts_for: ['dave'] } },
    { alice: away('dave'), dave: { emails: ['bob+y@example.com'] } },
  ]) {
    const directory = people(changes);
    const of = terms({ ...directory, people: [...directory.people, twin] });
    assert.equal([of.reviewers, of.away], [['alice', 'carol'], undefined]);
  }
});

test('the owner does not choose who stands in for a reviewer', () => {
  const of = terms(people({ alice: away('bob'), bob: away('dave') }));
  assert.equal([of.reviewers, of.away], [['alice', 'carol'], undefined]);
});

test('the owner who is away sends nobody in their own place', () => {
  const of = terms(people({ bob: away('dave') }));
  assert.equal([of.reviewers, of.away], [['alice', 'carol'], undefined]);
});

test('one human stands in once, under whatever entry', () => {
  const directory = people({
    alice: away('dave'),
    carol: away('erin'),
    erin: { emails: ['dave+x@example.com'] },
  });
  const of = terms(directory);
  assert.equal(
    [of.reviewers, of.away],
    [
      ['alice', 'carol', 'dave'],
      ['alice', 'carol'],
    ],
  );
});

test('a delegate who is the same human as who is away does not stand in', () => {
  const of = terms(people({ alice: away('dave'), dave: { emails: ['alice+x@example.com'] } }));
  assert.equal([of.reviewers, of.away], [['alice', 'carol'], undefined]);
});

test('a delegate who is a reviewer already is asked once', () => {
  const of = terms(people({ alice: away('carol') }));
  assert.equal([of.reviewers, of.away], [['alice', 'carol'], ['alice']]);
});

test('where fewer would be asked than must approve, who is away is asked, too', () => {
  const of = terms(people({ alice: away('carol') }), { quorum: 2 });
  assert.equal([of.reviewers, of.away], [['alice', 'carol'], undefined]);
  const both = terms(people({ alice: away('dave'), carol: away('dave') }), { quorum: 2 });
  assert.equal([both.reviewers, both.away], [['alice', 'carol', 'dave'], undefined]);
});

test('delegates make no quorum possible that is not possible without them', () => {
  const { people: counted, terms: of } = asked(people({ alice: away('dave') }), {
    reviewers: ['alice'],
    quorum: 2,
  });
  assert.equal([of.reviewers, counted.length], [['alice', 'dave'], 1]);
});

const ESCALATE = { after_ms: 1_200_000, to: ['group:leads'], notify: ['pagerduty'] };

test('who is asked later are those who are named, without the owner and without who is asked already', () => {
  assert.equal(terms(people(), { escalate: ESCALATE }).escalate, {
    after_ms: 1_200_000,
    reviewers: ['erin'],
    notify: ['pagerduty'],
  });
});

test('nothing is escalated where nobody is left to ask', () => {
  for (const changes of [
    { erin: { emails: ['bob+x@example.com'] } },
    { erin: { emails: ['carol+x@example.com'] } },
    { bob: { acts_for: ['erin'] } },
  ])
    assert.is(terms(people(changes), { escalate: { ...ESCALATE, notify: [] } }).escalate, undefined);
});

test('who is asked later and is away has their delegate asked', () => {
  const of = terms(people({ erin: away('frank') }), { escalate: ESCALATE });
  assert.equal([of.escalate?.reviewers, of.away], [['erin', 'frank'], ['erin']]);
});

test('who is asked later and whose delegate is asked already is asked themselves', () => {
  const of = terms(people({ erin: away('alice') }), { escalate: ESCALATE });
  assert.equal([of.escalate?.reviewers, of.away], [['erin'], undefined]);
});

test('the fallback of people.yaml stands in the terms, without who is asked already', () => {
  const of = terms(people({}, { fallback: ['group:leads', 'frank'] }));
  assert.equal(of.fallback, ['erin', 'frank']);
  assert.is(terms(people({}, { fallback: ['alice', 'bob'] })).fallback, undefined);
});

test('a lone owner is nobody to escalate to', () => {
  const alone: People = {
    people: [{ id: 'bob', name: 'bob', emails: ['bob@example.com'] }],
    groups: { ops: [] },
    agents: [{ id: 'claude', owner: 'bob' }],
    solo: true,
    fallback: ['bob'],
  };
  const of = terms(alone, { escalate: { ...ESCALATE, to: ['bob'], notify: [] } });
  assert.equal([of.reviewers, of.escalate, of.fallback], [[], undefined, undefined]);
});

test.run();
