/** A policy that was in force. Times are RFC 3339, UTC. */
export interface PolicyVersion {
  /** SHA-256 over its files, in hexadecimal. */
  readonly version: string;
  /** The entry that says so. */
  readonly seq: number;
  readonly from: string;
  readonly rules: number;
  /**
   * `checked`: the texts are in the bundle and are what the version stands for; `absent`: they were not kept, as by a
   * host of before 0.6.0; `changed`: what is kept is something else, and is left out.
   */
  readonly texts: 'checked' | 'absent' | 'changed';
  /** Names of its files, such as `rules/VERSION/people.yaml`. */
  readonly files: readonly string[];
}

/** A people.yaml that was in force. */
export interface PeopleVersion {
  /** SHA-256 over the canonical JSON of what it says, in hexadecimal. */
  readonly version: string;
  readonly seq: number;
  readonly from: string;
  readonly people: number;
  readonly agents: number;
}
