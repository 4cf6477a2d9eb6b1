import type { JsonObject } from '../core/json.ts';
import type { MessageId } from './message.ts';
import type { Span } from './json-members.ts';

export interface PlainAnswer {
  readonly id: MessageId;
  readonly value: JsonObject;
  /** Where the result stands. */
  readonly span: Span;
}

const ID = String.raw`(-?\d{1,15}|"[\w.:-]{0,64}")`;
const HEAD = new RegExp(String.raw`^\{ ?("jsonrpc": ?"2\.0", ?)?(?:"id": ?${ID}, ?)?"result": ?(?=\{)`);
const TAIL = new RegExp(String.raw`\}(, ?"jsonrpc": ?"2\.0")?(?:, ?"id": ?${ID})? ?\}\r?$`);
const END_BYTES = 128;

/**
 * Reads an answer that is written as nearly all are: three members, the result first or last. What stands before and
 * after the result is known to the letter, and the bytes between are one JSON value by the word of JSON.parse, so that
 * nothing has to be looked for in them.
 *
 * @returns nothing for whatever is written otherwise, legal or not
 */
export function plainAnswer(bytes: Buffer): PlainAnswer | undefined {
  const head = HEAD.exec(bytes.toString('latin1', 0, END_BYTES));
  if (!head) return undefined;
  const tail = TAIL.exec(bytes.toString('latin1', Math.max(head[0].length, bytes.length - END_BYTES)));
  if (!tail) return undefined;
  const [, version, id] = head;
  const [, laterVersion, laterId] = tail;
  const written = id ?? laterId;
  if (written === undefined || (id !== undefined && laterId !== undefined)) return undefined;
  if ((version === undefined) === (laterVersion === undefined)) return undefined;
  const span = { start: head[0].length, end: bytes.length - tail[0].length + 1 };
  try {
    const value = JSON.parse(bytes.toString('utf8', span.start, span.end)) as JsonObject;
    return { id: JSON.parse(written) as MessageId, value, span };
  } catch {
    return undefined;
  }
}
