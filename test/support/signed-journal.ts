import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Act } from '../../src/core/challenge.ts';
import { sha256 } from '../../src/core/digest.ts';
import type { Draft, PasskeyReceipt, Terms } from '../../src/core/entry.ts';
import { canonicalJson } from '../../src/core/json.ts';
import { verifyJournal, type Verdict } from '../../src/evidence/verify.ts';
import type { Secrets } from '../../src/journal/secrets.ts';
import { createAuthenticator, type Algorithm, type Authenticator, type Knobs } from './authenticator.ts';
import { action, at, claimed, held, requestId, resolved, started } from './journal-drafts.ts';
import { jsonlBench, type JsonlBench } from './jsonl-bench.ts';

export type Line = Record<string, unknown>;

/** Signs an act under a nonce that nobody used yet. */
export type Sign = (key: Authenticator, act: Unsigned, knobs?: Knobs) => PasskeyReceipt;

export type Unsigned = Act extends infer A ? (A extends Act ? Omit<A, 'nonce'> : never) : never;

export interface SignedJournal extends JsonlBench {
  /** Enrolled for alice and for carol. */
  readonly alice: Authenticator;
  readonly carol: Authenticator;
  readonly sign: Sign;
}

/** A journal on disk in which two people have enrolled. */
export async function signedJournal(algorithm: Algorithm = -8): Promise<SignedJournal> {
  const bench = await jsonlBench();
  const alice = createAuthenticator({ algorithm });
  const carol = createAuthenticator({ algorithm });
  const sentAt = new Date(bench.clock.now()).toISOString();
  await bench.journal.append(alice.enrolment('alice', sentAt));
  await bench.journal.append(carol.enrolment('carol', sentAt));
  let nonces = 0;
  const sign: Sign = (key, act, knobs) => {
    nonces += 1;
    return key.receipt({ ...act, nonce: sha256(`nonce ${nonces}`).slice(0, 22) }, knobs);
  };
  return Object.assign(bench, { alice, carol, sign });
}

/** The act of approving a request, or of rejecting it. */
export function decideAct(
  id: string,
  reviewer = 'alice',
  decision: 'approve' | 'reject' = 'approve',
): Unsigned {
  const { action_digest } = action(id);
  return {
    act: 'decide',
    request_id: id,
    action_digest,
    card_digest: sha256(`card ${id}`),
    decision,
    reviewer,
  };
}

/** A request that asks for a passkey. @returns its id and the version after it */
export async function ask(
  { journal, clock }: JsonlBench,
  terms: Partial<Terms> = {},
): Promise<{ readonly id: string; readonly version: number | null }> {
  clock.advance(1);
  const id = requestId(clock);
  const drafts = held(id, clock).map((draft) =>
    draft.type === 'approval.requested'
      ? {
          ...draft,
          terms: draft.terms.map((each) => ({ ...each, verification: 'passkey' as const, ...terms })),
        }
      : draft,
  );
  const entries = await journal.append(drafts, at(id, null));
  return { id, version: entries.at(-1)?.seq ?? null };
}

export function decidedBy(
  id: string,
  receipt: PasskeyReceipt,
  more: Partial<Extract<Draft, { type: 'approval.decided' }>> = {},
): Draft {
  return {
    type: 'approval.decided',
    request_id: id,
    reviewer: 'alice',
    verification: 'passkey',
    decision: 'approve',
    opened_at: '2026-11-23T10:00:00.000Z',
    action_digest: action(id).action_digest,
    card_digest: sha256(`card ${id}`),
    receipt,
    ...more,
  };
}

/**
 * Everything that a passkey can sign: a sign-in, an approval that was executed with an unknown outcome, a person's
 * word on that, one more key, an invitation that a second person approved, a revocation, a review of evidence.
 */
export async function signedStory(bench: SignedJournal): Promise<void> {
  const { journal, clock, alice, carol, sign } = bench;
  const append = (draft: Draft) => journal.append([draft]);
  await append({
    type: 'session.opened',
    session_sha256: sha256('session'),
    person: 'alice',
    expires_at: new Date(clock.now() + 3_600_000).toISOString(),
    receipt: sign(alice, { act: 'sign_in' }),
  });
  const { id, version } = await ask(bench);
  let last = version;
  for (const drafts of [
    [decidedBy(id, sign(alice, decideAct(id))), resolved(id)],
    [claimed(id)],
    [started(id)],
    [{ type: 'execution.outcome_unknown', request_id: id, fence: 1, detail: 'It did not answer.' }],
    [
      {
        type: 'execution.reconciled',
        request_id: id,
        reviewer: 'alice',
        outcome: 'done',
        reason: 'I looked.',
        receipt: sign(alice, {
          act: 'reconcile',
          request_id: id,
          action_digest: action(id).action_digest,
          outcome: 'done',
          reviewer: 'alice',
        }),
      },
    ],
  ] as const satisfies readonly (readonly Draft[])[]) {
    last = (await journal.append(drafts, at(id, last))).at(-1)?.seq ?? null;
  }
  const spare = createAuthenticator();
  const [, , , enrolled] = spare.enrolment('alice', new Date(clock.now()).toISOString());
  if (enrolled?.type !== 'passkey.enrolled') throw new Error('There is no enrolment.');
  const { invitation: _invitation, ...more } = enrolled;
  await append({ ...more, receipt: sign(alice, { act: 'add_passkey', person: 'alice' }) });
  const invitation = 'inv_again';
  await append({
    type: 'passkey.invited',
    invitation,
    person: 'alice',
    by: 'operator',
    code_digest: sha256('code'),
    needs_approval: true,
  });
  await append({
    type: 'passkey.invitation_approved',
    invitation,
    by: 'carol',
    receipt: sign(carol, { act: 'approve_invitation', invitation, person: 'alice', approver: 'carol' }),
  });
  await append({
    type: 'passkey.revoked',
    person: 'alice',
    credential_id: spare.id,
    by: 'alice',
    reason: 'Not needed.',
    receipt: sign(alice, { act: 'revoke_passkey', person: 'alice', credential_id: spare.id }),
  });
  const seen = {
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    size: 3,
    exceptions: 0,
    exceptions_sha256: sha256(''),
    reviewer: 'carol',
  };
  await append({
    type: 'evidence.reviewed',
    ...seen,
    reason: 'Nothing to remark.',
    receipt: sign(carol, { act: 'review_evidence', ...seen }),
  });
}

/**
 * Closes the journal, changes its lines as an insider would who knows the format and makes the tree anew, and verifies
 * what stands then.
 */
export async function verifiedAfter(
  bench: JsonlBench,
  change: (lines: Line[]) => void = () => undefined,
  secrets?: Pick<Secrets, 'get'>,
): Promise<Verdict> {
  await bench.journal.close();
  const path = join(bench.dir, '00000000.jsonl');
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  change(lines);
  writeFileSync(path, lines.map((line) => `${canonicalJson(line)}\n`).join(''));
  rmSync(join(bench.dir, 'tile'), { recursive: true, force: true });
  return verifyJournal({ dir: bench.dir, now: bench.clock.now(), secrets });
}

/** The first line of this type, with the receipt in it. */
export function lineOf(lines: readonly Line[], type: string): Line & { receipt: Line } {
  const found = lines.find((line) => line['type'] === type);
  if (!found) throw new Error(`There is no ${type}.`);
  return found as Line & { receipt: Line };
}
