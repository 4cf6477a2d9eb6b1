import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, Entry, EntryOf, PasskeyReceipt, Receipt } from '../../src/core/entry.ts';
import { TransitionError } from '../../src/core/errors.ts';
import { Identities } from '../../src/core/identities.ts';
import {
  approvedInvitation,
  at,
  enrolled,
  entry,
  HOUR,
  invited,
  linked,
  passkeyReceipt,
  revoked,
  sent,
  sessionClosed,
  sessionOpened,
  signOnReceipt,
} from '../support/identity-entries.ts';

type Taken = Parameters<Identities['apply']>[0];

/** One event of a history, made for what stands; `i` counts. */
type Step = (identities: Identities, i: number) => Draft;

const RUNS = 500;
const person = fc.constantFrom('alice', 'bob', 'carol');
const credential = fc.constantFrom('k1', 'k1', 'k2', 'k2', 'k3', 'k4');
const session = fc.constantFrom('a', 'b', 'c');
const any = fc.nat({ max: 1000 });

/** Counters mostly grow, and nonces are mostly new. */
const passkey = fc
  .record({ credential, off: fc.constantFrom(1, 1, 1, 2, 0, -1), old: fc.constantFrom(0, 0, 0, 0, 1), any })
  .map(
    ({ credential: id, off, old, any: n }) =>
      (identities: Identities, i: number) =>
        passkeyReceipt(id, old === 1 ? `n${n % (i + 1)}` : `n${i}`, {
          sign_count: Math.max(0, (identities.passkey(id)?.sign_count ?? 0) + off),
        }),
  );

/** Whose key it is, most of the time. */
function holder(identities: Identities, { credential_id }: PasskeyReceipt, other: string, n: number): string {
  return n % 5 === 0 ? other : (identities.passkey(credential_id)?.person ?? other);
}

/** An invitation that is open, most of the time. */
function someInvitation(identities: Identities, n: number): string {
  const all = [...identities.invitations()].filter(({ state }) => n % 5 === 0 || state === 'open');
  return all[n % Math.max(1, all.length)]?.id ?? 'none';
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(person, fc.boolean()).map(
    ([who, needed]): Step =>
      (_, i) =>
        invited(`i${i}`, who, needed),
  ),
  fc.tuple(person, passkey, any).map(
    ([who, receipt, n]): Step =>
      (identities, i) => {
        const given = receipt(identities, i);
        return approvedInvitation(someInvitation(identities, n), holder(identities, given, who, n), given);
      },
  ),
  any.map(
    (n): Step =>
      (identities) =>
        linked(someInvitation(identities, n)),
  ),
  any.map(
    (n): Step =>
      (identities) =>
        sent(someInvitation(identities, n)),
  ),
  fc.tuple(person, credential, any).map(
    ([who, key, n]): Step =>
      (identities) => {
        const id = someInvitation(identities, n);
        return enrolled(n % 5 === 0 ? who : (identities.invitation(id)?.person ?? who), key, {
          invitation: id,
        });
      },
  ),
  fc.tuple(person, credential, passkey, any).map(
    ([who, key, receipt, n]): Step =>
      (identities, i) => {
        const given = receipt(identities, i);
        return enrolled(holder(identities, given, who, n), key, { receipt: given });
      },
  ),
  fc.tuple(person, credential, passkey, any).map(
    ([who, key, receipt, n]): Step =>
      (identities, i) => {
        if (n % 3 === 0) return revoked(identities.passkey(key)?.person ?? who, key);
        const given = receipt(identities, i);
        const by = holder(identities, given, who, n);
        return revoked(by, key, by, given);
      },
  ),
  {
    weight: 4,
    arbitrary: fc.tuple(session, person, passkey, any).map(
      ([id, who, receipt, n]): Step =>
        (identities, i) => {
          if (n % 4 === 0) return sessionOpened(id, who, signOnReceipt(`${n % 12}`));
          const given = receipt(identities, i);
          return sessionOpened(id, holder(identities, given, who, n), given);
        },
    ),
  },
  fc.tuple(session, person).map(
    ([id, who]): Step =>
      () =>
        sessionClosed(id, who),
  ),
);

/** Alice and Bob have a key each. */
const BEGINNING: readonly Draft[] = [
  ['alice', 'k1'],
  ['bob', 'k2'],
].flatMap(([who = '', key = '']) => [
  invited(`first of ${who}`, who),
  sent(`first of ${who}`),
  enrolled(who, key, { invitation: `first of ${who}` }),
]);

