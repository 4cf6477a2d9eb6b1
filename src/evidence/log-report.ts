import type { Entry } from '../core/entry.ts';
import { canonicalJson } from '../core/json.ts';
import { revealedLine } from '../core/reveal.ts';

/** One line for people: number, time, kind, and what the entry says. */
export function entryLine(entry: Entry): string {
  const { v: _v, seq, id: _id, time, type, node: _node, more: _more, ...members } = entry;
  const words = Object.entries(members).map(([name, value]) => `${name}=${word(value)}`);
  return [String(seq).padStart(6), time, type, ...words].join('  ');
}

/** Every member of an entry, one a line. */
export function entryText(entry: Entry): string {
  return Object.entries(entry)
    .map(([name, value]) => `${name.padEnd(18)} ${word(value)}`)
    .join('\n');
}

/** The line as it stands in the journal, for programs. */
export function entryJson(entry: Entry): string {
  return canonicalJson(entry);
}

function word(value: unknown): string {
  return revealedLine(typeof value === 'string' && value !== '' ? value : canonicalJson(value));
}
