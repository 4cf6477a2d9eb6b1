import { basename, dirname } from 'node:path';
import { messageOf } from '../core/errors.ts';

/** A file of the folder that could not be served, and one sentence that says why. */
export interface Problem {
  readonly file: string;
  readonly message: string;
}

const LENGTH = 500;

/** What was thrown while `file` was loaded, with the line where it happened, as far as that is known. */
export function problemOf(file: string, thrown: unknown): Problem {
  const message = oneLine(messageOf(thrown));
  const place = placeIn(dirname(file), thrown);
  if (place === undefined) return { file: basename(file), message };
  const where = place.file === basename(file) ? '' : `${place.file}, `;
  return { file: basename(file), message: `${where}line ${place.line}: ${message}` };
}

/** The first line, fit for a log: control characters made spaces, cut when it is very long. */
export function oneLine(text: string): string {
  const line = text
    .replace(/^ParseError: /, '')
    .split('\n', 1)
    .join('')
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim();
  const sentence = line === '' ? 'failed without saying why' : line;
  return sentence.length > LENGTH ? `${sentence.slice(0, LENGTH)}…` : sentence;
}

/** Where in the folder an error arose: parse errors say it in their message, others in their stack. */
export function placeIn(folder: string, thrown: unknown): { file: string; line: number } | undefined {
  if (!(thrown instanceof Error)) return undefined;
  for (const text of `${thrown.message}\n${thrown.stack ?? ''}`.split('\n')) {
    const match = /([^\s(]+):(\d+):\d+\)?$/.exec(text);
    const path = match?.[1]?.replace(/^file:\/\//, '');
    if (path !== undefined && dirname(path) === folder) {
      return { file: basename(path), line: Number(match?.[2]) };
    }
  }
  return undefined;
}
