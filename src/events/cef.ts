import type { Entry } from '../core/entry.ts';
import { revealedLine } from '../core/reveal.ts';
import { callOf, readEntry } from './read-entry.ts';
import type { EventContext, Severity } from './reading.ts';
import { sentenceOf } from './sentence.ts';

const SEVERITY: Readonly<Record<Severity, number>> = { informational: 1, low: 3, medium: 6, high: 8 };

/**
 * An entry in the Common Event Format: a header whose parts are divided by `|`, then `key=value`. `externalId` is the
 * entry's id, by which a receiver knows it again.
 */
export function cefEvent(entry: Entry, context: EventContext): string {
  const reading = readEntry(entry);
  const call = callOf(entry, context);
  const by = typeof reading.by === 'object' ? reading.by.person : reading.by;
  const header = ['Placet', 'Placet', context.software, entry.type, reading.name].map(headerText);
  const extension = [
    ['rt', String(Date.parse(entry.time))],
    ['externalId', entry.id],
    ['deviceExternalId', entry.node],
    ['dvchost', context.origin],
    ['outcome', reading.outcome],
    ['suser', by === 'agent' ? call.owner : by],
    ['reason', reading.detail],
    ['msg', sentenceOf(reading, call)],
    ['cn1Label', 'sequence'],
    ['cn1', String(entry.seq)],
    ...(reading.about === 'call'
      ? [
          ['act', reading.control],
          ...labelled('cs1', 'agent', call.agent),
          ...labelled('cs2', 'server', call.server),
          ...labelled('cs3', 'tool', call.tool),
          ...labelled('cs4', 'request', call.request_id ?? call.call_id),
          ...('policy' in entry
            ? [
                ...labelled('cs5', 'rule', entry.policy.rule),
                ...labelled('cs6', 'policyVersion', entry.policy.version),
              ]
            : []),
          ...('verification' in entry ? labelled('flexString1', 'verification', entry.verification) : []),
          ...labelled('flexString2', 'owner', call.owner),
        ]
      : [
          ['act', reading.activity],
          ...labelled('cs1', 'entityType', reading.entity.type),
          ...labelled('cs2', 'entity', reading.entity.uid),
          ...labelled('cs3', 'entityName', reading.entity.name),
          ['duser', reading.entity.owner],
        ]),
  ].flatMap(([key = '', value]) => (value ? [`${key}=${extensionText(value)}`] : []));
  return `CEF:0|${header.join('|')}|${SEVERITY[reading.severity]}|${extension.join(' ')}`;
}

function labelled(
  key: string,
  label: string,
  value: string | undefined,
): readonly (readonly (string | undefined)[])[] {
  return value
    ? [
        [`${key}Label`, label],
        [key, value],
      ]
    : [];
}

function headerText(text: string): string {
  return revealedLine(text).replaceAll(/[\\|]/g, String.raw`\$&`);
}

/** A value goes on to the next `key=`, and an equals sign in it is escaped; so a text cannot begin another key. */
function extensionText(text: string): string {
  return text
    .replaceAll(/[\\=]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, revealedLine);
}
