import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, ProofError } from '../core/errors.ts';
import { makeFolderBelow, replaceFile, type Disk } from '../journal/disk.ts';
import { openCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import type { Verifier } from '../tlog/note.ts';

const FILE = 'checkpoint';

/** The newest checkpoint of a log that this witness cosigned. */
export interface Cosigned extends Checkpoint {
  /** With the signatures of the log that were checked, and the cosignature. */
  readonly note: string;
}

/** What a witness must never forget: `HASH/checkpoint` in its folder for each log, HASH as in its address. */
export interface Records {
  get(originHash: string): Cosigned | undefined;
  /** MUST NOT resolve before it is on the disk; when it rejects, `get` gives what it gave before. */
  put(cosigned: Cosigned): Promise<void>;
}

/** SHA-256, hexadecimal. */
export function originHash(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

/** @throws ProofError `record_damaged` when one of them is not as this witness wrote it */
export async function openRecords(disk: Disk, dir: string, own: Verifier): Promise<Records> {
  const records = new Map<string, Cosigned>();
  for (const hash of await readdir(dir)) {
    if (!/^[0-9a-f]{64}$/.test(hash)) continue;
    const path = join(dir, hash, FILE);
    const note = await textOf(path);
    if (note !== undefined) records.set(hash, recordOf(path, hash, note, own));
  }
  return {
    get: (hash) => records.get(hash),
    async put(cosigned) {
      const hash = originHash(cosigned.origin);
      await makeFolderBelow(disk, dir, hash);
      await replaceFile(disk, join(dir, hash), FILE, Buffer.from(cosigned.note));
      records.set(hash, cosigned);
    },
  };
}

function recordOf(path: string, hash: string, note: string, own: Verifier): Cosigned {
  let why = 'its cosignature is not by this witness’s key.';
  try {
    const { checkpoint, right } = openCheckpoint(note, [own]);
    if (right.length === 1 && originHash(checkpoint.origin) === hash) return { ...checkpoint, note };
  } catch (error) {
    why = messageOf(error);
  }
  throw new ProofError(
    'record_damaged',
    `${path}, which says what was cosigned last, was damaged or changed: ${why} Restore it from a backup that is not older; without it this witness must not go on under its key.`,
  );
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // A crash between the making of its folder and the first record.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
