import { statSync } from 'node:fs';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { NotSent } from './answer-marks.ts';
import { brief } from './brief.ts';
import { createLineReader, type Line } from './line-reader.ts';
import { findId } from './message-id.ts';
import type { ProcessConfig } from './servers.ts';
import { relayStderr } from './stderr-log.ts';

export interface ProcessTransportOptions {
  readonly config: ProcessConfig;
  /** The longest message that is read, in bytes. */
  readonly maxBytes: number;
  readonly log: Log;
  /** An answer that was too long to be read; the link goes on. */
  readonly onTooLong: (id: string | number) => void;
}

/**
 * A downstream as a child process. It gets the few environment variables that the SDK deems safe, and what
 * its configuration names; nothing else of the host's.
 */
export function createProcessTransport(options: ProcessTransportOptions): Transport {
  const { config, log } = options;
  const transport = new OneAtATime({
    command: config.command,
    args: [...config.args],
    env: { ...config.env },
    cwd: config.cwd,
    stderr: 'pipe',
  });
  replaceReader(transport, createMessageReader(options));
  const { stderr } = transport;
  if (stderr) relayStderr(stderr, log);
  const start = transport.start.bind(transport);
  transport.start = async () => {
    // Without this a missing folder is reported as a missing command.
    if (!statSync(config.cwd, { throwIfNoEntry: false })?.isDirectory()) {
      throw new NotSent(`its cwd ${config.cwd} is not a folder`);
    }
    await start();
  };
  return transport;
}

/**
 * The SDK adds a listener for each message that waits for the pipe to drain, and Node warns of a leak from
 * the eleventh on. So each message waits for the one before it.
 */
class OneAtATime extends StdioClientTransport {
  #last: Promise<void> = Promise.resolve();

  override send(message: JSONRPCMessage): Promise<void> {
    if (this.pid === null) return Promise.reject(new NotSent('its process has ended'));
    const sent = this.#last.then(() => super.send(message));
    this.#last = sent.catch(() => {
      // Told to the one who sent it; the next message is not concerned.
    });
    return sent;
  }
}

interface MessageReader {
  append(chunk: Buffer): void;
  /** The next message, or null when none is complete. Throws on a line that is none. */
  readMessage(): JSONRPCMessage | null;
  clear(): void;
}

/**
 * In place of the SDK's read buffer, which copies all that it holds with every chunk (64 MB take it seconds)
 * and closes the link, with all calls on it, at the first line over its limit.
 */
function createMessageReader({ maxBytes, onTooLong }: ProcessTransportOptions): MessageReader {
  const reader = createLineReader(maxBytes);
  let lines: Line[] = [];

  return {
    append(chunk) {
      lines.push(...reader.push(chunk));
    },
    readMessage() {
      for (let line = lines.shift(); line; line = lines.shift()) {
        if (line.kind === 'too_long') {
          const id = findId(line.head, line.tail);
          if (id !== undefined) onTooLong(id);
          throw new Error(`It wrote a line of more than ${maxBytes} bytes, which was passed over.`);
        }
        const text = line.bytes.toString('utf8');
        if (text.trim() !== '') return parse(text);
      }
      return null;
    },
    clear() {
      lines = [];
      reader.clear();
    },
  };
}

function parse(text: string): JSONRPCMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Servers that print to standard output are common; the line is told, shortened.
  }
  if (!isJsonObject(value)) {
    throw new Error(`It wrote a line to standard output that is no JSON message: ${brief(text, 120)}`);
  }
  // What kind of message it is, and whether it is a legal one, is judged by who receives it.
  return value as unknown as JSONRPCMessage;
}

/** The SDK has no option for this. A version without the field is refused rather than half replaced. */
function replaceReader(transport: StdioClientTransport, reader: MessageReader): void {
  if (!Object.hasOwn(transport, '_readBuffer')) {
    throw new TypeError('This version of the MCP SDK keeps its read buffer elsewhere; Placet needs 1.32.');
  }
  Reflect.set(transport, '_readBuffer', reader);
}
