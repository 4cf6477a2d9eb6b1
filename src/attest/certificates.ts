import { X509Certificate } from 'node:crypto';
import { BasicConstraints, Certificate, ExtKeyUsage } from 'pkijs';
import { messageOf, ProofError } from '../core/errors.ts';
import { revealedLine } from '../core/reveal.ts';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const KEY_USAGE = '2.5.29.15';
const EXT_KEY_USAGE = '2.5.29.37';
const BASIC_CONSTRAINTS = '2.5.29.19';
/** Critical extensions that are looked at here, or that forbid nothing: alternative names and policies. */
const UNDERSTOOD = new Set([KEY_USAGE, EXT_KEY_USAGE, BASIC_CONSTRAINTS, '2.5.29.17', '2.5.29.32']);
/** Digital signature and non-repudiation, of the first byte of a key usage. */
const SIGNS = 0xc0;
/** More are in no token; what is behind them is not looked at. */
const CERTIFICATES_MAX = 32;

/** A certificate as two libraries read it: one its extensions, the other its signature. */
export interface ReadCertificate {
  readonly x509: X509Certificate;
  readonly parsed: Certificate;
}

/** @throws Error when it cannot be read */
export function readCertificate(der: Uint8Array): ReadCertificate {
  return { x509: new X509Certificate(der), parsed: Certificate.fromBER(Uint8Array.from(der)) };
}

/** Certificates in PEM. @throws ProofError `bad_certificates` */
export function readAuthorities(pem: string): readonly ReadCertificate[] {
  try {
    const found = [...pem.matchAll(PEM)].map(([text]) => readCertificate(new X509Certificate(text).raw));
    if (found.length > 0) return found;
  } catch (error) {
    throw new ProofError(
      'bad_certificates',
      `The certificates of time stamp authorities cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
  throw new ProofError('bad_certificates', 'There is no certificate in PEM of a time stamp authority.');
}

/**
 * Whether a certificate is one that stamps time, and was valid then (RFC 3161, 2.3).
 *
 * @throws ProofError `bad_authority`
 */
export function mustStampTime({ parsed }: ReadCertificate, at: Date): void {
  const usage = extensionOf(parsed, EXT_KEY_USAGE);
  const purposes = usage?.parsedValue instanceof ExtKeyUsage ? usage.parsedValue.keyPurposes : [];
  if (usage?.critical !== true || purposes.length !== 1 || purposes[0] !== TIME_STAMPING)
    throw bad('was signed with a certificate that is not one for time stamps alone');
  const signs = extensionOf(parsed, KEY_USAGE)?.parsedValue as BitString | undefined;
  if (signs && ((signs.valueBlock.valueHexView[0] ?? 0) & SIGNS) === 0)
    throw bad('was signed with a certificate that is not for signing');
  if (!isValid(parsed, at))
    throw bad('was signed with a certificate that was not valid at the time it names');
  if (!isUnderstood(parsed))
    throw bad('was signed with a certificate that demands what Placet does not know');
}

/**
 * Whether a chain of certificates that were valid at that time leads from `signer` to one of `authorities`. Names
 * that an authority is confined to are not understood, so that a chain with such constraints, if critical, is refused.
 *
 * @param others from which the chain may be made; hostile
 */
export function leadsTo(
  signer: ReadCertificate,
  others: readonly ReadCertificate[],
  authorities: readonly ReadCertificate[],
  at: Date,
): boolean {
  const trusted = new Set(authorities.map(({ x509 }) => x509.fingerprint256));
  const seen = new Set([signer.x509.fingerprint256]);
  const candidates = [...authorities, ...others.slice(0, CERTIFICATES_MAX)];
  let row = [signer];
  // Each is visited once and by the shortest way, so that certificates in a circle end it.
  for (let below = 0; row.length > 0; below += 1) {
    if (row.some(({ x509 }) => trusted.has(x509.fingerprint256))) return true;
    const above: ReadCertificate[] = [];
    for (const each of row) {
      for (const issuer of candidates) {
        if (seen.has(issuer.x509.fingerprint256) || !issued(issuer, each, below, at)) continue;
        seen.add(issuer.x509.fingerprint256);
        above.push(issuer);
      }
    }
    row = above;
  }
  return false;
}

/** What to call the holder; fit to be shown. */
export function holderOf({ x509 }: ReadCertificate): string {
  const lines = x509.subject.split('\n');
  const name = lines.find((line) => line.startsWith('CN='))?.slice('CN='.length);
  return revealedLine(name ?? lines.join(', '));
}

/** @param below how many certificates stand between the issuer and the signer of the stamp */
function issued(issuer: ReadCertificate, { x509 }: ReadCertificate, below: number, at: Date): boolean {
  const constraints = extensionOf(issuer.parsed, BASIC_CONSTRAINTS)?.parsedValue;
  const most = constraints instanceof BasicConstraints ? constraints.pathLenConstraint : undefined;
  const reaches = most === undefined || (typeof most === 'number' && below <= most);
  return (
    issuer.x509.ca &&
    reaches &&
    isValid(issuer.parsed, at) &&
    isUnderstood(issuer.parsed) &&
    x509.checkIssued(issuer.x509) &&
    x509.verify(issuer.x509.publicKey)
  );
}

interface BitString {
  readonly valueBlock: { readonly valueHexView: Uint8Array };
}

function extensionOf({ extensions = [] }: Certificate, id: string) {
  return extensions.find(({ extnID }) => extnID === id);
}

function isValid({ notBefore, notAfter }: Certificate, at: Date): boolean {
  return notBefore.value <= at && at <= notAfter.value;
}

function isUnderstood({ extensions = [] }: Certificate): boolean {
  return extensions.every(({ critical, extnID }) => !critical || UNDERSTOOD.has(extnID));
}

function bad(message: string): ProofError {
  return new ProofError('bad_authority', `The time stamp ${message}.`);
}
