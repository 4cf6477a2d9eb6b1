import { createConnection, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { PlacetError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import type { Hello, Reply } from './hello.ts';

/** The longest first line: a wrapped command brings its environment. */
const LONGEST_LINE = 1024 * 1024;

/**
 * Reads one line off a socket and puts back what came after it.
 *
 * @throws PlacetError `bad_hello` when the other side ends or sends more than a megabyte without a line feed
 */
export function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (error?: Error): void => {
      socket.off('readable', read).off('end', ended).off('error', finish).off('close', ended);
      if (error) reject(error);
    };
    const ended = (): void =>
      finish(new PlacetError('bad_hello', 'The other side ended before its first line.'));
    const read = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk; chunk = socket.read() as Buffer | null) {
        const feed = chunk.indexOf(10);
        if (feed >= 0) {
          finish();
          const rest = chunk.subarray(feed + 1);
          if (rest.length > 0) socket.unshift(rest);
          resolve(new StringDecoder('utf8').end(Buffer.concat([...chunks, chunk.subarray(0, feed)])));
          return;
        }
        chunks.push(chunk);
        size += chunk.length;
        if (size > LONGEST_LINE) {
          finish(new PlacetError('bad_hello', 'The first line is longer than a megabyte.'));
          return;
        }
      }
    };
    socket.on('readable', read).on('end', ended).on('close', ended).on('error', finish);
    read();
  });
}

/** Connects and says hello. @returns the socket, ready for MCP, and what the host answered */
export async function attach(path: string, hello: Hello): Promise<{ socket: Socket; data: unknown }> {
  const socket = await connect(path);
  socket.write(`${JSON.stringify(hello)}\n`);
  const reply = replyIn(await readLine(socket));
  if (!reply.ok) {
    socket.destroy();
    throw new PlacetError(reply.code, reply.error);
  }
  return { socket, data: reply.data };
}

function replyIn(line: string): Reply {
  const reply: unknown = JSON.parse(line);
  if (isJsonObject(reply)) {
    const { ok, code, error, data } = reply;
    if (ok === true) return { ok, data };
    if (ok === false && typeof code === 'string' && typeof error === 'string') return { ok, code, error };
  }
  throw new PlacetError('bad_hello', 'What listens there is no host of Placet, or one of another version.');
}

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
