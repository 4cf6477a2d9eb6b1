/** What entries are made of. */

/** How strongly a decision proves who made it, weakest first. */
export type Verification = 'link' | 'sso' | 'passkey';

/** What one matching rule demands of a decision, with its reviewers resolved to the ids of people. */
export interface Terms {
  /** The rule's id, `unmatched`, or `sensitive` for the floor under sensitive tools. */
  readonly rule: string;
  /** Ids of the people who may decide: one for each human, the agent's owner left out. */
  readonly reviewers: readonly string[];
  /** How many of them must approve. */
  readonly quorum: number;
  readonly verification: Verification;
  /** How long ago a sign-on may have been, in milliseconds. Present where `verification` is `sso`. */
  readonly max_age_ms?: number;
  readonly reason: 'optional' | 'required';
  /** The workspace declares that its owner is its only human, who may therefore approve, by passkey alone. */
  readonly solo?: true;
}

/** What a passkey signed, as the browser gave it (base64url), so that anyone can check it again (WebAuthn 7.2). */
export interface PasskeyReceipt {
  readonly kind: 'passkey';
  readonly credential_id: string;
  /** From the server; part of what was signed (`challenge.ts`). */
  readonly nonce: string;
  readonly authenticator_data: string;
  readonly client_data: string;
  readonly signature: string;
  /** The authenticator's counter; 0 where it keeps none. */
  readonly sign_count: number;
}

/** What an identity provider said of a person, checked. */
export interface SignOnReceipt {
  readonly kind: 'sso';
  readonly issuer: string;
  readonly subject: string;
  /** When the person proved who they are. RFC 3339, UTC. */
  readonly auth_time: string;
  readonly acr?: string;
  /** Of the groups that it named, those that people.yaml speaks of. */
  readonly groups: readonly string[];
  /** SHA-256 over the ID token's characters, in hexadecimal. */
  readonly id_token_sha256: string;
}

export type Receipt = PasskeyReceipt | SignOnReceipt;

/** The policy under which something was judged. */
export interface PolicyRef {
  /** The ids of the rules that gave the verdict, joined by a comma; `unmatched` when there was none. */
  readonly rule: string;
  /** SHA-256 over the policy's files, in hexadecimal. */
  readonly version: string;
}

/** A payload: its salted commitment, and where the payload store keeps it (opaque, absent for large ones). */
export interface ArgsRef {
  readonly args_commit: string;
  readonly args_at?: string;
}
export interface ResultRef {
  readonly result_commit?: string;
  readonly result_at?: string;
}

/** Where a payload of a call stands. */
export interface PayloadPlace {
  readonly commit: string;
  readonly at?: string;
}
