import type { Clock } from '../core/clock.ts';
import type { Entry } from '../core/entry.ts';
import type { History } from '../core/history.ts';
import type { Random } from '../core/ids.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { SignOn } from '../core/person.ts';
import type { Policy } from '../core/policy.ts';
import type { Journal } from '../journal/journal.ts';
import type { Payloads } from '../journal/payloads.ts';
import type { Secrets } from '../journal/secrets.ts';
import type { CheckInput, DefinitionStore, Reach, VerifyAssertion } from './ports.ts';

/** What the use cases stand on. The host puts it together. */
export interface GuardContext {
  readonly journal: Journal;
  /** The fold that `journal` keeps current. */
  readonly ledger: Ledger;
  readonly payloads: Payloads;
  /** What calls under way need of their secrets, and nothing longer. */
  readonly secrets: Secrets;
  /**
   * The policy in force: the last valid one, its groups filled with what identity providers said of people.
   * Told `since`, it believes no sign-on that is older (milliseconds since the epoch); told a `signOn`, that one.
   */
  readonly policy: (asOf?: { readonly since?: number; readonly signOn?: SignOn }) => Policy;
  /** What became of earlier requests. */
  readonly history: History;
  readonly definitions: DefinitionStore;
  readonly verifyAssertion: VerifyAssertion;
  readonly reach: Reach;
  readonly checkInput: CheckInput;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The most that a call's arguments may measure, in bytes of JSON without spaces. */
  readonly maxArgsBytes: number;
  /** The same for a call that people are asked about, who have to read them. Default 1 MiB, or `maxArgsBytes` if that is less. */
  readonly maxHeldArgsBytes?: number;
}

/** Tells of each durable entry, after the ledger took it up. */
export interface Changes {
  /** @returns a function that ends the subscription */
  subscribe(listener: (entry: Entry) => void): () => void;
}
