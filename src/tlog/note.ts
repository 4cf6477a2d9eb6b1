import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { ProofError } from '../core/errors.ts';

/**
 * Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures, each by a key with a name. Two
 * kinds of keys are known: Ed25519 over the text, and Ed25519 cosignatures with a time (C2SP tlog-cosignature).
 */
export interface SignedNote {
  /** What is signed; ends with a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** 4 bytes, in hexadecimal. */
  readonly id: string;
  readonly bytes: Buffer;
  /** The whole line without its line feed. */
  readonly line: string;
}

export type KeyKind = 'signature' | 'cosignature';

/** A key that signatures are checked with. */
export interface Verifier {
  readonly kind: KeyKind;
  readonly name: string;
  /** 4 bytes, in hexadecimal. */
  readonly id: string;
  /** The verifier key as C2SP writes it: `name+id+base64`. */
  readonly vkey: string;
  /** Whether a signature with this key's name and id is by it. For a cosignature also when it was made. */
  check(text: string, signature: NoteSignature): Checked;
}

export type Checked = { readonly ok: true; readonly time?: number } | { readonly ok: false };

export interface Signer {
  readonly verifier: Verifier;
  /** A signature line, without a line feed. @param time seconds since the epoch; a cosignature carries it */
  sign(text: string, time: number): string;
}

const TYPES = { signature: 1, cosignature: 4 } as const;
const SEED_BYTES = 32;
const TIME_BYTES = 8;
/** The end of the year 9999: no calendar writes a later time in RFC 3339. */
const LATEST = 253_402_300_799;
const DASH = '— ';
/** Larger notes are refused unread. */
const NOTE_MAX = 128 * 1024;
const SIGNATURES_MAX = 64;
/** An Ed25519 private key in PKCS #8 (RFC 8410), without its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @throws ProofError `bad_key` */
export function parseVerifier(vkey: string): Verifier {
  const [name = '', id = '', ...rest] = vkey.trim().split('+');
  const material = base64(rest.join('+'));
  const kind = (Object.keys(TYPES) as KeyKind[]).find((each) => TYPES[each] === material?.[0]);
  if (!isName(name) || !material || material.length !== SEED_BYTES + 1 || !kind)
    throw badKey('is no verifier key such as example.com/log+530d903a+AekyeRrm…');
  const verifier = verifierOf(kind, name, material.subarray(1));
  if (verifier.id !== id) throw badKey(`has the id ${id}, which is not that of its name and key`);
  return verifier;
}

/** The text by which a signer is kept: `PRIVATE+KEY+name+id+base64`, as Go's `note` package writes it. */
export function makeSignerKey(kind: KeyKind, name: string, seed: Uint8Array): string {
  if (!isName(name)) throw new TypeError(`${name} cannot be the name of a key.`);
  const { id } = verifierOf(kind, name, publicKeyOf(seed));
  return `PRIVATE+KEY+${name}+${id}+${Buffer.of(TYPES[kind], ...seed).toString('base64')}`;
}

/** @throws ProofError `bad_key`, which tells nothing of the key */
export function parseSigner(text: string): Signer {
  const [, , name = '', id = '', ...rest] = text.trim().split('+');
  const material = base64(rest.join('+'));
  const kind = (Object.keys(TYPES) as KeyKind[]).find((each) => TYPES[each] === material?.[0]);
  if (!text.startsWith('PRIVATE+KEY+') || !isName(name) || !kind || material?.length !== SEED_BYTES + 1)
    throw badKey('cannot be read: it is no signing key of a note');
  const seed = material.subarray(1);
  const verifier = verifierOf(kind, name, publicKeyOf(seed));
  if (verifier.id !== id) throw badKey('was changed: its id is not that of its name and key');
  const key = privateKeyOf(seed);
  return {
    verifier,
    sign(signed, time) {
      const bytes =
        kind === 'signature'
          ? sign(null, Buffer.from(signed), key)
          : Buffer.concat([timeBytes(time), sign(null, cosigned(signed, time), key)]);
      return `${DASH}${name} ${Buffer.concat([Buffer.from(id, 'hex'), bytes]).toString('base64')}`;
    },
  };
}

