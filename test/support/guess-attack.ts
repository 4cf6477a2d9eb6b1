import { createHash, createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/core/digest.ts';
import { canonicalJson } from '../../src/core/json.ts';
import { readWorkspaceKeys } from '../../src/journal/keys.ts';
import { HEADER_BYTES, readHeader, unseal } from '../../src/journal/payload-record.ts';

/** What somebody with the whole data folder, its key included, tries to find out. */
export interface Guessing {
  /** Such as `data`. */
  readonly dir: string;
  /** Everything that it could have been; what it was is among it. */
  readonly guesses: readonly string[];
  /** What the payloads would have been, had it been this guess: each as an object and as texts. */
  readonly payloadsOf: (guess: string) => readonly unknown[];
  /** Longer texts that give it away wherever they stand. */
  readonly telltale: readonly string[];
}

const PURPOSES = ['payloads', 'secrets', 'snapshot', 'history', 'servers', 'seals', 'invitation-codes'];
const HEX = /[0-9a-f]{64}/g;
const BASE64 = /[A-Za-z0-9+/_-]{43}=?/g;
const LONG_BASE64 = /[A-Za-z0-9+/_-]{44,}={0,2}/g;

/** How it was found out, in a line each; nothing when it stays unknown. */
export async function attack({ dir, guesses, payloadsOf, telltale }: Guessing): Promise<readonly string[]> {
  const found = new Set<string>();
  const files = filesBelow(dir).map((path) => ({ path, bytes: readFileSync(join(dir, path)) }));
  const keys = await readWorkspaceKeys(join(dir, 'keys'));
  const secrets = [
    ...files.filter(({ path }) => path.startsWith('keys')).map(({ bytes }) => bytes),
    ...PURPOSES.flatMap((purpose) => (keys ? [keys.derive(purpose)] : [])),
    Buffer.alloc(32),
  ];

  for (const { path, bytes } of files) {
    for (const text of telltale) {
      for (const form of formsOf(text)) if (bytes.includes(form)) found.add(`${path} holds it`);
    }
  }

  const stores = ['payloads', 'secrets'].flatMap((purpose) => (keys ? [keys.derive(purpose)] : []));
  for (const { path, bytes } of files) {
    for (const opened of stores.flatMap((key) => recordsIn(bytes, key))) {
      if (telltale.some((text) => opened.includes(text))) found.add(`${path} has a payload that opens`);
    }
  }

  const known = digestsIn(files.map(({ bytes }) => bytes));
  for (const guess of guesses) {
    for (const payload of payloadsOf(guess)) {
      for (const bytes of bytesOf(payload)) {
        for (const [how, digest] of digestsOf(bytes, secrets)) if (known.has(digest)) found.add(how);
      }
    }
  }
  return [...found];
}

function filesBelow(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(dir.length + 1));
}

/** The ways in which a text can stand in a file. */
function formsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    // In base64 at each of the three alignments, without the characters that its neighbours share.
    ...[0, 1, 2].map((shift) =>
      Buffer.from(
        Buffer.concat([Buffer.alloc(shift), bytes])
          .toString('base64')
          .replaceAll('=', '')
          .slice(shift === 0 ? 0 : shift + 1, -2),
      ),
    ),
  ];
}

/** Payloads that can still be opened, whether the journal names them or not. */
function recordsIn(bytes: Buffer, key: Buffer): readonly string[] {
  const opened: string[] = [];
  for (let at = bytes.indexOf('PLC1'); at >= 0; at = bytes.indexOf('PLC1', at + 1)) {
    const header = bytes.subarray(at, at + HEADER_BYTES);
    try {
      const { length } = readHeader(header);
      opened.push(
        unseal(header, bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length), key).toString(),
      );
    } catch {
      // Erased, or no record at all.
    }
  }
  return opened;
}

/** Everything in these files that could be a SHA-256, in hexadecimal: as text, as base64, inside base64, or raw. */
function digestsIn(files: readonly Buffer[]): ReadonlySet<string> {
  const known = new Set<string>();
  const read = (bytes: Buffer, deep: boolean): void => {
    const text = bytes.toString('latin1');
    for (const [hex] of text.matchAll(HEX)) known.add(hex);
    for (const [word] of text.matchAll(BASE64)) {
      const raw = Buffer.from(word, 'base64url');
      if (raw.length === 32) known.add(raw.toString('hex'));
    }
    for (let at = 0; at + 32 <= bytes.length && bytes.length < 256 * 1024; at += 1)
      known.add(bytes.toString('hex', at, at + 32));
    if (deep) for (const [word] of text.matchAll(LONG_BASE64)) read(Buffer.from(word, 'base64url'), false);
  };
  for (const bytes of files) read(bytes, true);
  return known;
}

function bytesOf(payload: unknown): readonly Buffer[] {
  if (typeof payload === 'string') return [Buffer.from(payload)];
  return [...new Set([canonicalJson(payload), JSON.stringify(payload)])].map((text) => Buffer.from(text));
}

/** A guess under every framing that one could think of. */
function digestsOf(bytes: Buffer, secrets: readonly Buffer[]): readonly (readonly [string, string])[] {
  const plain = sha256(bytes);
  return [
    ['SHA-256', plain],
    ['SHA-256 twice', sha256(Buffer.from(plain, 'hex'))],
    ['SHA-256 of its hexadecimal', sha256(plain)],
    ['SHA-256 as a leaf', sha256(Buffer.of(0), bytes)],
    ['SHA-256 as a node', sha256(Buffer.of(1), bytes)],
    ['SHA-256 as a line', sha256(bytes, '\n')],
    ['SHA-256 as a string', sha256(JSON.stringify(bytes.toString()))],
    ['SHA-256 in a list', sha256('[', bytes, ']')],
    ['SHA-512, cut', createHash('sha512').update(bytes).digest('hex').slice(0, 64)],
    ...secrets.flatMap(
      (secret, index) =>
        [
          [`HMAC under key ${index}`, createHmac('sha256', secret).update(bytes).digest('hex')],
          [`SHA-256 salted by key ${index}`, sha256(secret, bytes)],
        ] as const,
    ),
  ];
}
