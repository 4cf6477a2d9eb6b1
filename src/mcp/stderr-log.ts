import type { Stream } from 'node:stream';
import type { Log } from '../core/log.ts';
import { createLineReader } from './line-reader.ts';

const LINE_BYTES = 64 * 1024;

/** Hands what a process writes to standard error to the log, line by line. */
export function relayStderr(stream: Stream, log: Log): void {
  const reader = createLineReader(LINE_BYTES);
  stream.on('data', (chunk: Buffer) => {
    for (const line of reader.push(chunk)) {
      log(line.kind === 'line' ? line.bytes.toString('utf8').trimEnd() : line.head);
    }
  });
}
