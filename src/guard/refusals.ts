import { shortened } from '../core/characters.ts';
import type { Draft } from '../core/entry.ts';
import { DecisionError, messageOf, TransitionError } from '../core/errors.ts';
import type { IdentitiesView } from '../core/ledger.ts';
import { asked } from '../core/request.ts';
import type { Found } from './access.ts';
import type { GuardContext } from './context.ts';
import type { Proof } from './ports.ts';
import { verificationOf } from './proof.ts';
import type { Streams } from './streams.ts';

/** A proof was given and did not hold. */
const REFUSED_PROOFS: ReadonlySet<string> = new Set([
  'passkey_refused',
  'passkey_cloned',
  'sign_on_other',
  'sign_on_stale',
]);

const REASON_MAX = 200;

/**
 * Journals what an act was refused for, where that is worth knowing: a self-approval, a proof that does not hold. A
 * key whose counter went back is revoked with it.
 *
 * @returns the refusal, for the person
 */
export type Refuse = (error: unknown, found: Found, proof: Proof) => Promise<unknown>;

export function createRefuse(
  { ledger, log }: Pick<GuardContext, 'ledger' | 'log'>,
  streams: Pick<Streams, 'update'>,
): Refuse {
  function drafts(error: DecisionError, { request, reviewer }: Found, proof: Proof): readonly Draft[] {
    const of = { request_id: request.id, reviewer: reviewer.id };
    const reason = shortened(error.message, REASON_MAX);
    if (error.code === 'self_approval') return [{ type: 'self_approval.refused', ...of, reason }];
    if (!REFUSED_PROOFS.has(error.code) || !asked(request).includes(reviewer.id)) return [];
    const refused: Draft = {
      type: 'verification.refused',
      ...of,
      verification: verificationOf(proof),
      reason,
    };
    return error.code === 'passkey_cloned'
      ? [refused, ...revocationOf(reviewer.id, proof, ledger.identities)]
      : [refused];
  }

  return async (thrown, found, proof) => {
    const error = thrown instanceof TransitionError ? asDecisionError(thrown, proof) : thrown;
    if (!(error instanceof DecisionError)) return error;
    try {
      await streams.update(found.request.id, (request) => drafts(error, { ...found, request }, proof));
    } catch (failure) {
      // Refused it is in any case; only the word of it is missing.
      log(`A refusal on ${found.request.id} could not be journalled: ${messageOf(failure)}`);
    }
    return error;
  };
}

/**
 * What is told of a proof, of an act that belongs to no request, which the journal's fold refused. A key whose counter
 * went back is revoked with it.
 */
export async function refusedProof(
  { journal, ledger, log }: Pick<GuardContext, 'journal' | 'ledger' | 'log'>,
  thrown: TransitionError,
  { person, proof }: { readonly person: string; readonly proof: Proof },
): Promise<DecisionError> {
  const revoked = thrown.code === 'passkey_cloned' ? revocationOf(person, proof, ledger.identities) : [];
  if (revoked.length > 0) {
    await journal.append(revoked).catch((error: unknown) => {
      // What it signed is refused in any case.
      log(`A passkey of ${person} that may be a copy could not be revoked: ${messageOf(error)}`);
    });
  }
  return asDecisionError(thrown, proof);
}

/** Takes a key out of use whose counter went back, if it is the person's. */
function revocationOf(
  person: string,
  proof: Proof,
  identities: Pick<IdentitiesView, 'passkey'>,
): readonly Draft[] {
  const id = proof.kind === 'passkey' ? proof.assertion.id : undefined;
  const key = typeof id === 'string' ? identities.passkey(id) : undefined;
  if (key?.person !== person || key.revoked) return [];
  return [
    {
      type: 'passkey.revoked',
      person,
      credential_id: key.id,
      by: 'placet',
      reason: 'Its counter went back, as that of a copy does.',
    },
  ];
}

/** What the journal's fold refused, in words for the person. */
function asDecisionError(cause: TransitionError, proof: Proof): DecisionError {
  switch (cause.code) {
    case 'expired':
      return new DecisionError('expired', 'This comes too late: the request has expired.', { cause });
    case 'passkey_cloned':
      return new DecisionError(
        'passkey_cloned',
        'Nothing was done. The counter of this passkey went back, so there may be a copy of it; it is revoked.',
        { cause },
      );
    case 'replayed':
      return proof.kind === 'sso'
        ? new DecisionError(
            'sign_on_stale',
            'Nothing was done. This sign-on was used before; sign in again.',
            { cause },
          )
        : new DecisionError('passkey_refused', `Nothing was done. ${cause.message}`, { cause });
    case 'revoked_passkey':
    case 'unknown_passkey':
      return new DecisionError('passkey_refused', `Nothing was done. ${cause.message}`, { cause });
    default:
      return new DecisionError(cause.code, `Nothing was decided. ${cause.message}`, { cause });
  }
}
