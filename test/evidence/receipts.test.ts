import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Verdict } from '../../src/evidence/verify.ts';
import { createAuthenticator, type Knobs } from '../support/authenticator.ts';
import { at, claimed, resolved, started } from '../support/journal-drafts.ts';
import {
  ask,
  decideAct,
  decidedBy,
  lineOf,
  signedJournal,
  signedStory,
  verifiedAfter,
  type Line,
} from '../support/signed-journal.ts';

/** Sentences about receipts, without where they stand. */
const faults = ({ problems }: Verdict) =>
  problems.filter(({ code }) => code === 'receipt').map(({ message }) => message.replace(/^[^:]*: /, ''));

async function told(change: (lines: Line[]) => void): Promise<Verdict> {
  const bench = await signedJournal();
  await signedStory(bench);
  return verifiedAfter(bench, change);
}

for (const [name, algorithm] of [
  ['EdDSA', -8],
  ['ES256', -7],
  ['RS256', -257],
] as const) {
  test(`whatever ${name} keys signed is checked again and holds`, async () => {
    const bench = await signedJournal(algorithm);
    await signedStory(bench);
    const verdict = await verifiedAfter(bench);
    assert.equal(verdict.problems, []);
    assert.is(verdict.signatures, 7);
    assert.equal(verdict.decisions, { link: 0, sso: 0, passkey: 1, slack: 0, api: 0 });
  });

  test(`a bit of what an ${name} key signed, changed, is found`, async () => {
    const bench = await signedJournal(algorithm);
    await signedStory(bench);
    const verdict = await verifiedAfter(bench, (lines) => {
      const { receipt } = lineOf(lines, 'approval.decided');
      const bytes = Buffer.from(String(receipt['signature']), 'base64url');
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
      receipt['signature'] = bytes.toString('base64url');
    });
    assert.equal(faults(verdict), ['its signature is not by the passkey as enrolled.']);
    assert.is(verdict.signatures, 6);
    assert.is(verdict.ok, false);
  });
}

/** Parts of the entry that a signature stands for, and what another value of them is met with. */
const ANOTHER_ACT = 'what was signed is another act than the entry tells of.';
for (const [type, member, value] of [
  ['approval.decided', 'decision', 'reject'],
  ['approval.decided', 'action_digest', 'f'.repeat(64)],
  ['approval.decided', 'card_digest', 'f'.repeat(64)],
  ['execution.reconciled', 'outcome', 'not_done'],
  ['passkey.revoked', 'credential_id', 'b3RoZXI'],
] as const) {
  test(`another ${member} in ${type} than was signed is found`, async () => {
    const verdict = await told((lines) => {
      lineOf(lines, type)[member] = value;
    });
    assert.ok(faults(verdict).includes(ANOTHER_ACT), JSON.stringify(verdict.problems));
  });
}

test('another reviewer than the one who signed is found', async () => {
  const verdict = await told((lines) => {
    lineOf(lines, 'approval.decided')['reviewer'] = 'carol';
  });
  assert.equal(faults(verdict), [ANOTHER_ACT]);
  assert.match(JSON.stringify(verdict.problems), 'This passkey is not one of carol');
});

test('a person who is not the one invited is found', async () => {
  const verdict = await told((lines) => {
    const invited = lines.filter((line) => line['type'] === 'passkey.invited').at(-1);
    if (invited) invited['person'] = 'dan';
  });
  assert.equal(faults(verdict), [ANOTHER_ACT]);
});

test('a key added for somebody else than its signer named is found', async () => {
  const verdict = await told((lines) => {
    const added = lines.filter((line) => line['type'] === 'passkey.enrolled').at(-1);
    if (added) added['person'] = 'carol';
  });
  assert.ok(faults(verdict).includes(ANOTHER_ACT));
});

test('another action than the one that was signed is found, though request and decision agree', async () => {
  const verdict = await told((lines) => {
    for (const line of lines) if ('card_digest' in line) line['card_digest'] = 'f'.repeat(64);
  });
  assert.equal(faults(verdict), [ANOTHER_ACT]);
  assert.equal([...new Set(verdict.problems.map(({ code }) => code))], ['receipt']);
});

