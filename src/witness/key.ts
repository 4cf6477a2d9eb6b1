import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { diskReason, realDisk, replaceFile } from '../journal/disk.ts';
import { makeSignerKey, parseSigner, type Signer } from '../tlog/note.ts';

const FILE = 'key';
const SEED_BYTES = 32;

export interface WitnessKeyOptions {
  readonly dir: string;
  /** What a new key is called; one that stands keeps its name. */
  readonly name?: string;
  readonly random: Random;
}

/**
 * The key that this folder's witness cosigns with, made on the first start. Whoever calls it holds the folder's lock.
 *
 * @throws ConfigError `bad_witness_name`, `key_unusable`
 */
export async function openWitnessKey({ dir, name, random }: WitnessKeyOptions): Promise<Signer> {
  const standing = await readWitnessKey(dir);
  if (!standing) return makeKey(dir, name ?? `localhost/witness-${hex(random(6))}`, random);
  const { name: known } = standing.verifier;
  if (name === undefined || name === known) return standing;
  throw new ConfigError(
    'bad_witness_name',
    `The witness in ${dir} is called ${known}, and its name is part of its key: leave --name out, or take another folder.`,
  );
}

/** The same, but nothing when there is no key: for those who only read. @throws ConfigError `key_unusable` */
export async function readWitnessKey(dir: string): Promise<Signer | undefined> {
  let file: FileHandle;
  try {
    file = await open(join(dir, FILE), 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(
      dir,
      `cannot be read: ${diskReason(error)}. Give it to the user who runs the witness`,
      error,
    );
  }
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw unusable(dir, 'can be read by other users: `chmod 600` it, and think about who may have seen it');
    const signer = parseSigner(await file.readFile('utf8'));
    if (signer.verifier.kind !== 'cosignature') throw new TypeError('It is the key of a log.');
    return signer;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw unusable(dir, `is not the key of a witness: ${messageOf(error)} Restore it from a backup`, error);
  } finally {
    await file.close();
  }
}

async function makeKey(dir: string, name: string, random: Random): Promise<Signer> {
  let text: string;
  try {
    text = makeSignerKey('cosignature', name, random(SEED_BYTES));
  } catch (error) {
    throw new ConfigError(
      'bad_witness_name',
      'The name of a witness must be one word without a plus, such as witness.example.com/w1.',
      { cause: error },
    );
  }
  try {
    await replaceFile(realDisk, dir, FILE, Buffer.from(`${text}\n`));
  } catch (error) {
    throw unusable(
      dir,
      `cannot be made: ${diskReason(error)}. Make room, or give the witness the folder`,
      error,
    );
  }
  return parseSigner(text);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function unusable(dir: string, what: string, cause?: unknown): ConfigError {
  return new ConfigError('key_unusable', `The witness’s key ${join(dir, FILE)} ${what}.`, { cause });
}
