import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openssl } from './time-authority.ts';
import { tempDir } from './temp.ts';

/** A certificate for `localhost` and 127.0.0.1 of an authority that was made for the test. */
export interface TlsPair {
  /** Path and text of the authority's certificate, in PEM. */
  readonly caPath: string;
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

export function tlsPair(): TlsPair {
  const dir = tempDir();
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    [
      'req',
      '-x509',
      ...curve,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=Test authority',
    ],
    dir,
  );
  openssl(['req', ...curve, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost'], dir);
  writeFileSync(join(dir, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  openssl(
    [
      'x509',
      '-req',
      '-in',
      'request.pem',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-set_serial',
      '7',
      '-days',
      '2',
      '-extfile',
      'names',
      '-out',
      'cert.pem',
    ],
    dir,
  );
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
  return { caPath: join(dir, 'ca.pem'), ca: read('ca.pem'), key: read('key.pem'), cert: read('cert.pem') };
}
