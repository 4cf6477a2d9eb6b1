import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { TlsPair } from './tls-pair.ts';

/** A strict receiver of syslog over TLS (RFC 5425): octet counting and nothing else. */
export interface FakeSyslog {
  readonly port: number;
  readonly messages: string[];
  /** What was wrong with what came. */
  readonly faults: string[];
  /** The next connection is broken off after so many bytes. */
  breakAfter(bytes: number): void;
  close(): Promise<void>;
}

export async function openFakeSyslog({ key, cert }: TlsPair): Promise<FakeSyslog> {
  const messages: string[] = [];
  const faults: string[] = [];
  const open = new Set<TLSSocket>();
  let limit: number | undefined;
  const server = createServer({ key, cert, minVersion: 'TLSv1.2' }, (socket) => {
    const most = limit;
    limit = undefined;
    let rest: Buffer = Buffer.alloc(0);
    let seen = 0;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.length;
      if (most !== undefined && seen > most) return void socket.destroy();
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const space = rest.indexOf(0x20);
        if (space < 0) return;
        const count = rest.subarray(0, space).toString('latin1');
        if (!/^[1-9]\d*$/.test(count)) {
          faults.push(`A message begins with ${JSON.stringify(count)}.`);
          return void socket.destroy();
        }
        const end = space + 1 + Number(count);
        if (rest.length < end) return;
        messages.push(rest.subarray(space + 1, end).toString('utf8'));
        rest = rest.subarray(end);
      }
    });
    socket.on('end', () => {
      if (rest.length > 0) faults.push(`${rest.length} bytes are left at the end.`);
    });
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    faults,
    breakAfter(bytes) {
      limit = bytes;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
