import type { SignOn } from './person.ts';

/** A person's key, as enrolled. Times are RFC 3339, UTC. */
export interface Passkey {
  /** base64url, as the authenticator chose it. */
  readonly id: string;
  readonly person: string;
  /** COSE_Key, base64url. */
  readonly public_key: string;
  readonly algorithm: number;
  readonly sign_count: number;
  readonly name: string;
  readonly transports: readonly string[];
  readonly backed_up: boolean;
  readonly rp_id: string;
  readonly enrolled_at: string;
  readonly used_at?: string;
  readonly revoked?: { readonly at: string; readonly by: string; readonly reason: string };
}

/** Leave to enrol a first key, or again after all were lost. */
export interface Invitation {
  readonly id: string;
  readonly person: string;
  readonly by: string;
  readonly code_digest: string;
  readonly needs_approval: boolean;
  readonly approved_by?: string;
  /** SHA-256 of each link that was minted for it. */
  readonly links: readonly string[];
  readonly invited_at: string;
  /** Once it was sent. */
  readonly expires_at?: string;
  readonly state: 'open' | 'spent' | 'withdrawn';
}

export interface Session {
  readonly sha256: string;
  readonly person: string;
  readonly verification: 'sso' | 'passkey';
  /** The key that opened it: with that key's revocation it is over. */
  readonly credential_id?: string;
  readonly opened_at: string;
  readonly expires_at: string;
}

export interface IdentitiesState {
  readonly passkeys: readonly Passkey[];
  readonly invitations: readonly Invitation[];
  readonly sessions: readonly Session[];
  readonly sign_ons: readonly SignOn[];
  readonly nonces: readonly (readonly [string, string])[];
}

export const NO_IDENTITIES: IdentitiesState = {
  passkeys: [],
  invitations: [],
  sessions: [],
  sign_ons: [],
  nonces: [],
};

/**
 * Whether an invitation may still lead to a key, at `now` (milliseconds since the epoch). Whoever follows its link
 * has its mail, even where the journal does not know yet that it was sent.
 */
export function mayBeFollowed({ state, expires_at }: Invitation, now: number): boolean {
  return state === 'open' && (expires_at === undefined || Date.parse(expires_at) > now);
}

/** Its mail may be there before the journal knows that it was sent, and no link means no mail. */
export function wasMailed({ links, expires_at }: Invitation): boolean {
  return links.length > 0 || expires_at !== undefined;
}
