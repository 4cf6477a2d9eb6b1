/** What security tools are told of an entry, before it takes the form that one of them reads. */

/** What the whole workspace adds to an entry, and what the entry is about where it names only a request or a call. */
export interface EventContext {
  /** Placet's version. */
  readonly software: string;
  /** The log's origin: the name of the key that signs its checkpoints. */
  readonly origin: string;
  readonly call?: CallContext;
}

/** As `call.requested` and `approval.requested` have it. */
export interface CallContext {
  readonly call_id: string;
  readonly request_id?: string;
  readonly agent: string;
  readonly owner: string;
  readonly server: string;
  readonly tool: string;
}

export type Severity = 'informational' | 'low' | 'medium' | 'high';
export type Outcome = 'success' | 'failure' | 'pending' | 'unknown';

/** What the control did with the call; `unknown` while nothing is decided. */
export type Control = 'allowed' | 'denied' | 'unknown';
export type Disposition =
  | 'allowed'
  | 'blocked'
  | 'dropped'
  | 'approved'
  | 'delayed'
  | 'logged'
  | 'access_revoked'
  | 'rejected'
  | 'unauthorized'
  | 'error';

/** What was done to something that is managed. */
export type Activity =
  | 'create'
  | 'read'
  | 'update'
  | 'delete'
  | 'enroll'
  | 'unenroll'
  | 'enable'
  | 'activate'
  | 'other';

interface Kind {
  /** A few words, always the same for the same thing: `Call denied`. */
  readonly name: string;
  readonly severity: Severity;
  readonly outcome: Outcome;
  /** Why, or what was amiss, in the words of the entry: hostile text. */
  readonly detail?: string;
}

/** Something happened to a call. */
export interface CallKind extends Kind {
  readonly about: 'call';
  /** The id of a person, or who else did it. */
  readonly by: { readonly person: string } | 'agent' | 'placet';
  readonly control: Control;
  readonly disposition: Disposition;
  /** Somebody ought to look. */
  readonly alert?: true;
}

/** Something that calls are judged by was changed: people, rules, keys, definitions, payloads, the log itself. */
export interface EntityKind extends Kind {
  readonly about: 'entity';
  /** The id of a person, `operator` or `placet`. */
  readonly by: string;
  readonly activity: Activity;
  readonly entity: Entity;
}

export interface Entity {
  readonly type: EntityType;
  readonly uid: string;
  readonly name?: string;
  readonly version?: string;
  /** Whose it is: an id of people.yaml. */
  readonly owner?: string;
}

export type EntityType =
  | 'Log'
  | 'Log key'
  | 'Policy'
  | 'People'
  | 'Tool definition'
  | 'Agent key'
  | 'Passkey invitation'
  | 'Passkey'
  | 'Session'
  | 'Linked account'
  | 'Reviewer key'
  | 'Payload'
  | 'Hold'
  | 'Evidence';

export type Reading = CallKind | EntityKind;
