import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { linkDigest } from '../../src/core/link.ts';
import type { People } from '../../src/core/person.ts';
import { DeliveryError, type Channel, type InvitationNotice } from '../../src/notify/channel.ts';
import { createInvitationPost } from '../../src/notify/invitations.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import {
  approvedInvitation,
  DAY,
  enrolled,
  invited,
  linked,
  sent,
  withdrawn,
} from '../support/identity-entries.ts';
import { memoryJournal } from '../support/memory-journal.ts';

const directory = (address = 'alice@example.com'): People => ({
  people: [
    { id: 'alice', name: 'Alice Ng', emails: [address, 'a.ng@example.com'] },
    { id: 'bob', name: 'Bob Ray', emails: ['bob@example.com'] },
    { id: 'carol', name: 'Carol Im', emails: ['carol@example.com'] },
  ],
  groups: {},
  agents: [],
});

interface Handed {
  readonly notice: InvitationNotice;
  succeed(): void;
  fail(error: Error): void;
}

/** Invitations over a journal in memory and a channel that answers when the test says so. */
function setUp(channels?: readonly Channel[]) {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const journal = memoryJournal(ledger, clock);
  const handed: Handed[] = [];
  const logged: string[] = [];
  const world = { people: directory() };
  const channel: Channel = {
    name: 'fake',
    reaches: (person) => person.emails.length > 0,
    deliver: () => Promise.reject(new Error('No request is told of here.')),
    invite: (notice) =>
      new Promise((resolve, reject) => {
        handed.push({ notice, succeed: () => resolve({ message_id: '<invite@fake>' }), fail: reject });
      }),
  };
  const open = (seed = 1) =>
    createInvitationPost({
      identities: () => ledger.identities,
      append: (drafts: readonly Draft[]) => journal.append(drafts),
      people: () => world.people,
      checkpoint: async () => 'a signed note',
      channels: channels ?? [channel],
      publicUrl: 'https://placet.example.com/',
      clock,
      random: seededRandom(seed),
      log: (line) => logged.push(line),
    });
  const types = () => journal.entries.map((entry) => entry.type);
  return { clock, ledger, journal, handed, logged, world, post: open(), open, types };
}

