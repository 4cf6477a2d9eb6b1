import type { Entry } from '../core/entry.ts';
import type { JsonObject } from '../core/json.ts';
import { callOf, readEntry } from './read-entry.ts';
import type { EventContext } from './reading.ts';
import { sentenceOf } from './sentence.ts';
import { SEVERITY_NUMBER } from './severity-number.ts';
import { unmappedOf } from './unmapped.ts';

/**
 * An entry as a CloudEvent 1.0 in JSON. Source and id together, of which the id is the entry's, tell whether a receiver
 * has had it before. `sequence`, `severitytext` and `severitynumber` are extensions that the project documents.
 */
export function cloudEvent(entry: Entry, context: EventContext): JsonObject {
  const reading = readEntry(entry);
  const call = callOf(entry, context);
  const subject = reading.about === 'call' ? (call.request_id ?? call.call_id) : reading.entity.uid;
  return {
    specversion: '1.0',
    id: entry.id,
    source: `/placet/${encodeURIComponent(context.origin)}`,
    type: `placet.${entry.type}`,
    time: entry.time,
    ...(subject ? { subject } : {}),
    datacontenttype: 'application/json',
    // To be compared as texts, as the extension has it.
    sequence: String(entry.seq).padStart(12, '0'),
    severitytext: reading.severity,
    severitynumber: SEVERITY_NUMBER[reading.severity],
    data: {
      name: reading.name,
      message: sentenceOf(reading, call),
      outcome: reading.outcome,
      by: typeof reading.by === 'object' ? reading.by.person : reading.by,
      ...(reading.detail === undefined ? {} : { detail: reading.detail }),
      ...(reading.about === 'call'
        ? { control: reading.control, disposition: reading.disposition, alert: reading.alert ?? false }
        : { activity: reading.activity, entity: { ...reading.entity } }),
      software: context.software,
      entry: unmappedOf(entry, reading.about === 'call' ? call : {}),
    },
  };
}
