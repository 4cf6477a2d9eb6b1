import type { Verification } from '../../core/entry.ts';

/** Somebody could decide, or had something that speaks for them, from when to when. Times are RFC 3339, UTC. */
export interface AccessPeriod {
  /** An id of people.yaml. */
  readonly person: string;
  /** `rule`: a rule asks them; the others are what they prove themselves with. */
  readonly kind: 'rule' | 'passkey' | 'account' | 'api_key';
  /** The rule's id; the credential's, account's or key's own. */
  readonly what: string;
  /** By which they can decide: for a rule what it asks for and what it admits besides. */
  readonly verification: readonly Verification[];
  /** When it began; before the period where it did. */
  readonly from: string;
  /** Absent where it went on at the end. */
  readonly to?: string;
  /** The entries that began and ended it. */
  readonly from_seq: number;
  readonly to_seq?: number;
  /** How many must approve, for a rule. */
  readonly quorum?: number;
}
