import { loadControls, type LoadedControls } from '../evidence/controls/load.ts';
import type { BundlePart } from '../evidence/bundle/report-input.ts';
import { ocsfPart } from '../evidence/ocsf/ocsf-part.ts';
import { createReportPart } from '../evidence/report/report-part.ts';

/** What writes the files of a bundle that are made from the others. */
export function evidenceParts(): readonly BundlePart[] {
  return [createReportPart(), ocsfPart];
}

/**
 * The controls that a workspace's evidence is mapped to.
 *
 * @param wanted ids of frameworks; empty: all of them
 * @throws ConfigError `unknown_framework`, `controls_invalid`
 */
export function mappingFor(policies: string, wanted: readonly string[]): Promise<LoadedControls> {
  return loadControls({ policies, frameworks: wanted });
}
