import type { Card } from '../../core/card.ts';
import type { ControlMapping } from '../../core/controls.ts';
import type { Entry, Terms } from '../../core/entry.ts';
import type { CallRow, Exception, Period, Tally } from '../../core/evidence.ts';
import type { Json } from '../../core/json.ts';
import type { NamedKey } from '../log-keys.ts';
import type { AccessPeriod } from './access.ts';
import type { BundleFiles } from './bundle-files.ts';
import type { Completeness } from './completeness.ts';
import type { PeopleVersion, PolicyVersion } from './versions.ts';

/** All that a report of a period is made from. Whatever agents and people wrote in it is hostile text. */
export interface ReportInput {
  readonly period: Period;
  /** As it was asked for. */
  readonly query: Query;
  /** When the bundle is made. RFC 3339, UTC. */
  readonly made_at: string;
  /** Placet's version. */
  readonly software: string;
  readonly log: LogExtent;
  readonly tally: Tally;
  /** In the order of their `call.requested`; may be gone through more than once. */
  population(): AsyncIterable<CallRow>;
  /** In the order of their entries. */
  exceptions(): AsyncIterable<Exception>;
  /** The entries of the period, in order. */
  entries(): AsyncIterable<Entry>;
  readonly sample: Sample;
  /** With the frameworks that were asked for, and no others. */
  readonly mapping: ControlMapping;
  /** Who could decide what, from when to when. */
  readonly access: readonly AccessPeriod[];
  /** Those in force at the beginning, and those that came into force in the period. */
  readonly policies: readonly PolicyVersion[];
  readonly people: readonly PeopleVersion[];
  readonly completeness: Completeness;
}

export interface Query {
  /** As they were given. */
  readonly from: string;
  readonly to: string;
  /** Ids of frameworks; all where none was named. */
  readonly frameworks: readonly string[];
  /** How many calls were to be sampled. */
  readonly sample: number;
}

/** Which part of the log the bundle holds. Sizes count entries from the log's beginning; roots are in base64. */
export interface LogExtent {
  readonly origin: string;
  /** All that the journal names, oldest first. */
  readonly keys: readonly NamedKey[];
  /** The newest checkpoint before the period; size 0 where the log begins in it. */
  readonly start: { readonly size: number; readonly root: string };
  /** The first checkpoint that covers all of the period. */
  readonly end: { readonly size: number; readonly root: string };
  /** The entries of the period: from this sequence number on, and before that. */
  readonly from_seq: number;
  readonly to_seq: number;
}

export interface Sample {
  readonly seed: string;
  /** The seed is the root at the end, as nobody gave one. */
  readonly by_default: boolean;
  /** In the order in which they were drawn. */
  readonly calls: readonly SampledCall[];
}

/** One call that was drawn, with all that is kept of it. */
export interface SampledCall {
  /** From 1. */
  readonly number: number;
  /** Of its files, such as `sample/001-cal_01…`. */
  readonly folder: string;
  readonly row: CallRow;
  /** Up to the end of the period, in order. */
  readonly entries: readonly Entry[];
  /** Names of the proofs in the folder, by sequence number. */
  readonly proofs: readonly { readonly seq: number; readonly file: string }[];
  /** What the reviewers were shown; nothing where nobody was asked. */
  readonly card?: Shown<Card>;
  readonly terms: readonly Terms[];
  readonly args: Shown<Json>;
  /** What came back is told by its commitment alone, unless it is kept. */
  readonly result?: Shown<Json>;
}

/** A payload, or why it is not shown. */
export type Shown<T> =
  | { readonly state: 'kept'; readonly commit: string; readonly value: T }
  | {
      /** `unread`: the workspace's key is not here. */
      readonly state: 'erased' | 'missing' | 'damaged' | 'unread';
      readonly commit: string;
    };

/** Writes some of a bundle's files, such as the report. */
export type BundlePart = (input: ReportInput, files: BundleFiles) => Promise<void>;
