import type { Entry } from '../core/entry.ts';
import { cefEvent } from './cef.ts';
import { cloudEvent } from './cloudevents.ts';
import type { FormatName } from './format-names.ts';
import { ocsfEvent } from './ocsf.ts';
import { logRecord, logsData, rejectedRecords } from './otel.ts';
import type { EventContext } from './reading.ts';

/** How entries are written for a security tool. An event is one text without a line feed. */
export interface Format {
  /** An event is JSON; otherwise it is plain text. */
  readonly json: boolean;
  event(entry: Entry, context: EventContext): string;
  /** One event as it stands alone, such as a line of a file. */
  alone(event: string, context: EventContext): string;
  /** Several as the body of one HTTP request. */
  body(events: readonly string[], context: EventContext): string;
  readonly contentType: string;
  /** How many of them a receiver did not take that answers well, by what it answers; absent where none says so. */
  readonly rejected?: (answer: string) => number;
}

const LINES = {
  alone: (event: string) => event,
  body: (events: readonly string[]) => events.map((event) => `${event}\n`).join(''),
} as const;

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  ocsf: {
    json: true,
    event: (entry, context) => JSON.stringify(ocsfEvent(entry, context)),
    ...LINES,
    contentType: 'application/x-ndjson',
  },
  cef: { json: false, event: cefEvent, ...LINES, contentType: 'text/plain; charset=utf-8' },
  cloudevents: {
    json: true,
    event: (entry, context) => JSON.stringify(cloudEvent(entry, context)),
    alone: (event) => event,
    body: (events) => `[${events.join(',')}]`,
    contentType: 'application/cloudevents-batch+json; charset=utf-8',
  },
  otel: {
    json: true,
    event: (entry, context) => JSON.stringify(logRecord(entry, context)),
    alone: (event, context) => logsData([event], context),
    body: logsData,
    contentType: 'application/json',
    rejected: rejectedRecords,
  },
};