/** @throws ProofError `bad_note` */
export function parseNote(note: string): SignedNote {
  if (note.length > NOTE_MAX) throw badNote('it is too long');
  if (!note.isWellFormed()) throw badNote('it has no form in UTF-8');
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw badNote('it has no signatures');
  const text = note.slice(0, end + 1);
  if (Array.from(text).some((character) => character < ' ' && character !== '\n'))
    throw badNote('it holds control characters');
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) throw badNote('it has too many signatures');
  return { text, signatures: lines.map(parseSignature) };
}

export function formatNote(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** @throws ProofError `bad_note` */
export function parseSignature(line: string): NoteSignature {
  const [name = '', encoded = '', ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(' ') : [];
  const bytes = base64(encoded);
  if (!isName(name) || more.length > 0 || !bytes || bytes.length < 5)
    throw badNote('a line of it is no signature');
  return { name, id: bytes.toString('hex', 0, 4), bytes: bytes.subarray(4), line };
}

export interface NoteCheck {
  /** Whose signatures are right, each once. */
  readonly right: readonly { readonly verifier: Verifier; readonly line: string; readonly time?: number }[];
  /** Names of those among the given keys whose signature is there and wrong. */
  readonly wrong: readonly string[];
}

/** Checks the signatures of the keys that are given; those of others are passed over. */
export function checkNote(note: SignedNote, verifiers: readonly Verifier[]): NoteCheck {
  const right = new Map<string, NoteCheck['right'][number]>();
  const wrong: string[] = [];
  for (const signature of note.signatures) {
    const verifier = verifiers.find(({ name, id }) => name === signature.name && id === signature.id);
    if (!verifier) continue;
    const checked = verifier.check(note.text, signature);
    if (!checked.ok) wrong.push(verifier.name);
    else if (!right.has(verifier.vkey)) {
      const { time } = checked;
      right.set(verifier.vkey, { verifier, line: signature.line, ...(time === undefined ? {} : { time }) });
    }
  }
  return { right: [...right.values()], wrong };
}

function verifierOf(kind: KeyKind, name: string, publicKey: Buffer): Verifier {
  const type = Buffer.of(TYPES[kind]);
  const hash = createHash('sha256').update(`${name}\n`).update(type).update(publicKey).digest();
  const id = hash.toString('hex', 0, 4);
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
    format: 'jwk',
  });
  return {
    kind,
    name,
    id,
    vkey: `${name}+${id}+${Buffer.concat([type, publicKey]).toString('base64')}`,
    check: (text, { bytes }) =>
      kind === 'signature' ? checkPlain(key, text, bytes) : checkCosignature(key, text, bytes),
  };
}

function checkPlain(key: KeyObject, text: string, bytes: Buffer): Checked {
  return { ok: verify(null, Buffer.from(text), key, bytes) };
}

function checkCosignature(key: KeyObject, text: string, bytes: Buffer): Checked {
  if (bytes.length !== TIME_BYTES + 64) return { ok: false };
  const time = Number(bytes.readBigUInt64BE());
  const ok = time <= LATEST && verify(null, cosigned(text, time), key, bytes.subarray(TIME_BYTES));
  return ok ? { ok, time } : { ok };
}

function cosigned(text: string, time: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
}

function timeBytes(time: number): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeBigUInt64BE(BigInt(time));
  return bytes;
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(seed: Uint8Array): Buffer {
  const { x } = createPublicKey(privateKeyOf(seed)).export({ format: 'jwk' });
  return Buffer.from(String(x), 'base64url');
}

/** Of a key, and so of a log: not empty, no white space, no plus. */
function isName(name: string): boolean {
  return name.length > 0 && name.length <= 255 && !/[\s+\p{C}]/u.test(name);
}

/** @returns nothing unless the text is canonical base64 */
export function base64(text: string): Buffer | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function badKey(why: string): ProofError {
  return new ProofError('bad_key', `The key ${why}.`);
}

function badNote(why: string): ProofError {
  return new ProofError('bad_note', `This is no signed note: ${why}.`);
}
