import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HASH_BYTES, type Hash } from '../tlog/merkle.ts';
import { mustBeWhole, type Disk, type DiskFile } from './disk.ts';

const NAME = 'head';
const TEXT = /^(placet head 1\n(\d{16})\n([0-9a-f]{64})\n)([0-9a-f]{64})\n$/;

/** How far the journal was durable when somebody was last told that an entry is. */
export interface HeadMark {
  /** Entries; more than none. */
  readonly size: number;
  /** The Merkle leaf of the last of them. */
  readonly leaf: Hash;
}

/**
 * `data/journal/head`: overwritten in place after each sync of the journal, and not synced itself, so that it costs a
 * few microseconds. What it names was durable before, so the journal may be longer than it says and never shorter.
 */
export class HeadMarkFile {
  readonly #key: Buffer;
  readonly #file: DiskFile;

  private constructor(key: Buffer, file: DiskFile) {
    this.#key = key;
    this.#file = file;
  }

  static async open(disk: Disk, dir: string, key: Buffer): Promise<HeadMarkFile> {
    return new HeadMarkFile(key, await disk.open(join(dir, NAME), 'either'));
  }

  /** @throws Error what the system refuses */
  write({ size, leaf }: HeadMark): void {
    const text = `placet head 1\n${String(size).padStart(16, '0')}\n${leaf.toString('hex')}\n`;
    const bytes = Buffer.from(`${text}${mac(this.#key, text).toString('hex')}\n`);
    mustBeWhole(this.#file.write(bytes, 0), bytes.length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * The head mark of a journal, and where there is none that can be believed, why; nothing of both when it was never
 * written.
 *
 * @param dir the folder of the segments, such as `data/journal`
 * @param key the workspace's key for snapshots
 */
export async function readHeadMark(
  dir: string,
  key: Buffer,
): Promise<{ readonly mark?: HeadMark; readonly why?: string }> {
  let text: string;
  try {
    text = await readFile(join(dir, NAME), 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? {} : { why: 'it cannot be read' };
  }
  if (text === '') return {};
  const [, body = '', size = '', leaf = '', given = ''] = TEXT.exec(text) ?? [];
  if (body === '') return { why: 'it is no head mark' };
  if (!timingSafeEqual(Buffer.from(given, 'hex'), mac(key, body)))
    return { why: 'it was not written under the key of this workspace' };
  return { mark: { size: Number(size), leaf: Buffer.from(leaf, 'hex').subarray(0, HASH_BYTES) } };
}

function mac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
