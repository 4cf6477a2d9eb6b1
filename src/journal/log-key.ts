import { join } from 'node:path';
import { JournalError, messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { makeSignerKey, parseSigner, type Signer } from '../tlog/note.ts';
import { diskReason, realDisk, type Disk } from './disk.ts';
import { makeSecret, readSecret, unusable, type SecretFile } from './secret-file.ts';

/**
 * The keys under which the log is signed, as files: `log.key` is the one in force, and `log.key.next` one that is
 * about to be. A key is written as the next before the journal names it, and takes the place of the other only after
 * that, so that what stands in the journal tells after any crash which of them is in force.
 */
export interface LogKeys {
  readonly current?: Signer;
  readonly next?: Signer;
}

export interface LogKeyOptions {
  /** The folder of the keys, such as `data/keys`. */
  readonly dir: string;
  /** The system calls; for tests. */
  readonly disk?: Disk;
}

const NAME = 'log.key';
const NEXT = 'log.key.next';
const SEED_BYTES = 32;
const ORIGIN_BYTES = 6;

/** A name for a new log, such as `placet.example.com/placet-0123456789ab`. */
export function newOrigin(host: string, random: Random): string {
  return `${host}/placet-${Buffer.from(random(ORIGIN_BYTES)).toString('hex')}`;
}

/** @throws JournalError `key_unusable` */
export async function readLogKeys(dir: string): Promise<LogKeys> {
  const [current, next] = await Promise.all([read(dir, NAME), read(dir, NEXT)]);
  return { ...(current ? { current } : {}), ...(next ? { next } : {}) };
}

/**
 * The key that is about to be in force: the one that stands, otherwise a new one, durable when this resolves.
 *
 * @throws JournalError `key_unusable`
 */
export async function makeNextKey(
  options: LogKeyOptions & { readonly origin: string; readonly random: Random },
): Promise<Signer> {
  const { dir, origin, random, disk = realDisk } = options;
  const secret = fileIn(dir, NEXT);
  const text = makeSignerKey('signature', origin, random(SEED_BYTES));
  return signerOf(secret, await makeSecret(secret, { bytes: Buffer.from(`${text}\n`), random, disk }));
}

/**
 * The next key takes the place of the one before it, which is destroyed. Can be repeated when it failed half-way.
 *
 * @throws JournalError `key_unusable`
 */
export async function takeNextKey(options: LogKeyOptions, next: Signer): Promise<void> {
  const { dir, disk = realDisk } = options;
  const { current } = await readLogKeys(dir);
  try {
    if (current?.verifier.vkey !== next.verifier.vkey) await disk.rename(join(dir, NEXT), join(dir, NAME));
    await disk.syncFolder(dir);
  } catch (error) {
    throw stuck(dir, NEXT, error);
  }
}

/** A next key that the journal never named. @throws JournalError `key_unusable` */
export async function dropNextKey({ dir, disk = realDisk }: LogKeyOptions): Promise<void> {
  try {
    await disk.remove(join(dir, NEXT));
    await disk.syncFolder(dir);
  } catch (error) {
    throw stuck(dir, NEXT, error);
  }
}

/** Keeps keys of another log under names of their own. @returns those names */
export async function setKeysAside(
  { dir, disk = realDisk }: LogKeyOptions,
  { current, next }: LogKeys,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const [name, key] of [
    [NAME, current],
    [NEXT, next],
  ] as const) {
    if (!key) continue;
    const aside = `${NAME}.of-${key.verifier.id}`;
    try {
      await disk.rename(join(dir, name), join(dir, aside));
      await disk.syncFolder(dir);
    } catch (error) {
      throw stuck(dir, name, error);
    }
    names.push(aside);
  }
  return names;
}

/** @param why ends in words that follow the file's name */
export function logKeyLost(dir: string, why: string): JournalError {
  return new JournalError(
    'log_key_lost',
    `The log's key ${join(dir, NAME)} ${why}. Restore the key from a backup: under no other one can this journal be signed. Without one, move the journal's folder away to begin a new journal.`,
  );
}

async function read(dir: string, name: string): Promise<Signer | undefined> {
  const secret = fileIn(dir, name);
  const bytes = await readSecret(secret);
  return bytes && signerOf(secret, bytes);
}

function signerOf(secret: SecretFile, bytes: Buffer): Signer {
  let signer: Signer;
  try {
    signer = parseSigner(bytes.toString());
  } catch (error) {
    throw unusable(secret, `is damaged. ${messageOf(error)} Restore it from a backup`, error);
  }
  if (signer.verifier.kind === 'signature') return signer;
  throw unusable(secret, 'is the key of a witness. Restore the key of the log from a backup');
}

function stuck(dir: string, name: string, error: unknown): JournalError {
  return unusable(
    fileIn(dir, name),
    `cannot be moved or removed: ${diskReason(error)}. Give Placet the folder`,
    error,
  );
}

function fileIn(dir: string, name: string): SecretFile {
  return { dir, name, what: "log's key" };
}
