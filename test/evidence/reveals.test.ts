import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256 } from '../../src/core/digest.ts';
import type { Draft } from '../../src/core/entry.ts';
import { JournalError } from '../../src/core/errors.ts';
import type { Secrets } from '../../src/journal/secrets.ts';
import { action, at, held, requestId } from '../support/journal-drafts.ts';
import { lineOf, signedJournal, verifiedAfter, type Line } from '../support/signed-journal.ts';

/** A journal in which Alice had the secrets of a call shown to her, which was then cancelled. */
async function revealed(change: (lines: Line[]) => void = () => undefined, secrets?: Pick<Secrets, 'get'>) {
  const bench = await signedJournal();
  const { journal, clock, alice, sign } = bench;
  clock.advance(1);
  const id = requestId(clock);
  const drafts = held(id, clock).map(
    (draft): Draft =>
      draft.type === 'approval.requested'
        ? {
            ...draft,
            secrets_commit: sha256('secrets'),
            terms: draft.terms.map((terms) => ({ ...terms, verification: 'passkey', reveal: true })),
          }
        : draft,
  );
  let version = (await journal.append(drafts, at(id, null))).at(-1)?.seq ?? null;
  const { action_digest } = action(id);
  const reveal = { request_id: id, reviewer: 'alice', paths: ['env.key'] };
  const receipt = sign(alice, { act: 'reveal', ...reveal, action_digest, card_digest: sha256(`card ${id}`) });
  for (const draft of [
    { type: 'secret.revealed', ...reveal, verification: 'passkey', receipt },
    {
      type: 'approval.resolved',
      request_id: id,
      resolution: 'cancelled',
      reason: 'The agent cancelled its request.',
    },
    { type: 'secret.erased', request_id: id, secrets_commit: sha256('secrets') },
  ] satisfies Draft[]) {
    version = (await journal.append([draft], at(id, version))).at(-1)?.seq ?? null;
  }
  return verifiedAfter(bench, change, secrets);
}

test('what was signed to see secrets is checked again, and counted', async () => {
  const verdict = await revealed();
  assert.equal([verdict.problems, verdict.signatures], [[], 1]);
});

test('other paths than those that were signed for are found', async () => {
  const { problems } = await revealed((lines) => {
    lineOf(lines, 'secret.revealed')['paths'] = [];
  });
  assert.equal(
    problems.map(({ code, message }) => [code, message.replace(/^[^:]*: /, '')]),
    [['receipt', 'what was signed is another act than the entry tells of.']],
  );
});

for (const [what, change, code] of [
  [
    'a reveal that no rule allowed',
    (lines: Line[]) => {
      for (const terms of lineOf(lines, 'approval.requested')['terms'] as Line[]) delete terms['reveal'];
    },
    'illegal',
  ],
  [
    'a reveal by a link where the rule asks for a passkey',
    (lines: Line[]) => {
      const line: Line = lineOf(lines, 'secret.revealed');
      delete line['receipt'];
      line['verification'] = 'link';
    },
    'illegal',
  ],
  [
    'secrets that are erased and never were',
    (lines: Line[]) => {
      lineOf(lines, 'secret.erased')['secrets_commit'] = sha256('others');
    },
    'illegal',
  ],
] as const) {
  test(`${what} is found`, async () => {
    const { problems } = await revealed(change);
    assert.is(problems[0]?.code, code);
  });
}

test('secrets that are told to be erased and can still be read are found', async () => {
  const { problems } = await revealed(undefined, { get: async () => Buffer.from('there') });
  assert.equal(
    problems.map(({ code }) => code),
    ['not_erased'],
  );
  const gone = async (): Promise<never> => {
    throw new JournalError('payload_missing', 'gone');
  };
  assert.equal((await revealed(undefined, { get: gone })).problems, []);
});

test.run();
