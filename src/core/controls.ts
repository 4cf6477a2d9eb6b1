/** Which controls of which framework an entry of the journal is evidence for. */

import type { Entry } from './entry.ts';

/** A set of controls, such as SOC 2, with the version of our mapping to it. */
export interface Framework {
  /** Short and stable, such as `soc2`, `iso27001`, `fedramp`. */
  readonly id: string;
  /** Official, with its edition. */
  readonly title: string;
  /** Of the mapping file. */
  readonly version: string;
  readonly controls: readonly Control[];
}

export interface Control {
  /** As the framework writes it, such as `CC6.1` or `AC-6(9)`. */
  readonly id: string;
  /** Official. */
  readonly title: string;
  /** The baselines that have it, such as `moderate`; where the framework knows such. */
  readonly baselines?: readonly string[];
  /** What exactly the evidence supports, in a sentence or two. */
  readonly supports: string;
  /** What it does not show, in a sentence or two. */
  readonly limits: string;
}

/** A control that something is evidence for. */
export interface SupportedControl {
  readonly framework: string;
  readonly id: string;
  readonly title: string;
  /** What this kind of entry shows of it, in a sentence. */
  readonly shows: string;
}

/** The mapping in force: Placet's own and what the workspace added. */
export interface ControlMapping {
  readonly frameworks: readonly Framework[];
  /** In the order of the frameworks and their controls, each control once. */
  controlsOf(entries: readonly Entry[]): readonly SupportedControl[];
}