for (const [part, value, fault] of [
  ['nonce', 'bm9uY2U', ANOTHER_ACT],
  ['client_data', 'YQ', 'what the browser signed cannot be read.'],
  ['client_data', Buffer.from('[]').toString('base64url'), 'what the browser signed cannot be read.'],
  ['authenticator_data', 'YQ', 'what the authenticator signed is cut short.'],
  ['signature', 'YQ', 'its signature is not by the passkey as enrolled.'],
  ['sign_count', 7, 'its counter is not the one that was signed.'],
  ['credential_id', 'bm9uZQ', 'its passkey bm9uZQ is not enrolled.'],
] as const) {
  test(`another ${part} in a receipt is found: ${String(value)}`, async () => {
    const verdict = await told((lines) => {
      lineOf(lines, 'approval.decided').receipt[part] = value;
    });
    assert.is(faults(verdict)[0], fault);
  });
}

test("each flag and the counter are signed: to change them is found by the signature's own word", async () => {
  for (const place of [32, 36]) {
    const verdict = await told((lines) => {
      const { receipt } = lineOf(lines, 'session.opened');
      const data = Buffer.from(String(receipt['authenticator_data']), 'base64url');
      data[place] = (data[place] ?? 0) ^ 0x08;
      receipt['authenticator_data'] = data.toString('base64url');
      receipt['sign_count'] = data.readUInt32BE(33);
    });
    assert.equal(faults(verdict), ['its signature is not by the passkey as enrolled.']);
  }
});

test('a receipt that another key of the journal signed is found', async () => {
  const verdict = await told((lines) => {
    const { receipt } = lineOf(lines, 'approval.decided');
    receipt['credential_id'] = lineOf(lines, 'passkey.invitation_approved').receipt['credential_id'];
  });
  assert.equal(faults(verdict), ['its signature is not by the passkey as enrolled.']);
});

test('a public key that was exchanged for another is found at the first use', async () => {
  const verdict = await told((lines) => {
    lineOf(lines, 'passkey.enrolled')['public_key'] = createAuthenticator().publicKey;
  });
  assert.equal(new Set(faults(verdict)), new Set(['its signature is not by the passkey as enrolled.']));
  assert.is(faults(verdict).length, 5);
});

test('a public key that is none, or of another algorithm than the entry says, is found', async () => {
  for (const [member, value, fault] of [
    ['public_key', 'oA', 'it is of no algorithm that is known here.'],
    ['algorithm', -7, 'it is not of the algorithm enrolled.'],
  ] as const) {
    const verdict = await told((lines) => {
      lineOf(lines, 'passkey.enrolled')[member] = value;
    });
    assert.match(faults(verdict)[0] ?? '', /^the public key of the passkey [\w-]+ cannot be used: /);
    assert.ok(faults(verdict)[0]?.endsWith(fault), faults(verdict)[0]);
  }
});

test('a receipt taken over from another request is found', async () => {
  const bench = await signedJournal();
  const first = await ask(bench);
  const receipt = bench.sign(bench.alice, decideAct(first.id));
  const second = await ask(bench);
  await bench.journal.append([decidedBy(second.id, receipt)], at(second.id, second.version));
  assert.equal(faults(await verifiedAfter(bench)), [ANOTHER_ACT]);
});

