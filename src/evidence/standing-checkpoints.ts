import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { HISTORY_NAME, NEWEST_NAME } from '../journal/checkpoint-history.ts';
import { parseCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import { parseNote, type SignedNote } from '../tlog/note.ts';

/** A checkpoint as it stands somewhere. */
export interface KeptCheckpoint {
  /** As a sentence begins. */
  readonly where: string;
  readonly note: SignedNote;
  readonly checkpoint: Checkpoint;
  /** When it was signed, by who keeps it; RFC 3339. */
  readonly at?: string;
}

export type KeptLine = KeptCheckpoint | { readonly where: string; readonly fault: string };

/** The history of checkpoints and the newest, as far as they went at some time. Plain data. */
export interface StandingCheckpoints {
  readonly dir: string;
  /** Of `checkpoints.log`; nothing where there is none. */
  readonly bytes?: number;
  /** What stands in `checkpoint`. */
  readonly newest?: string;
}

/** RFC 3339, UTC, as the host writes it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const CHUNK = 64 * 1024;
/** A note has no more. */
const NEWEST_MAX = 1024 * 1024;
const LINE_MAX = 4 * NEWEST_MAX;

/** @param dir the journal's folder */
export function listCheckpoints(dir: string): StandingCheckpoints {
  // In this order: the newest is written after its line.
  const newest = sizeOf(join(dir, NEWEST_NAME));
  const text =
    newest === undefined
      ? undefined
      : newest > NEWEST_MAX
        ? ''
        : readFileSync(join(dir, NEWEST_NAME)).toString('utf8');
  const bytes = sizeOf(join(dir, HISTORY_NAME));
  return {
    dir,
    ...(bytes === undefined ? {} : { bytes }),
    ...(text === undefined ? {} : { newest: text }),
  };
}

/** The newest checkpoint, from its own file. */
export function newestIn({ newest }: StandingCheckpoints): KeptLine | undefined {
  return newest === undefined ? undefined : readNote(NEWEST_NAME, newest);
}

/** Every line of `checkpoints.log`, the oldest first. One that a crash cut short at its end is none. */
export function* historyOf({ dir, bytes }: StandingCheckpoints): Generator<KeptLine> {
  if (bytes === undefined) return;
  const file = openSync(join(dir, HISTORY_NAME), 'r');
  try {
    let carried = '';
    let number = 0;
    const chunk = Buffer.allocUnsafe(CHUNK);
    const decoder = new TextDecoder();
    for (let position = 0; position < bytes; ) {
      const read = readSync(file, chunk, 0, Math.min(CHUNK, bytes - position), position);
      if (read === 0) return;
      position += read;
      const lines = (carried + decoder.decode(chunk.subarray(0, read), { stream: true })).split('\n');
      carried = (lines.pop() ?? '').slice(0, LINE_MAX);
      for (const line of lines) {
        number += 1;
        yield readLine(`line ${number} of ${HISTORY_NAME}`, line);
      }
    }
  } finally {
    closeSync(file);
  }
}

function readLine(where: string, line: string): KeptLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { where, fault: 'it is not JSON' };
  }
  if (!isJsonObject(value) || typeof value['note'] !== 'string' || typeof value['at'] !== 'string')
    return { where, fault: 'it lacks a note or the time at which it was signed' };
  if (!TIME.test(value['at']) || Number.isNaN(Date.parse(value['at'])))
    return { where, fault: 'the time at which it was signed is none' };
  const kept = readNote(where, value['note']);
  return 'fault' in kept ? kept : { ...kept, at: value['at'] };
}

function readNote(where: string, text: string): KeptLine {
  try {
    const note = parseNote(text);
    return { where, note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    return { where, fault: messageOf(error).replace(/\.$/, '') };
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
