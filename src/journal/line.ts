import { isUtf8 } from 'node:buffer';
import type { Entry } from '../core/entry.ts';
import { JournalError } from '../core/errors.ts';
import { canonicalJson } from '../core/json.ts';
import { checkEntry } from './entry-schema.ts';
import { plainLine } from './plain-line.ts';

/** In bytes, the line feed not counted: what a tile of the transparency log can hold. */
export const MAX_LINE = 65_535;

/**
 * The canonical line of an entry, without line feed, and the entry as it will be read back: `draft` itself or a copy.
 *
 * @throws JournalError `entry_too_long`
 * @throws TypeError when no reader would accept the entry
 */
export function encodeEntry(draft: Entry): { readonly entry: Entry; readonly line: string } {
  const plain = plainLine(draft);
  if (plain !== undefined && plain.length <= MAX_LINE) return { entry: draft, line: plain };
  const checked = checkEntry(draft);
  if (!checked.entry) throw new TypeError(`${draft.type} cannot be journalled: ${checked.why}.`);
  const line = canonicalJson(checked.entry);
  const length = Buffer.byteLength(line);
  if (length > MAX_LINE) {
    throw new JournalError(
      'entry_too_long',
      `The entry ${draft.type} would take ${length} bytes and an entry may take ${MAX_LINE}: shorten its texts.`,
    );
  }
  return { entry: checked.entry, line };
}

/** What is wrong with a line. Only a line that is not canonical can be what a crash left of a true one. */
export interface Fault {
  readonly code: 'line_too_long' | 'not_canonical' | 'not_an_entry';
  readonly why: string;
}

/** The entry that stands in a line, or its fault. */
export function decodeLine(
  line: Buffer,
): { readonly entry: Entry; readonly fault?: never } | { readonly entry?: never; readonly fault: Fault } {
  if (line.length > MAX_LINE) return bad('line_too_long', `it is longer than ${MAX_LINE} bytes`);
  if (!isUtf8(line)) return bad('not_canonical', 'it is not UTF-8');
  const text = line.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
    if (canonicalJson(value) !== text) return bad('not_canonical', 'it is not in canonical form');
  } catch {
    // Both the parser and the writer of canonical JSON throw on what is not JSON; their words add nothing.
    return bad('not_canonical', 'it is not JSON');
  }
  const checked = checkEntry(value);
  return checked.entry ? { entry: checked.entry } : bad('not_an_entry', checked.why);
}

function bad(code: Fault['code'], why: string): { readonly fault: Fault } {
  return { fault: { code, why } };
}
