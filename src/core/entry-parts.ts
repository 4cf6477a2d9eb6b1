/** What entries are made of. */

/** What a rule can ask of every decision, weakest first. */
export type VerificationLevel = 'link' | 'sso' | 'passkey';

/**
 * Ways to decide that count only where the terms admit them: a button in Slack, pressed by an account that the person
 * linked, and a reviewer's own key at the API.
 */
export type AdmittedWay = 'slack' | 'api';

/** How a decision proves who made it. */
export type Verification = VerificationLevel | AdmittedWay;

/** What one matching rule demands of a decision, with its reviewers resolved to the ids of people. */
export interface Terms {
  /** The rule's id, `unmatched`, or `sensitive` for the floor under sensitive tools. */
  readonly rule: string;
  /** Ids of the people who may decide: one for each human, the agent's owner left out. */
  readonly reviewers: readonly string[];
  /** How many of them must approve. */
  readonly quorum: number;
  readonly verification: VerificationLevel;
  /** How long ago a sign-on may have been, in milliseconds. Present where `verification` is `sso`. */
  readonly max_age_ms?: number;
  readonly reason: 'optional' | 'required';
  /** The workspace declares that its owner is its only human, who may therefore approve, by passkey alone. */
  readonly solo?: true;
  /** What decides besides `verification`, where that is no passkey. */
  readonly admits?: readonly AdmittedWay[];
  /**
   * Where it is asked, as a rule names it: `email` and `slack` reach each reviewer, `slack:#ops`, `teams`,
   * `webhook:siem` and `pagerduty` are places. Absent: by mail.
   */
  readonly notify?: readonly string[];
  /** How long after a question without an answer it is asked again, in milliseconds. */
  readonly remind_ms?: number;
  /** Who is asked, too, when nobody has resolved it by then. They may decide from that moment. */
  readonly escalate?: Escalation;
  /** Ids of the people who are asked when no channel reaches anybody. They may decide from that moment. */
  readonly fallback?: readonly string[];
  /** Those who may decide may have the secrets of the call shown to them. */
  readonly reveal?: true;
  /** Ids of those among the reviewers who are away: their delegates, who are reviewers too, are asked in their place. */
  readonly away?: readonly string[];
}

export interface Escalation {
  /** From the request, in milliseconds. */
  readonly after_ms: number;
  /** Ids of people, the agent's owner left out. */
  readonly reviewers: readonly string[];
  /** As in terms; empty where it goes where the terms go. */
  readonly notify: readonly string[];
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

/** A press of a button in Slack, in a message that Slack signed. */
export interface SlackReceipt {
  readonly kind: 'slack';
  /** Ids of the workspace at Slack and of the account in it, linked to the person by `account.linked`. */
  readonly team: string;
  readonly user: string;
  /** SHA-256 over the signed body, in hexadecimal: it counts once. */
  readonly payload_sha256: string;
}

/** A reviewer's key at the API, issued by `reviewer.key_issued`. */
export interface ApiReceipt {
  readonly kind: 'api';
  readonly key_id: string;
}

/** What a person themselves signed or signed in for. */
export type PersonalReceipt = PasskeyReceipt | SignOnReceipt;

/** What speaks for a person where a rule admits it. */
export type AdmittedReceipt = SlackReceipt | ApiReceipt;

export type Receipt = PersonalReceipt | AdmittedReceipt;

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

/** What was taken out of arguments or of a result: kept apart, under this salted commitment, until it is erased. */
export interface SecretsRef {
  readonly secrets_commit?: string;
}

/** Where a payload of a call stands. */
export interface PayloadPlace {
  readonly commit: string;
  readonly at?: string;
}
