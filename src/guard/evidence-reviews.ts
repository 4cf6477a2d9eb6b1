import { acceptanceTerms } from '../core/acceptance.ts';
import { DecisionError, TransitionError } from '../core/errors.ts';
import type { EvidenceReview } from '../core/evidence-review.ts';
import type { Period } from '../core/evidence.ts';
import { isAuditor } from '../core/person.ts';
import { policyAt } from './believed.ts';
import type { GuardContext } from './context.ts';
import type { Proof } from './ports.ts';
import { verifyPersonal } from './proof.ts';
import { refusedProof } from './refusals.ts';

/** What a person had before them of a period. */
export interface EvidenceSeen extends Period {
  /** How many entries of the journal told of it. */
  readonly size: number;
  readonly exceptions: number;
  /** `exceptionsDigest`. */
  readonly exceptions_sha256: string;
}

/** What people do about the evidence of a period: they see it, and say that they looked at its exceptions. */
export interface EvidenceReviews {
  /** Auditors, and whom the top-level terms name. */
  maySee(person: string): boolean;
  /** Newest first. */
  all(): readonly EvidenceReview[];
  /**
   * A person's word that they looked at the exceptions of a period.
   *
   * @param input.seen what the page showed
   * @param input.found the same of the journal as it is now
   * @throws DecisionError `not_eligible`, `evidence_changed`, `passkey_refused`, `passkey_cloned`
   */
  record(input: {
    readonly person: string;
    readonly seen: EvidenceSeen;
    readonly found: EvidenceSeen;
    readonly reason: string;
    readonly proof: Extract<Proof, { readonly kind: 'passkey' }>;
  }): Promise<void>;
}

export function createEvidenceReviews(context: GuardContext): EvidenceReviews {
  const { clock, journal, ledger } = context;

  function maySee(id: string): boolean {
    const policy = policyAt(context, clock.now());
    const person = policy.people.people.find((each) => each.id === id);
    if (!person) return false;
    return isAuditor(person, policy.people) || acceptanceTerms(policy).reviewers.includes(id);
  }

  function mustBePossible(person: string, seen: EvidenceSeen, found: EvidenceSeen): void {
    if (!maySee(person)) {
      throw new DecisionError(
        'not_eligible',
        'Nothing was recorded. Evidence is reviewed by auditors and by the top-level reviewers, and you are none of them.',
      );
    }
    const same =
      seen.from === found.from &&
      seen.to === found.to &&
      seen.size <= found.size &&
      seen.exceptions === found.exceptions &&
      seen.exceptions_sha256 === found.exceptions_sha256;
    if (same) return;
    throw new DecisionError(
      'evidence_changed',
      'Nothing was recorded. The exceptions of this period are not those that you were shown: look at them as they are now.',
    );
  }

  return {
    maySee,
    all: () => ledger.evidenceReviews.all(),

    async record({ person: id, seen, found, reason, proof }) {
      mustBePossible(id, seen, found);
      const person = context.policy().people.people.find((each) => each.id === id);
      const reviewer = person ?? { id, name: id, emails: [] };
      const { from, to, size, exceptions, exceptions_sha256 } = seen;
      const reviewed = { from, to, size, exceptions, exceptions_sha256, reviewer: id };
      try {
        const receipt = await verifyPersonal(context, {
          proof,
          reviewer,
          maxAgeMs: 0,
          act: (nonce) => ({ act: 'review_evidence', ...reviewed, nonce }),
        });
        if (receipt.kind !== 'passkey') throw new Error('A passkey was asked for.');
        mustBePossible(id, seen, found);
        const words = reason.trim();
        await journal.append([
          { type: 'evidence.reviewed', ...reviewed, ...(words === '' ? {} : { reason: words }), receipt },
        ]);
      } catch (thrown) {
        throw thrown instanceof TransitionError
          ? await refusedProof(context, thrown, { person: id, proof })
          : thrown;
      }
    },
  };
}