/** Plays random histories, and hands each one's legal entries over with the state at the end. */
function play(seen: (taken: readonly Entry[], identities: Identities) => void): void {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 80 }), (steps) => {
      const identities = new Identities();
      const taken: Entry[] = [];
      const all = [
        ...BEGINNING.map(
          (each): Step =>
            () =>
              each,
        ),
        ...steps,
      ];
      all.forEach((each, i) => {
        const next = entry(each(identities, i), i * 60_000, i);
        const before = JSON.stringify(identities.save());
        try {
          identities.apply(next as Taken);
          taken.push(next);
        } catch (error) {
          assert.instance(error, TransitionError);
          assert.is(JSON.stringify(identities.save()), before);
        }
      });
      seen(taken, identities);
    }),
    { numRuns: RUNS },
  );
}

function of<T extends Entry['type']>(taken: readonly Entry[], type: T): readonly EntryOf<T>[] {
  return taken.filter((each): each is EntryOf<T> => each.type === type);
}

/** Receipts in the order in which they were believed, each with who gave it. */
function proofs(taken: readonly Entry[]): readonly { by: string; receipt: Receipt; seq: number }[] {
  return taken.flatMap((each) => {
    if (!('receipt' in each) || !each.receipt) return [];
    const by = 'by' in each ? each.by : 'person' in each ? each.person : '';
    return [{ by, receipt: each.receipt, seq: each.seq }];
  });
}

test('a refused entry never changes anything, and nothing is believed twice', () => {
  let believed = 0;
  play((taken) => {
    const used = proofs(taken).map(({ receipt: each }) =>
      each.kind === 'sso' ? each.id_token_sha256 : 'nonce' in each ? each.nonce : '',
    );
    assert.is(new Set(used).size, used.length);
    believed += used.length;
  });
  assert.ok(believed > 1000, `only ${believed} proofs were believed`);
});

test('only keys of their own, enrolled before and not revoked, speak for people', () => {
  play((taken) => {
    for (const { by, receipt: each, seq } of proofs(taken)) {
      if (each.kind !== 'passkey') continue;
      const before = taken.filter((other) => other.seq < seq);
      const enrolment = of(before, 'passkey.enrolled').find(
        ({ credential_id }) => credential_id === each.credential_id,
      );
      assert.is(enrolment?.person, by);
      assert.not.ok(
        of(before, 'passkey.revoked').some(({ credential_id }) => credential_id === each.credential_id),
      );
    }
  });
});

test('the counter of a key only grows, once it counts', () => {
  let counted = 0;
  play((taken) => {
    const latest = new Map<string, number>();
    for (const { receipt: each } of proofs(taken)) {
      if (each.kind !== 'passkey') continue;
      const last = latest.get(each.credential_id) ?? 0;
      assert.ok(each.sign_count > last || (last === 0 && each.sign_count === 0));
      latest.set(each.credential_id, each.sign_count);
      counted += each.sign_count > 0 ? 1 : 0;
    }
  });
  assert.ok(counted > 500, `only ${counted} counters were seen`);
});

test('every key comes of an invitation of its person or of another key of theirs', () => {
  let again = 0;
  play((taken) => {
    for (const each of of(taken, 'passkey.enrolled')) {
      const before = taken.filter((other) => other.seq < each.seq);
      const isFirst = !of(before, 'passkey.enrolled').some((other) => other.person === each.person);
      if (each.invitation === undefined) {
        assert.is(isFirst, false);
        continue;
      }
      const made = of(before, 'passkey.invited').find((other) => other.invitation === each.invitation);
      assert.is(made?.person, each.person);
      assert.is(
        of(before, 'passkey.enrolled').filter((other) => other.invitation === each.invitation).length,
        0,
      );
      if (isFirst && !made?.needs_approval) continue;
      const approved = of(before, 'passkey.invitation_approved').find(
        (other) => other.invitation === each.invitation,
      );
      assert.ok(approved && approved.by !== each.person);
      again += 1;
    }
  });
  assert.ok(again > 5, `only ${again} people were invited with approval`);
});

test('whatever happened, a saved state goes on like the one that it was saved from', () => {
  play((taken, identities) => {
    const copy = new Identities();
    copy.load(JSON.parse(JSON.stringify(identities.save())) as ReturnType<Identities['save']>);
    const replayed = new Identities();
    for (const each of taken) replayed.apply(each as Taken);
    assert.equal(copy.save(), identities.save());
    assert.equal(replayed.save(), identities.save());
  });
});

test('no session outlives the key that opened it', () => {
  play((taken, identities) => {
    for (const key of identities.save().passkeys)
      if (key.revoked)
        assert.not.ok(identities.save().sessions.some(({ credential_id }) => credential_id === key.id));
    assert.ok(
      identities
        .save()
        .sessions.every(({ expires_at }) => Date.parse(expires_at) <= Date.parse(at(8 * HOUR))),
    );
    assert.ok(of(taken, 'session.opened').length >= identities.save().sessions.length);
  });
});

test.run();