/** What a host that checks nothing might journal, each signed by the right key. */
const UNDONE: readonly (readonly [string, Knobs, string])[] = [
  ['without the user verified', { uv: false }, 'who was present when it was signed was not verified.'],
  ['with nobody present', { up: false }, 'nobody was present when it was signed.'],
  [
    'at another site',
    { origin: 'https://evil.example' },
    'it was signed on a page that is not of localhost.',
  ],
  [
    'at a site whose name only ends alike',
    { origin: 'https://notlocalhost' },
    'it was signed on a page that is not of localhost.',
  ],
  ['at no address', { origin: 'null' }, 'it was signed on a page that is not of localhost.'],
  [
    'for another relying party',
    { rpId: 'evil.example' },
    'the authenticator signed it for another site than localhost.',
  ],
  ['in a frame', { crossOrigin: true }, 'it was signed inside a page of another site.'],
  [
    'in a frame that says it is none',
    { client: { topOrigin: 'https://evil.example' } },
    'it was signed inside a page of another site.',
  ],
  ['as a registration', { type: 'webauthn.create' }, 'what was signed is no assertion.'],
  ['for another challenge', { challenge: 'YQ' }, ANOTHER_ACT],
];
for (const [how, knobs, fault] of UNDONE) {
  test(`an approval that was signed ${how} is found`, async () => {
    const bench = await signedJournal();
    const { id, version } = await ask(bench);
    await bench.journal.append(
      [decidedBy(id, bench.sign(bench.alice, decideAct(id), knobs))],
      at(id, version),
    );
    const verdict = await verifiedAfter(bench);
    assert.equal(faults(verdict), [fault]);
    assert.is(verdict.problems.length, 1);
  });
}

test('a page beneath the relying party is one of it, over https alone', async () => {
  for (const [origin, holds] of [
    ['https://reviews.placet.example:8443', true],
    ['https://placet.example', true],
    ['http://placet.example', false],
    ['https://placet.example.evil.example', false],
  ] as const) {
    const bench = await signedJournal();
    const key = createAuthenticator({ rpId: 'placet.example', origin });
    await bench.journal.append(key.enrolment('dan', new Date(bench.clock.now()).toISOString()));
    const { id, version } = await ask(bench, { reviewers: ['dan'] });
    const receipt = bench.sign(key, decideAct(id, 'dan'));
    await bench.journal.append([decidedBy(id, receipt, { reviewer: 'dan' })], at(id, version));
    assert.is((await verifiedAfter(bench)).ok, holds, origin);
  }
});

const SOLO = { reviewers: ['bob'], solo: true } as const;

async function soloJournal() {
  const bench = await signedJournal();
  const bob = createAuthenticator();
  await bench.journal.append(bob.enrolment('bob', new Date(bench.clock.now()).toISOString()));
  const { id, version } = await ask(bench, SOLO);
  const receipt = bench.sign(bob, decideAct(id, 'bob'));
  const decision = decidedBy(id, receipt, { reviewer: 'bob', solo: true });
  let last = version;
  for (const drafts of [[decision, resolved(id)], [claimed(id)], [started(id)]]) {
    last = (await bench.journal.append(drafts, at(id, last))).at(-1)?.seq ?? null;
  }
  return bench;
}

test('the only human of a workspace may approve by passkey, and that is counted', async () => {
  const verdict = await verifiedAfter(await soloJournal());
  assert.equal(verdict.problems, []);
  assert.equal([verdict.solo_approvals, verdict.decisions.passkey, verdict.signatures], [1, 1, 1]);
});

for (const [what, change] of [
  ['without the mark', (lines: Line[]) => void delete lineOf(lines, 'approval.decided')['solo']],
  [
    'by link',
    (lines: Line[]) => {
      const line: Line = lineOf(lines, 'approval.decided');
      delete line['receipt'];
      line['verification'] = 'link';
    },
  ],
  [
    'where the rule does not say so',
    (lines: Line[]) => {
      const [terms] = lineOf(lines, 'approval.requested')['terms'] as Line[];
      delete terms?.['solo'];
    },
  ],
] as const) {
  test(`an owner's approval ${what} is found`, async () => {
    const verdict = await verifiedAfter(await soloJournal(), change);
    assert.ok(
      verdict.problems.some(({ code }) => code === 'owner_approved'),
      JSON.stringify(verdict.problems),
    );
  });
}

test('an approval of somebody else that is marked solo is found', async () => {
  const verdict = await told((lines) => {
    lineOf(lines, 'approval.decided')['solo'] = true;
  });
  assert.is(verdict.problems[0]?.code, 'owner_approved');
});

test.run();
