import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Verdict } from '../../src/evidence/verify.ts';
import { signedJournal, signedStory, verifiedAfter, type Line } from '../support/signed-journal.ts';

const KINDS = [
  'approval.decided',
  'execution.reconciled',
  'session.opened',
  'passkey.enrolled',
  'passkey.revoked',
  'passkey.invitation_approved',
  'evidence.reviewed',
] as const;

type Signed = Line & { receipt: Line };

/** Changes the one signed entry of a type, and gives its place with what was found. */
async function changed(
  type: string,
  change: (line: Signed) => void,
): Promise<{ readonly verdict: Verdict; readonly seq: unknown }> {
  const bench = await signedJournal(-7);
  await signedStory(bench);
  let seq: unknown;
  const verdict = await verifiedAfter(bench, (lines) => {
    const line = lines.find((each) => each['type'] === type && each['receipt'] !== undefined);
    if (!line) throw new Error(`There is no signed ${type}.`);
    seq = line['seq'];
    change(line as Signed);
  });
  return { verdict, seq };
}

const found = ({ problems }: Verdict) =>
  problems.map(({ seq, code, message }) => [seq, code, message.replace(/^[^:]*: /, '')]);

for (const type of KINDS) {
  test(`another nonce than the one that was signed is found in ${type}`, async () => {
    const { verdict, seq } = await changed(type, ({ receipt }) => {
      receipt['nonce'] = 'b3RoZXI';
    });
    assert.equal(found(verdict), [
      [seq, 'receipt', 'what was signed is another act than the entry tells of.'],
    ]);
  });

  test(`a signature that does not fit is found in ${type}, and is not counted`, async () => {
    const { verdict, seq } = await changed(type, ({ receipt }) => {
      const bytes = Buffer.from(String(receipt['signature']), 'base64url');
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      receipt['signature'] = bytes.toString('base64url');
    });
    assert.equal(found(verdict), [[seq, 'receipt', 'its signature is not by the passkey as enrolled.']]);
    assert.is(verdict.signatures, 6);
  });

  test(`a user who was not verified is found in ${type}`, async () => {
    const { verdict, seq } = await changed(type, ({ receipt }) => {
      const bytes = Buffer.from(String(receipt['authenticator_data']), 'base64url');
      bytes[32] = (bytes[32] ?? 0) & ~0x04;
      receipt['authenticator_data'] = bytes.toString('base64url');
    });
    assert.equal(found(verdict), [[seq, 'receipt', 'who was present when it was signed was not verified.']]);
  });
}

test('another approver of an invitation than the one who signed is found', async () => {
  const { verdict, seq } = await changed('passkey.invitation_approved', (line) => {
    line['by'] = 'dan';
  });
  assert.equal(found(verdict)[0], [
    seq,
    'receipt',
    'what was signed is another act than the entry tells of.',
  ]);
});

for (const [member, value] of [
  ['from', '2026-10-01T00:00:00.000Z'],
  ['to', '2026-12-02T00:00:00.000Z'],
  ['size', 4],
  ['exceptions', 1],
  ['exceptions_sha256', 'b'.repeat(64)],
  ['reviewer', 'alice'],
] as const)
  test(`another ${member} of a review of evidence than what was signed is found`, async () => {
    const { verdict, seq } = await changed('evidence.reviewed', (line) => {
      line[member] = value;
    });
    assert.equal(found(verdict)[0], [
      seq,
      'receipt',
      'what was signed is another act than the entry tells of.',
    ]);
  });

test.run();
