import { challengeOf, type Act } from '../core/challenge.ts';
import type {
  ApiReceipt,
  PasskeyReceipt,
  PersonalReceipt,
  Receipt,
  SignOnReceipt,
  SlackReceipt,
  Verification,
} from '../core/entry.ts';
import { DecisionError } from '../core/errors.ts';
import { isOver } from '../core/agent-keys.ts';
import { personOfSignOn, sameHuman, type Person } from '../core/person.ts';
import type { GuardContext } from './context.ts';
import type { Proof } from './ports.ts';

/** How far a provider's clock may be ahead of ours. */
const SKEW_MS = 60_000;

export interface ProofQuestion {
  readonly proof: Proof;
  readonly reviewer: Person;
  /** The act that a passkey has to have signed. */
  readonly act: (nonce: string) => Act;
  /** How long ago a sign-on may have been. */
  readonly maxAgeMs: number;
}

/** The verification that a proof amounts to. */
export function verificationOf(proof: Proof): Verification {
  return proof.kind === 'typed' ? 'link' : proof.kind;
}

/**
 * Checks a proof for exactly one act of one person.
 *
 * @returns the receipt for the journal; nothing for something typed, which proves no more than the link does
 * @throws DecisionError `passkey_refused`, `sign_on_stale`, `sign_on_other`
 */
export async function verifyProof(
  context: Pick<GuardContext, 'clock' | 'ledger' | 'policy' | 'verifyAssertion'>,
  question: ProofQuestion,
): Promise<Receipt | undefined> {
  const { proof } = question;
  switch (proof.kind) {
    case 'typed':
      return undefined;
    case 'slack':
      return verifyAccount(context, question, proof.receipt);
    case 'api':
      return verifyKey(context, question, proof.receipt);
    case 'passkey':
    case 'sso':
      return verifyPersonal(context, { ...question, proof });
  }
}

export type PersonalProof = Extract<Proof, { readonly kind: 'passkey' | 'sso' }>;

/** The same for what only the person themselves can give. */
export async function verifyPersonal(
  context: Pick<GuardContext, 'clock' | 'ledger' | 'policy' | 'verifyAssertion'>,
  question: ProofQuestion & { readonly proof: PersonalProof },
): Promise<PersonalReceipt> {
  const { proof } = question;
  return proof.kind === 'passkey'
    ? verifyPasskey(context, question, proof)
    : verifySignOn(context, question, proof.sign_on);
}

function verifyAccount(
  { ledger }: Pick<GuardContext, 'ledger'>,
  { reviewer }: ProofQuestion,
  receipt: SlackReceipt,
): SlackReceipt {
  if (ledger.reviewerAccess.account(receipt.team, receipt.user)?.person === reviewer.id) return receipt;
  throw new DecisionError('account_unlinked', 'This account in Slack is not linked to you.');
}

function verifyKey(
  { clock, ledger }: Pick<GuardContext, 'clock' | 'ledger'>,
  { reviewer }: ProofQuestion,
  receipt: ApiReceipt,
): ApiReceipt {
  const key = ledger.reviewerAccess.keysOf(reviewer.id).find(({ key_id }) => key_id === receipt.key_id);
  if (!key || key.revoked_at !== undefined || isOver(key.expires_at, clock.now()))
    throw new DecisionError('key_refused', 'This key is not one of yours, or it does not hold any more.');
  if (key.scope === 'decide') return receipt;
  throw new DecisionError('key_reads', 'This key may read and not decide: make one that may.');
}

async function verifyPasskey(
  { ledger, verifyAssertion }: Pick<GuardContext, 'ledger' | 'verifyAssertion'>,
  { reviewer, act }: ProofQuestion,
  { assertion, nonce }: Extract<Proof, { readonly kind: 'passkey' }>,
): Promise<PasskeyReceipt> {
  const passkey = typeof assertion.id === 'string' ? ledger.identities.passkey(assertion.id) : undefined;
  if (passkey?.person !== reviewer.id) {
    throw new DecisionError('passkey_refused', 'This passkey is not one of yours.');
  }
  if (passkey.revoked) {
    throw new DecisionError('passkey_refused', `This passkey was revoked at ${passkey.revoked.at}.`);
  }
  const receipt = await verifyAssertion({ assertion, nonce, passkey, challenge: challengeOf(act(nonce)) });
  if (receipt.credential_id === passkey.id && receipt.nonce === nonce) return receipt;
  throw new DecisionError('passkey_refused', 'The signature is not of this passkey.');
}

function verifySignOn(
  { clock, policy }: Pick<GuardContext, 'clock' | 'policy'>,
  { reviewer, maxAgeMs }: ProofQuestion,
  signOn: SignOnReceipt,
): SignOnReceipt {
  const holder = personOfSignOn(signOn, policy().people);
  if (!holder || !sameHuman(holder, reviewer)) {
    throw new DecisionError(
      'sign_on_other',
      'The account that you signed in with is not linked to you; people.yaml says whose it is.',
    );
  }
  const age = clock.now() - Date.parse(signOn.auth_time);
  if (age <= maxAgeMs && age >= -SKEW_MS) return signOn;
  throw new DecisionError(
    'sign_on_stale',
    `You proved who you are at ${signOn.auth_time}, which is too long ago for this; sign in again.`,
  );
}
