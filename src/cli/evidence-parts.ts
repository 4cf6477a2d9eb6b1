import type { ControlMapping } from '../core/controls.ts';
import { EvidenceError } from '../core/errors.ts';
import { writeOcsfEvents } from '../evidence/bundle/ocsf-events.ts';
import type { BundlePart } from '../evidence/bundle/report-input.ts';
import { createReportPart } from '../evidence/report/report-part.ts';

/** What writes the files of a bundle that are made from the others. */
export function evidenceParts(): readonly BundlePart[] {
  return [writeOcsfEvents, createReportPart()];
}

export interface ChosenMapping {
  readonly mapping: ControlMapping;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/**
 * The controls that a workspace's evidence is mapped to.
 *
 * @param wanted ids of frameworks; empty: all of them
 * @throws EvidenceError `unknown_framework`
 */
export async function mappingFor(_workspace: string, wanted: readonly string[]): Promise<ChosenMapping> {
  const [first] = wanted;
  if (first !== undefined) throw new EvidenceError('unknown_framework', `There is no framework ${first}.`);
  return { mapping: { frameworks: [], controlsOf: () => [] }, files: [] };
}
