import type { EntryOf } from '../../core/entry.ts';
import type { Access, DecisionInput, Proof, Reviews } from '../../guard/ports.ts';

/**
 * Whether a person who has decided sent the very same decision again, by the same key or with what was signed for it:
 * somebody whose first answer was lost, perhaps over a restart of the host.
 */
export function createRepeats(
  reviews: Pick<Reviews, 'story'>,
): (input: DecisionInput, access: Extract<Access, { readonly kind: 'session' }>) => Promise<boolean> {
  return async (input, { person, request_id }) => {
    const story = await reviews.story(person, request_id);
    return story.some(
      (entry) =>
        entry.type === 'approval.decided' &&
        entry.reviewer === person &&
        entry.decision === input.decision &&
        entry.card_digest === input.card_digest &&
        (entry.reason ?? '') === input.reason &&
        isOfProof(entry, input.proof),
    );
  };
}

function isOfProof({ receipt }: EntryOf<'approval.decided'>, proof: Proof): boolean {
  switch (proof.kind) {
    case 'api':
      return receipt?.kind === 'api' && receipt.key_id === proof.receipt.key_id;
    case 'passkey':
      return receipt?.kind === 'passkey' && receipt.nonce === proof.nonce;
    default:
      return false;
  }
}
