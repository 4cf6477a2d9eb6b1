import { valueOf } from './texts.ts';

/** What we write of NIST's OSCAL assessment results 1.1.3, by its names. Times are RFC 3339 with their zone. */

export interface AssessmentResults {
  readonly 'assessment-results': {
    readonly uuid: string;
    readonly metadata: {
      readonly title: string;
      readonly 'last-modified': string;
      readonly version: string;
      readonly 'oscal-version': '1.1.3';
      readonly remarks: string;
    };
    readonly 'import-ap': { readonly href: string; readonly remarks: string };
    readonly results: readonly [Result];
    readonly 'back-matter': { readonly resources: readonly Resource[] };
  };
}

export interface Result {
  readonly uuid: string;
  readonly title: string;
  readonly description: string;
  readonly start: string;
  readonly end: string;
  readonly props: readonly Prop[];
  readonly 'reviewed-controls': ReviewedControls;
  /** OSCAL knows no empty list. */
  readonly observations?: readonly Observation[];
  readonly remarks: string;
}

export interface ReviewedControls {
  readonly description: string;
  readonly 'control-selections': readonly ControlSelection[];
}

export interface ControlSelection {
  readonly description: string;
  readonly props?: readonly Prop[];
  readonly 'include-controls'?: readonly { readonly 'control-id': string }[];
}

export interface Observation {
  readonly uuid: string;
  readonly title: string;
  readonly description: string;
  readonly props: readonly Prop[];
  readonly methods: readonly ['EXAMINE'];
  readonly 'relevant-evidence': readonly { readonly href: string; readonly description: string }[];
  readonly collected: string;
  readonly remarks?: string;
}

export interface Prop {
  readonly name: string;
  /** Names that are not NIST's belong to a namespace. */
  readonly ns: string;
  readonly value: string;
}

export interface Resource {
  readonly uuid: string;
  readonly title: string;
  readonly rlinks: readonly { readonly href: string; readonly 'media-type': string }[];
}

const NS = 'urn:placet:oscal:1';

/** @param value hostile */
export function prop(name: string, value: string | number): Prop {
  return { name, ns: NS, value: valueOf(String(value)) };
}
