import type { PasskeyReceipt, PersonalReceipt } from './entry-parts.ts';

export interface OfInvitation {
  readonly invitation: string;
}

export interface OfAccount {
  readonly person: string;
  readonly channel: 'slack';
  /** Ids of the workspace at Slack and of the account in it. */
  readonly team: string;
  readonly user: string;
}

/** The entries that tell who can prove who they are, and what may speak for them. */
export interface IdentityDrafts {
  /** `code_digest` is keyed, so that nobody can guess the code back from the journal. `by`: a person or `operator`. */
  'passkey.invited': OfInvitation & {
    readonly person: string;
    readonly by: string;
    readonly code_digest: string;
    /** The person has had a passkey before: a second person has to approve. */
    readonly needs_approval: boolean;
  };
  'passkey.invitation_approved': OfInvitation & { readonly by: string; readonly receipt: PersonalReceipt };
  'passkey.invitation_linked': OfInvitation & { readonly link_sha256: string };
  'passkey.invitation_sent': OfInvitation & {
    readonly channel: string;
    readonly message_id: string;
    /** RFC 3339, UTC. */
    readonly expires_at: string;
  };
  'passkey.invitation_withdrawn': OfInvitation & { readonly by: string; readonly reason: string };
  'passkey.enrolled': {
    readonly person: string;
    /** base64url, as the authenticator chose it. */
    readonly credential_id: string;
    /** COSE_Key (RFC 9052), base64url. */
    readonly public_key: string;
    /** COSE algorithm: -8 EdDSA, -7 ES256, -257 RS256. */
    readonly algorithm: number;
    readonly sign_count: number;
    /** By its owner. */
    readonly name: string;
    readonly transports: readonly string[];
    readonly backed_up: boolean;
    /** The relying party: the host name of the reviewers' site. */
    readonly rp_id: string;
    /** By invitation, or by a receipt of another key of the same person. */
    readonly invitation?: string;
    readonly receipt?: PasskeyReceipt;
  };
  'passkey.revoked': {
    readonly person: string;
    readonly credential_id: string;
    readonly by: string;
    readonly reason: string;
    readonly receipt?: PersonalReceipt;
  };
  'session.opened': {
    readonly session_sha256: string;
    readonly person: string;
    readonly expires_at: string;
    readonly receipt: PersonalReceipt;
  };
  'session.closed': { readonly session_sha256: string; readonly person: string; readonly by: string };
  /** A person said, proving who they are, that an account elsewhere is theirs: what it presses is theirs. */
  'account.linked': OfAccount & { readonly receipt: PersonalReceipt };
  'account.unlinked': OfAccount & { readonly by: string; readonly reason: string };
  /** A key by which a person's own programs read and, where a rule admits it, decide. Of the key nothing is kept. */
  'reviewer.key_issued': {
    readonly person: string;
    readonly key_id: string;
    readonly key_sha256: string;
    /** By its owner. */
    readonly name: string;
    /** `read` shows; `decide` decides, too, where a rule admits it. */
    readonly scope: 'read' | 'decide';
    /** RFC 3339, UTC. */
    readonly expires_at: string;
    readonly receipt: PersonalReceipt;
  };
  'reviewer.key_revoked': {
    readonly person: string;
    readonly key_id: string;
    readonly by: string;
    readonly reason: string;
  };
}
