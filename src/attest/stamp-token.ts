import { createHash } from 'node:crypto';
import {
  id_ContentType_SignedData,
  id_eContentType_TSTInfo,
  id_sha256,
  id_sha384,
  id_sha512,
  PKIStatus,
  SignedData,
  TimeStampResp,
  TSTInfo,
  type Attribute,
} from 'pkijs';
import { ProofError } from '../core/errors.ts';
import { readCertificate, type ReadCertificate } from './certificates.ts';

/** What a time stamp authority signed, with the signature right. */
export interface StampToken {
  /** As it says itself. */
  readonly time: Date;
  readonly nonce?: Buffer;
  readonly signer: ReadCertificate;
  /** The other certificates that came with it. */
  readonly others: readonly ReadCertificate[];
}

const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const HASHES = new Map([
  [id_sha256, 'sha256'],
  [id_sha384, 'sha384'],
  [id_sha512, 'sha512'],
]);
const OCTET_STRING = 4;
const SEQUENCE = 16;

/** As much of an element of ASN.1 as is used. */
interface Element {
  readonly idBlock: { readonly tagNumber: number };
  readonly valueBlock: {
    readonly value?: readonly Element[];
    readonly valueHexView: Uint8Array;
    /** Of an object identifier, its numbers. */
    toString(): string;
  };
}

/**
 * Reads a TimeStampResp (RFC 3161) and checks what it proves by itself: that it was granted for this message, that
 * its signature is right, and that the certificate which it was made with is the one that it names (RFC 5816).
 *
 * @throws ProofError `stamp_refused`, `bad_stamp`, `stamp_of_another_message`; whatever the libraries throw
 */
export async function openStamp(response: Uint8Array, message: Uint8Array): Promise<StampToken> {
  const { status, timeStampToken } = TimeStampResp.fromBER(Uint8Array.from(response));
  if (status.status !== PKIStatus.granted && status.status !== PKIStatus.grantedWithMods)
    throw new ProofError('stamp_refused', `The authority refused the time stamp (status ${status.status}).`);
  if (timeStampToken?.contentType !== id_ContentType_SignedData) throw bad('holds nothing that is signed');
  const signed = new SignedData({ schema: timeStampToken.content });
  const { eContentType, eContent } = signed.encapContentInfo;
  if (eContentType !== id_eContentType_TSTInfo || !eContent) throw bad('holds no time');
  const info = TSTInfo.fromBER(eContent.getValue());
  mustBeOf(info, message);
  const [by, ...more] = signed.signerInfos;
  if (!by || more.length > 0) throw bad('has not just one signature');
  if (!HASHES.has(by.digestAlgorithm.algorithmId)) throw bad('is signed with a hash that is not SHA-2');
  const { signatureVerified, signerCertificate } = await signed.verify({
    signer: 0,
    data: Uint8Array.from(message).buffer,
    extendedMode: true,
  });
  if (signatureVerified !== true || !signerCertificate) throw bad('has a wrong signature');
  const attributes = by.signedAttrs?.attributes ?? [];
  if (contentTypeOf(attributes) !== id_eContentType_TSTInfo) throw bad('has a signature of something else');
  const certificates = (signed.certificates ?? []).flatMap((each) =>
    'tbsView' in each ? [readCertificate(Buffer.from(each.toSchema().toBER()))] : [],
  );
  const der = Buffer.from(signerCertificate.toSchema().toBER());
  if (!namesCertificate(attributes, der)) throw bad('does not name the certificate that it was signed with');
  return {
    time: info.genTime,
    ...(info.nonce ? { nonce: Buffer.from(info.nonce.valueBlock.valueHexView) } : {}),
    signer: readCertificate(der),
    others: certificates.filter(({ x509 }) => !x509.raw.equals(der)),
  };
}

function mustBeOf({ messageImprint }: TSTInfo, message: Uint8Array): void {
  const { hashAlgorithm, hashedMessage } = messageImprint;
  if (hashAlgorithm.algorithmId !== id_sha256) throw bad('is not over a SHA-256');
  const hash = createHash('sha256').update(message).digest();
  if (!hash.equals(hashedMessage.valueBlock.valueHexView))
    throw new ProofError('stamp_of_another_message', 'The time stamp is one of something else.');
}

function contentTypeOf(attributes: readonly Attribute[]): string | undefined {
  const found = attributes.filter(({ type }) => type === CONTENT_TYPE);
  const [value] = found.length === 1 ? (found[0]?.values ?? []) : [];
  return value === undefined ? undefined : oidOf(value as Element);
}

/** Whether the first certificate that the signed attribute names is this one. */
function namesCertificate(attributes: readonly Attribute[], der: Buffer): boolean {
  const v2 = firstIdIn(attributes, SIGNING_CERTIFICATE_V2);
  if (v2) {
    const algorithm = v2.find(({ idBlock }) => idBlock.tagNumber === SEQUENCE);
    // The issuer and serial number, which may follow the hash, are a sequence, too.
    const before = algorithm !== undefined && v2.indexOf(algorithm) === 0;
    const id = before ? oidOf(algorithm.valueBlock.value?.[0]) : id_sha256;
    return isHashOf(v2, HASHES.get(id ?? ''), der);
  }
  const v1 = firstIdIn(attributes, SIGNING_CERTIFICATE);
  return v1 !== undefined && isHashOf(v1, 'sha1', der);
}

/** The members of the first ESSCertID (RFC 2634, 5.4; RFC 5035, 4). */
function firstIdIn(attributes: readonly Attribute[], type: string): readonly Element[] | undefined {
  const found = attributes.find((attribute) => attribute.type === type);
  const value = found?.values[0] as Element | undefined;
  return value?.valueBlock.value?.[0]?.valueBlock.value?.[0]?.valueBlock.value;
}

function isHashOf(id: readonly Element[], algorithm: string | undefined, der: Buffer): boolean {
  const hash = id.find(({ idBlock }) => idBlock.tagNumber === OCTET_STRING);
  return (
    algorithm !== undefined &&
    hash !== undefined &&
    createHash(algorithm).update(der).digest().equals(hash.valueBlock.valueHexView)
  );
}

function oidOf(element: Element | undefined): string | undefined {
  return element?.valueBlock.toString();
}

function bad(why: string): ProofError {
  return new ProofError('bad_stamp', `The time stamp ${why}.`);
}
