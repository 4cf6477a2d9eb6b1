import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FORMATS } from '../../src/events/format.ts';
import type { Outgoing, Sink } from '../../src/stream/sink.ts';
import { createHttpSink } from '../../src/stream/sinks/http.ts';
import { createSplunkSink } from '../../src/stream/sinks/splunk.ts';
import { createSyslogSink } from '../../src/stream/sinks/syslog.ts';
import { realClock as clock } from '../support/real-clock.ts';
import { rejection } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';
import { openssl } from '../support/time-authority.ts';

const context = { software: '0.3.0', origin: 'placet.example.com' };
const format = FORMATS.ocsf;
const batch: readonly Outgoing[] = [
  {
    seq: 0,
    id: 'ent_0',
    type: 'log.opened',
    time: '2026-11-23T10:00:00.000Z',
    severity: 'low',
    event: '{}',
  },
];
const SINKS: Readonly<Record<string, (port: number) => Promise<Sink>>> = {
  syslog: (port) => createSyslogSink({ host: 'localhost', port, format, context, clock }),
  http: (port) => createHttpSink({ url: `https://localhost:${port}/`, format, context, clock }),
  splunk: (port) =>
    createSplunkSink({
      url: `https://localhost:${port}/`,
      token: 't',
      format: 'ocsf',
      json: true,
      origin: 'o',
      clock,
    }),
};

/** Nobody vouches for it. */
async function openStranger(): Promise<{ readonly server: Server; readonly heard: () => number }> {
  const dir = tempDir();
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(['req', '-x509', ...curve, '-keyout', 'key.pem', '-out', 'cert.pem', ...subject], dir);
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(dir, name)));
  let heard = 0;
  const server = createServer({ key, cert }, (_, response) => response.end());
  server.on('secureConnection', (socket) => socket.on('data', ({ length }: Buffer) => (heard += length)));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, heard: () => heard };
}

for (const [name, open] of Object.entries(SINKS)) {
  test(`${name}: a receiver for whom nobody vouches gets nothing, even where the environment lets Node trust all`, async () => {
    const { server, heard } = await openStranger();
    const sink = await open((server.address() as AddressInfo).port);
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const error = await rejection(sink.send(batch, new AbortController().signal));
      assert.match((error as Error).message, 'cannot be reached (DEPTH_ZERO_SELF_SIGNED_CERT)');
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      await sink.close();
      server.closeAllConnections();
      server.close();
    }
    assert.is(heard(), 0);
  });
}

test.run();
