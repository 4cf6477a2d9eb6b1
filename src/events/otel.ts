import type { Entry } from '../core/entry.ts';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { callOf, readEntry } from './read-entry.ts';
import type { EventContext } from './reading.ts';
import { sentenceOf } from './sentence.ts';
import { SEVERITY_NUMBER } from './severity-number.ts';
import { unmappedOf } from './unmapped.ts';

const SEVERITY_TEXT = { informational: 'INFO', low: 'INFO2', medium: 'WARN', high: 'ERROR' } as const;

/**
 * An entry as a log record of OpenTelemetry, in the JSON of OTLP. `log.record.uid` is the entry's id, by which a receiver
 * knows it again.
 */
export function logRecord(entry: Entry, context: EventContext): JsonObject {
  const reading = readEntry(entry);
  const call = callOf(entry, context);
  const nanoseconds = `${Date.parse(entry.time)}000000`;
  return {
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    severityNumber: SEVERITY_NUMBER[reading.severity],
    severityText: SEVERITY_TEXT[reading.severity],
    eventName: `placet.${entry.type}`,
    body: { stringValue: sentenceOf(reading, call) },
    attributes: attributes({
      'log.record.uid': entry.id,
      'event.name': `placet.${entry.type}`,
      'event.outcome': reading.outcome,
      'user.id':
        typeof reading.by === 'object' ? reading.by.person : reading.by === 'agent' ? call.owner : reading.by,
      'placet.name': reading.name,
      'placet.sequence': entry.seq,
      'placet.detail': reading.detail,
      ...(reading.about === 'call'
        ? {
            'placet.control': reading.control,
            'placet.disposition': reading.disposition,
            'placet.alert': reading.alert ?? false,
          }
        : { 'placet.activity': reading.activity, 'placet.entity': { ...reading.entity } }),
      'placet.entry': unmappedOf(entry, reading.about === 'call' ? call : {}),
    }),
  };
}

/** Records, each as JSON, as one message of OTLP. */
export function logsData(records: readonly string[], { software, origin }: EventContext): string {
  const resource = {
    attributes: attributes({
      'service.name': 'placet',
      'service.version': software,
      'service.instance.id': origin,
    }),
  };
  const scope = { name: 'placet', version: software };
  return `{"resourceLogs":[{"resource":${JSON.stringify(resource)},"scopeLogs":[{"scope":${JSON.stringify(scope)},"logRecords":[${records.join(',')}]}]}]}`;
}

/** How many records a collector says that it did not take, though it answered well: `partialSuccess` of OTLP. */
export function rejectedRecords(answer: string): number {
  let said: unknown;
  try {
    said = JSON.parse(answer);
  } catch {
    return 0;
  }
  const partial = isJsonObject(said) ? said['partialSuccess'] : undefined;
  const count = isJsonObject(partial) ? Number(partial['rejectedLogRecords'] ?? 0) : 0;
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

function attributes(members: Readonly<Record<string, Json | undefined>>): Json[] {
  return Object.entries(members).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

/** `AnyValue`; 64-bit integers stand as texts in the JSON of Protocol Buffers. */
function anyValue(value: Json): JsonObject {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default:
      if (value === null) return {};
      if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
      return { kvlistValue: { values: attributes(value as JsonObject) } };
  }
}
