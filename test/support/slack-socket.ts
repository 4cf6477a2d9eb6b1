import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** The server's side of WebSocket (RFC 6455), as much as Socket Mode needs: whole text frames, ping and close. */
export interface SocketServer {
  /** Sends a JSON message over the newest connection. */
  send(message: object): void;
  /** What clients sent, read as JSON, in order. */
  readonly received: unknown[];
  connections(): number;
  /** Ends the newest connection without a word. */
  drop(): void;
  close(): void;
}

const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** @param admit whether the address of a connection is one that was given out, and not used before */
export function serveSockets(server: Server, admit: (path: string) => boolean): SocketServer {
  const sockets: Duplex[] = [];
  const received: unknown[] = [];
  let count = 0;

  const write = (socket: Duplex, opcode: number, payload: Buffer): void => {
    const head =
      payload.length < 126
        ? Buffer.from([0x80 | opcode, payload.length])
        : Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 0xff]);
    socket.write(Buffer.concat([head, payload]));
  };
  const send = (message: object): void => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error('Nobody is connected.');
    write(socket, TEXT, Buffer.from(JSON.stringify(message)));
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    if (!admit(request.url ?? '')) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${ACCEPT}`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    sockets.push(socket);
    count += 1;
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const frame = readFrame(rest);
        if (!frame) return;
        rest = rest.subarray(frame.length);
        if (frame.opcode === TEXT) received.push(JSON.parse(frame.payload.toString('utf8')));
        if (frame.opcode === PING) write(socket, PONG, frame.payload);
        if (frame.opcode === CLOSE) {
          write(socket, CLOSE, frame.payload);
          socket.end();
        }
      }
    });
    const gone = (): void => {
      const at = sockets.indexOf(socket);
      if (at >= 0) sockets.splice(at, 1);
    };
    socket.on('close', gone);
    socket.on('error', gone);
    send({ type: 'hello', num_connections: 1 });
  });

  return {
    send,
    received,
    connections: () => count,
    drop: () => sockets.at(-1)?.destroy(),
    close: () => sockets.forEach((socket) => socket.destroy()),
  };
}

/** What a client sends is masked; a frame that is not here as a whole is waited for. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < at + 4) return undefined;
  const size =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < at + 4 + size) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(
    bytes.subarray(at + 4, at + 4 + size).map((byte, index) => byte ^ (mask[index % 4] ?? 0)),
  );
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, length: at + 4 + size };
}
