import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from './temp.ts';

const run = promisify(execFile);

/** A real time stamp authority: `openssl ts` with certificates made for the test. */
export interface TimeAuthority {
  readonly dir: string;
  /** The root, in PEM. */
  readonly ca: string;
  /** The certificate that stamps are signed with, in PEM. */
  readonly certificate: string;
  /** Answers a request in DER. */
  stamp(request: Uint8Array): Promise<Buffer>;
  /** What `openssl ts -verify` says; throws when it does not hold. */
  verify(response: Uint8Array, message: Uint8Array, ca?: string): string;
}

export interface AuthorityOptions {
  /** Days before now, and after; default: from yesterday to ten days ahead. */
  readonly valid?: { readonly from: string; readonly to: string };
  /** Extended key usage; default `critical, timeStamping`. */
  readonly usage?: string;
  readonly keyUsage?: string;
  /** Default `ec`. */
  readonly key?: 'rsa:2048' | 'ec';
  /** Of the signature; default `sha256`. */
  readonly digest?: string;
  /** Of the certificate's hash in the token; default `sha256`. */
  readonly essDigest?: string;
  /** What stands in the issuing certificate; default a CA right below the root. */
  readonly issuer?: string;
  /** More lines of the stamping certificate's extensions. */
  readonly more?: string;
}

export function openssl(args: readonly string[], cwd: string): Buffer {
  try {
    return execFileSync('openssl', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(
        'These tests need openssl, which makes and checks time stamps: apt-get install openssl.',
        {
          cause: error,
        },
      );
    throw error;
  }
}

/** A root, an issuing authority below it, and a certificate for time stamps below that. */
export function timeAuthority(options: AuthorityOptions = {}): TimeAuthority {
  const dir = tempDir();
  const { usage = 'critical, timeStamping', keyUsage = 'critical, digitalSignature' } = options;
  const { issuer = 'basicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign, cRLSign' } =
    options;
  writeFileSync(
    join(dir, 'openssl.cnf'),
    [
      '[req]',
      'distinguished_name = name',
      '[name]',
      '[root]',
      'basicConstraints = critical, CA:true',
      'keyUsage = critical, keyCertSign, cRLSign',
      'subjectKeyIdentifier = hash',
      '[issuing]',
      issuer,
      'subjectKeyIdentifier = hash',
      'authorityKeyIdentifier = keyid',
      '[stamping]',
      ...(usage === '' ? [] : [`extendedKeyUsage = ${usage}`]),
      ...(keyUsage === '' ? [] : [`keyUsage = ${keyUsage}`]),
      ...(options.more === undefined ? [] : [options.more]),
      'authorityKeyIdentifier = keyid',
      '[ca]',
      'default_ca = small',
      '[small]',
      'new_certs_dir = .',
      'database = index.txt',
      'rand_serial = yes',
      'default_md = sha256',
      'policy = any',
      '[any]',
      'commonName = supplied',
      '[tsa]',
      'default_tsa = stamps',
      '[stamps]',
      'serial = serial.txt',
      `signer_digest = ${options.digest ?? 'sha256'}`,
      'default_policy = 1.2.3.4.1',
      'digests = sha256, sha512',
      'accuracy = secs:1',
      'ordering = yes',
      'tsa_name = yes',
      'ess_cert_id_chain = no',
      `ess_cert_id_alg = ${options.essDigest ?? 'sha256'}`,
      '',
    ].join('\n'),
  );
  writeFileSync(join(dir, 'index.txt'), '');
  writeFileSync(join(dir, 'serial.txt'), '01\n');
  const key = options.key === 'rsa:2048' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const request = (name: string, subject: string): void => {
    const out = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${subject}`];
    openssl(['req', '-new', '-nodes', '-newkey', ...key, '-config', 'openssl.cnf', ...out], dir);
  };
  const sign = (name: string, by: readonly string[], valid: readonly string[]): void => {
    const what = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extensions', name, '-config', 'openssl.cnf'];
    openssl(['ca', '-batch', '-notext', ...by, ...what, ...valid], dir);
  };
  const { from, to } = options.valid ?? { from: date(-1), to: date(10) };
  const long = ['-startdate', date(-1000), '-enddate', date(1000)];
  request('root', 'Test Root');
  sign('root', ['-selfsign', '-keyfile', 'root.key'], long);
  request('issuing', 'Test Issuing');
  sign('issuing', ['-cert', 'root.pem', '-keyfile', 'root.key'], long);
  request('stamping', 'Test Time');
  sign('stamping', ['-cert', 'issuing.pem', '-keyfile', 'issuing.key'], ['-startdate', from, '-enddate', to]);

  let count = 0;
  return {
    dir,
    ca: readFileSync(join(dir, 'root.pem'), 'utf8'),
    certificate: readFileSync(join(dir, 'stamping.pem'), 'utf8'),
    async stamp(query) {
      count += 1;
      const [asked, answered] = [`${count}.tsq`, `${count}.tsr`];
      writeFileSync(join(dir, asked), query);
      const by = ['-signer', 'stamping.pem', '-inkey', 'stamping.key', '-chain', 'issuing.pem'];
      const config = ['-config', 'openssl.cnf', '-queryfile', asked, '-out', answered];
      await run('openssl', ['ts', '-reply', ...config, ...by], { cwd: dir });
      return readFileSync(join(dir, answered));
    },
    verify(response, message, ca) {
      for (const [name, bytes] of Object.entries({ 'it.tsr': response, 'it.txt': message }))
        writeFileSync(join(dir, name), bytes);
      if (ca !== undefined) writeFileSync(join(dir, 'other.pem'), ca);
      const roots = ['-CAfile', ca === undefined ? 'root.pem' : 'other.pem'];
      return openssl(['ts', '-verify', '-in', 'it.tsr', '-data', 'it.txt', ...roots], dir).toString();
    },
  };
}

/** As `openssl ca` takes it, so many days from now. */
export function date(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${at.replaceAll(/[-:T]|\.\d+Z$/g, '')}Z`;
}

export interface ServedAuthority {
  readonly url: string;
  readonly requests: readonly { readonly type: string | undefined; readonly body: Buffer }[];
  /** What it does instead of stamping, from now on. */
  instead: ((response: ServerResponse, request: Buffer) => void) | undefined;
  close(): void;
}

/** An authority over HTTP on this machine. */
export async function serveAuthority(authority: TimeAuthority): Promise<ServedAuthority> {
  const requests: { type: string | undefined; body: Buffer }[] = [];
  const server: Server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      requests.push({ type: request.headers['content-type'], body });
      if (served.instead) return served.instead(response, body);
      response.setHeader('Content-Type', 'application/timestamp-reply');
      response.end(await authority.stamp(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const served: ServedAuthority = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`,
    requests,
    instead: undefined,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return served;
}
