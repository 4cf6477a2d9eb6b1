import type { BundlePart } from '../evidence/bundle/report-input.ts';
import { ocsfPart } from '../evidence/ocsf/ocsf-part.ts';
import { createReportPart } from '../evidence/report/report-part.ts';

/** What writes the files of a bundle that are made from the others. */
export function evidenceParts(): readonly BundlePart[] {
  return [createReportPart(), ocsfPart];
}