/** Lets everything run that waits for nothing but promises. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const busy = () => new DeliveryError('The server is busy.', false);
const refused = () => new DeliveryError('There is no such mailbox.', true);

test('an invitation is sent to the person, with the name of who invited and a link to enrol', async () => {
  const { journal, handed, post } = setUp();
  await journal.append([invited('inv_1', 'alice', false, 'bob')]);
  post.poke();
  await settle();
  assert.is(handed.length, 1);
  const notice = handed[0]?.notice;
  assert.equal(
    [notice?.invitation, notice?.to.emails[0], notice?.inviter, notice?.expires_at],
    ['inv_1', 'alice@example.com', 'Bob Ray', '2026-11-24T10:00:00.000Z'],
  );
  assert.is(notice?.checkpoint, 'a signed note');
  assert.match(notice?.link ?? '', /^https:\/\/placet\.example\.com\/enrol\/[\w-]{43}$/);
});

test('the hash of the link is in the journal before the link is handed over, and the link itself never', async () => {
  const { journal, handed, post } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  const token = handed[0]?.notice.link.split('/').at(-1) ?? '';
  const last = journal.entries.at(-1);
  assert.is(last?.type === 'passkey.invitation_linked' && last.link_sha256, linkDigest(token));
  handed[0]?.succeed();
  await post.drain();
  assert.not.match(JSON.stringify(journal.entries), token);
});

test('it is valid for 24 hours from the moment in which it was taken over', async () => {
  const { clock, journal, ledger, handed, post } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  clock.advance(30_000);
  handed[0]?.succeed();
  await post.drain();
  const last = journal.entries.at(-1);
  assert.equal(last?.type === 'passkey.invitation_sent' && [last.channel, last.message_id, last.expires_at], [
    'fake',
    '<invite@fake>',
    '2026-11-24T10:00:30.000Z',
  ]);
  assert.is(ledger.identities.invitation('inv_1')?.expires_at, '2026-11-24T10:00:30.000Z');
  assert.equal(post.undelivered(), []);
});

test('what was sent is not sent again, however often it is looked at', async () => {
  const { journal, handed, post, types } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  post.poke();
  await settle();
  handed[0]?.succeed();
  await post.drain();
  post.poke();
  await settle();
  assert.equal(types(), ['passkey.invited', 'passkey.invitation_linked', 'passkey.invitation_sent']);
});

test('an invitation that waits for a second person goes out when that one has approved', async () => {
  const { journal, handed, post } = setUp();
  await journal.append([
    invited('inv_0', 'carol'),
    linked('inv_0'),
    sent('inv_0'),
    enrolled('carol', 'key of carol', { invitation: 'inv_0' }),
    invited('inv_1', 'alice', true, 'bob'),
  ]);
  post.poke();
  await settle();
  assert.is(handed.length, 0);
  assert.equal(post.undelivered(), []);
  await journal.append([approvedInvitation('inv_1', 'carol')]);
  post.poke();
  await settle();
  assert.is(handed[0]?.notice.to.id, 'alice');
});

test('an invitation that was withdrawn is not sent, nor journalled as sent', async () => {
  const { journal, handed, post, types } = setUp();
  await journal.append([invited('inv_1', 'alice'), withdrawn('inv_1'), invited('inv_2', 'bob')]);
  post.poke();
  await settle();
  assert.equal(
    handed.map(({ notice }) => notice.invitation),
    ['inv_2'],
  );
  await journal.append([withdrawn('inv_2')]);
  handed[0]?.succeed();
  await post.drain();
  assert.not.ok(types().includes('passkey.invitation_sent'));
  assert.equal(post.undelivered(), []);
});

test('a newer invitation of the same person goes out in the place of one that waits for its next try', async () => {
  const { clock, journal, handed, post } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  handed[0]?.fail(busy());
  await post.drain();
  await journal.append([invited('inv_2', 'alice')]);
  post.poke();
  clock.advance(10 * 60_000);
  await settle();
  assert.equal(
    handed.map(({ notice }) => notice.invitation),
    ['inv_1', 'inv_2'],
  );
});

test('a temporary failure is tried again with the same link, later each time', async () => {
  const { clock, journal, handed, logged, post, types } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  handed[0]?.fail(busy());
  await post.drain();
  assert.equal(post.undelivered(), [
    { invitation: 'inv_1', person: 'alice', attempts: 1, failure: 'The server is busy.' },
  ]);
  assert.match(
    logged[0] ?? '',
    /^notify: invitation inv_1 to alice: The server is busy\. Next try in [12] s\.$/,
  );
  post.poke();
  await settle();
  assert.is(handed.length, 1);
  clock.advance(2000);
  await settle();
  assert.is(handed.length, 2);
  assert.is(handed[1]?.notice.link, handed[0]?.notice.link);
  handed[1]?.fail(busy());
  await post.drain();
  clock.advance(1999);
  await settle();
  assert.is(handed.length, 2);
  clock.advance(2001);
  await settle();
  handed[2]?.succeed();
  await post.drain();
  assert.equal(types(), ['passkey.invited', 'passkey.invitation_linked', 'passkey.invitation_sent']);
  assert.not.match(logged.join('\n'), '/enrol/');
});

test('a refusal for good is kept with its reason and not tried again, until the address changes', async () => {
  const { clock, journal, handed, logged, world, post } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  handed[0]?.fail(refused());
  await post.drain();
  post.poke();
  clock.advance(DAY);
  await settle();
  assert.is(handed.length, 1);
  assert.equal(post.undelivered(), [
    { invitation: 'inv_1', person: 'alice', attempts: 1, failure: 'There is no such mailbox.' },
  ]);
  assert.equal(logged, [
    'notify: invitation inv_1 to alice: There is no such mailbox. It is not tried again at this address.',
  ]);
  world.people = directory('alice@new.example.com');
  post.poke();
  await settle();
  assert.is(handed[1]?.notice.to.emails[0], 'alice@new.example.com');
  handed[1]?.succeed();
  await post.drain();
  assert.equal(post.undelivered(), []);
});

test('after a restart a refused invitation is tried again, and an unsent one has another link; both work', async () => {
  const { journal, ledger, handed, post, open } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  handed[0]?.fail(refused());
  await post.close();
  const next = open(2);
  next.poke();
  await settle();
  handed[1]?.succeed();
  await next.drain();
  const links = handed.map(({ notice }) => notice.link.split('/').at(-1) ?? '');
  assert.not.equal(links[0], links[1]);
  for (const link of links) {
    assert.is(ledger.identities.invitationOfLink(linkDigest(link))?.id, 'inv_1');
  }
});

test('a person whom no channel reaches is told in the log once, and sent to when one does', async () => {
  const { journal, handed, logged, world, post } = setUp();
  world.people = { ...world.people, people: [{ id: 'alice', name: 'Alice Ng', emails: [] }] };
  await journal.append([invited('inv_1', 'alice'), invited('inv_2', 'zoe')]);
  post.poke();
  post.poke();
  await settle();
  const why =
    'No channel that can carry an invitation reaches alice: give them an address in people.yaml, and set up mail.';
  assert.equal(logged, [
    `notify: invitation inv_1 to alice: ${why}`,
    'notify: invitation inv_2 to zoe: people.yaml no longer names zoe.',
  ]);
  assert.equal(post.undelivered(), [
    { invitation: 'inv_1', person: 'alice', attempts: 0, failure: why },
    { invitation: 'inv_2', person: 'zoe', attempts: 0, failure: 'people.yaml no longer names zoe.' },
  ]);
  world.people = directory();
  post.poke();
  await settle();
  assert.is(handed[0]?.notice.to.id, 'alice');
});

test('a channel that several read carries no invitation', async () => {
  const { journal, logged, post } = setUp([
    {
      name: 'chat',
      reaches: () => true,
      deliver: () => Promise.reject(new Error('not asked')),
    },
  ]);
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  assert.match(logged[0] ?? '', 'No channel that can carry an invitation reaches alice');
});

test('nothing is sent while the journal cannot take up the link', async () => {
  const { clock, journal, handed, post } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  journal.break('The disk is full.');
  post.poke();
  await post.drain();
  assert.is(handed.length, 0);
  assert.is(post.undelivered()[0]?.failure, 'The disk is full.');
  journal.break(undefined);
  clock.advance(2000);
  await settle();
  assert.is(handed.length, 1);
});

test('what was taken over is journalled as soon as the journal can be written again, and not mailed twice', async () => {
  const { clock, journal, handed, post, types } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  journal.break('The disk is full.');
  handed[0]?.succeed();
  await post.drain();
  assert.is(post.undelivered()[0]?.failure, 'The disk is full.');
  journal.break(undefined);
  post.poke();
  clock.advance(2000);
  await post.drain();
  assert.is(handed.length, 1);
  assert.equal(types().slice(2), ['passkey.invitation_sent']);
  const last = journal.entries.at(-1);
  assert.is(last?.type === 'passkey.invitation_sent' && last.expires_at, '2026-11-24T10:00:00.000Z');
});

test('once closed it starts nothing, and waits for what is under way', async () => {
  const { clock, journal, handed, post, types } = setUp();
  await journal.append([invited('inv_1', 'alice')]);
  post.poke();
  await settle();
  const closing = post.close();
  handed[0]?.succeed();
  await closing;
  assert.is(types().at(-1), 'passkey.invitation_sent');
  await journal.append([invited('inv_2', 'bob')]);
  post.poke();
  clock.advance(DAY);
  await settle();
  assert.is(handed.length, 1);
});

test.run();
