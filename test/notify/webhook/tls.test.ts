import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tempDir } from '../../support/temp.ts';
import { openssl } from '../../support/time-authority.ts';

const run = promisify(execFile);
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

interface Received {
  readonly host: string | undefined;
  readonly type: unknown;
}

/** A receiver in TLS whose certificate nobody knows, for this name or address. */
async function withTls(
  name: string,
  use: (url: string, received: readonly Received[], certificate: string) => Promise<void>,
): Promise<void> {
  const dir = tempDir();
  const out = ['-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-subj', '/CN=test'];
  openssl(
    ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', ...out, '-addext', `subjectAltName=${name}`],
    dir,
  );
  const certificate = join(dir, 'cert.pem');
  const received: Received[] = [];
  const server = createServer(
    { key: readFileSync(join(dir, 'key.pem')), cert: readFileSync(certificate) },
    (request, response) => {
      void buffer(request).then((body) => {
        const { headers } = request;
        const { type } = new Webhook(SECRET).verify(body, headers as Record<string, string>) as {
          type?: unknown;
        };
        received.push({ host: headers.host, type });
        response.writeHead(204).end();
      });
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    await use(`https://127.0.0.1:${port}/in`, received, certificate);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function send(url: string, trusted?: string): Promise<string> {
  const sender = join(import.meta.dirname, '../../support/webhook-sender.ts');
  const args = ['--import', import.meta.resolve('tsx'), sender, url, SECRET];
  const env = {
    PATH: process.env['PATH'],
    ...(trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }),
  };
  return (await run(process.execPath, args, { env })).stdout.trim();
}

test('an endpoint whose certificate is trusted is told in TLS', async () => {
  await withTls('IP:127.0.0.1', async (url, received, certificate) => {
    assert.match(await send(url, certificate), /^taken as msg_[0-9a-f]{32}$/);
    assert.equal(received, [{ host: new URL(url).host, type: 'approval.requested' }]);
  });
});

test('one whose certificate is not trusted is told nothing', async () => {
  await withTls('IP:127.0.0.1', async (url, received) => {
    assert.is(
      await send(url),
      'DeliveryError: The webhook siem cannot be reached (DEPTH_ZERO_SELF_SIGNED_CERT).',
    );
    assert.equal(received, []);
  });
});

test('nor is one whose certificate is for another name', async () => {
  await withTls('DNS:other.example', async (url, received, certificate) => {
    assert.is(
      await send(url, certificate),
      'DeliveryError: The webhook siem cannot be reached (ERR_TLS_CERT_ALTNAME_INVALID).',
    );
    assert.equal(received, []);
  });
});

test.run();
