/** What the pages of a bundle are written from: what was found out of a period, counted and cut to what is shown. */

import type { Control, Framework, SupportedControl } from '../../core/controls.ts';
import type { Exception, ExceptionKind } from '../../core/evidence.ts';
import type { ReportInput, SampledCall } from '../bundle/report-input.ts';

export interface ReportFacts
  extends Omit<ReportInput, 'population' | 'exceptions' | 'entries' | 'sample' | 'mapping'> {
  /** Of every kind that there was. */
  readonly exceptions: ReadonlyMap<ExceptionKind, Counted<Exception>>;
  /** What changed of rules, people, tools and keys. */
  readonly changes: Counted<Exception>;
  readonly sample: {
    readonly seed: string;
    readonly by_default: boolean;
    readonly calls: readonly SampleFacts[];
  };
  readonly frameworks: readonly FrameworkFacts[];
  /** Names of people by their ids, as far as they are known. */
  readonly names: ReadonlyMap<string, string>;
  /** Why there is no PDF beside the report; absent where there is one. */
  readonly no_pdf?: string;
}

/** How many there are, and the first of them. */
export interface Counted<T> {
  readonly count: number;
  readonly first: readonly T[];
}

export interface SampleFacts extends SampledCall {
  readonly controls: readonly SupportedControl[];
}

export interface FrameworkFacts {
  readonly framework: Framework;
  readonly controls: readonly ControlFacts[];
}

export interface ControlFacts {
  readonly control: Control;
  /** How many entries of the period support it. */
  readonly entries: number;
}
