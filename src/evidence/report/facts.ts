/** What a report is written from: everything that was found out of a period, and nothing that is left to find. */

import type { Card } from '../../core/card.ts';
import type { Control, Framework, SupportedControl } from '../../core/controls.ts';
import type { Entry } from '../../core/entry.ts';
import type { CallRow, Exception, Period, Tally } from '../../core/evidence.ts';
import type { JsonObject } from '../../core/json.ts';

export interface ReportFacts {
  readonly period: Period;
  /** Placet's version. */
  readonly software: string;
  readonly log: LogFacts;
  /** By which the sample was drawn. */
  readonly seed: string;
  readonly tally: Tally;
  /** In the order of the journal. */
  readonly exceptions: readonly Exception[];
  readonly completeness: CompletenessFacts;
  /** Names of people by their ids, as they stood at the end. */
  readonly names: ReadonlyMap<string, string>;
  readonly access: readonly AccessFacts[];
  readonly frameworks: readonly FrameworkFacts[];
  readonly sample: readonly SampledCall[];
  /** Why there is no PDF beside the report; absent where there is one. */
  readonly no_pdf?: string;
}

export interface LogFacts {
  readonly origin: string;
  /** Verifier keys (C2SP signed-note) that sign the checkpoints, oldest first. */
  readonly keys: readonly string[];
  readonly start: LogMark;
  readonly end: LogMark;
}

/** A signed checkpoint: how many entries, under which root. */
export interface LogMark {
  readonly size: number;
  /** Hexadecimal. */
  readonly root: string;
}

export interface CompletenessFacts {
  /** Lines of the journal that the bundle carries. */
  readonly entries: number;
  /** What was checked, a sentence each. */
  readonly checked: readonly string[];
  /** What the bundle cannot show, a sentence each. */
  readonly limits: readonly string[];
}

/** That somebody could decide, from when to when. */
export interface AccessFacts {
  readonly person: string;
  /** What they could decide, such as the rules that named them. */
  readonly what: string;
  readonly from: string;
  /** Absent where they still could at the end of the period. */
  readonly to?: string;
  /** How they had to be verified, in words. */
  readonly verification: string;
}

export interface FrameworkFacts {
  readonly framework: Framework;
  readonly controls: readonly ControlFacts[];
}

export interface ControlFacts {
  readonly control: Control;
  /** How many entries of the period support it. */
  readonly entries: number;
  /** How many calls of the population they belong to. */
  readonly calls: number;
}

export interface SampledCall {
  readonly row: CallRow;
  /** Of the folder under `sample/`, such as `001-cal_…`; made of what Placet chose. */
  readonly folder: string;
  /** As every reviewer saw it; absent where there was none, or where it is gone. */
  readonly card?: Card;
  /** As they are kept: what is secret in them is masked. */
  readonly args?: JsonObject;
  /** Why the arguments cannot be shown. */
  readonly args_gone?: string;
  readonly entries: readonly Entry[];
  /** What was found when each decision's receipt was checked again, by the sequence number of the decision. */
  readonly receipts: ReadonlyMap<number, string>;
  readonly controls: readonly SupportedControl[];
  /** Names of the files of its proofs, in the same folder. */
  readonly proofs: readonly string[];
}
