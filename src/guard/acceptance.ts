import type { Passkey } from '../core/credentials.ts';
import type { DefinitionDifference } from '../core/definition-diff.ts';
import type { HiddenText } from '../core/definition-scan.ts';
import type { JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';
import type { Proof } from './ports.ts';

/** A definition that nobody has accepted. Server and tool are the server's words, and hostile. */
export interface ChangedDefinition {
  /** Over all that tells it from others; by it the definition is asked for. */
  readonly id: string;
  readonly server: string;
  /** The tool's own name at its downstream. */
  readonly tool: string;
  readonly definition_sha256: string;
  /** `changed`: another one was accepted before. `new`: the tool appeared after its server was first seen. */
  readonly kind: DefinitionDifference['kind'];
  /** Since when it is what it is, where that is known. RFC 3339, UTC. */
  readonly since?: string;
  /** Its server is one that a client brought along. */
  readonly brought: boolean;
}

/** What `web` shows of a changed definition to one person. */
export interface AcceptanceView extends ChangedDefinition {
  /** Who looks at it. */
  readonly person: Person;
  /** The definition as its server gives it; nothing where it is not kept, so that nobody can look at it. */
  readonly shown?: {
    readonly definition: JsonObject;
    readonly difference: DefinitionDifference;
    readonly hidden: readonly HiddenText[];
  };
  /** Whether the top-level reviewers are `nobody`, this person among others, or `others`. */
  readonly asked: 'you' | 'others' | 'nobody';
  /** The ways in which this person may accept it, weakest first; none where they cannot. */
  readonly methods: readonly ('sso' | 'passkey')[];
  /** The weakest verification with which it can be accepted. */
  readonly demanded: 'sso' | 'passkey';
  /** How long ago a sign-on may have been, in milliseconds. */
  readonly max_age_ms: number;
  /** The person's keys that can be used. */
  readonly passkeys: readonly Passkey[];
  readonly reason: 'optional' | 'required';
}

/** What a person gives to accept a definition; to be signed in is not enough. */
export type AcceptanceProof = Extract<Proof, { readonly kind: 'passkey' | 'sso' }>;

/** What people do about definitions that changed, without a call of the tool. */
export interface Acceptance {
  /** How many definitions wait that this person may accept. */
  count(person: string): number;
  /** All that wait, by server and tool. */
  waiting(): readonly ChangedDefinition[];
  /** Reads only. @throws DecisionError `not_waiting` */
  view(person: string, id: string): AcceptanceView;
  /**
   * A person's word that they have looked at this very definition. It approves no call.
   *
   * @throws DecisionError `not_waiting`, `not_shown`, `not_eligible`, `confirm_mismatch`, `reason_required`,
   * `verification_too_weak`, `passkey_refused`, `passkey_cloned`, `sign_on_stale`, `sign_on_other`
   */
  accept(input: {
    readonly person: string;
    /** Of the definition that was shown. */
    readonly id: string;
    readonly reason: string;
    readonly proof: AcceptanceProof;
  }): Promise<void>;
}
