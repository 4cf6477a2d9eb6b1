import { ocsfEvent } from '../../events/ocsf.ts';
import type { BundlePart } from '../bundle/report-input.ts';
import { createCallsSeen } from './calls-seen.ts';

export const EVENTS_JSONL = 'ocsf/events.jsonl';

/** Writes every entry of the period as an event of OCSF, one a line, in the order of the journal. */
export const ocsfPart: BundlePart = async (input, files) => {
  const { software, log } = input;
  const seen = createCallsSeen();
  for await (const row of input.population()) {
    // They stand before those that were requested in the period.
    if (row.carried !== true) break;
    seen.know(row);
  }
  const file = await files.open(EVENTS_JSONL);
  try {
    for await (const entry of input.entries()) {
      const call = seen.of(entry);
      const context = { software, origin: log.origin, ...(call ? { call } : {}) };
      await file.write(`${JSON.stringify(ocsfEvent(entry, context))}\n`);
    }
  } finally {
    await file.close();
  }
};
