import { createHmac, timingSafeEqual } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../core/digest.ts';
import { MAX_LINE } from './line.ts';
import { replaceFile, type Disk } from './disk.ts';
import { segmentName } from './segments.ts';

const NAME = 'snapshot.json';

const snapshotSchema = z.strictObject({
  v: z.literal(1),
  /** The version of Placet that folded the state; another one may fold differently. */
  software: z.string(),
  /** How many entries the state takes up. */
  size: z.int().positive(),
  /** Where the last of them ends: the first sequence number of its segment, and bytes. */
  segment: z.int().nonnegative(),
  offset: z.int().positive(),
  last_bytes: z.int().positive().max(MAX_LINE),
  last_sha256: z.string(),
  /** Of the Merkle tree of so many entries, in hexadecimal. */
  root: z.string().regex(/^[0-9a-f]{64}$/),
  segments: z.array(
    z.strictObject({
      first: z.int().nonnegative(),
      opened: z.exactOptional(z.strictObject({ from: z.number(), to: z.number() })),
    }),
  ),
  state: z.unknown(),
});

/** A cache of the state at some size, so that a start takes no longer when the journal has grown. */
export type Snapshot = Readonly<z.infer<typeof snapshotSchema>>;

/** The first line is the HMAC-SHA-256 of the rest. */
export async function saveSnapshot(disk: Disk, dir: string, key: Buffer, snapshot: Snapshot): Promise<void> {
  const body = JSON.stringify(snapshot);
  await replaceFile(disk, dir, NAME, Buffer.from(`${mac(key, body).toString('hex')}\n${body}`));
}

/**
 * The snapshot, if Placet wrote it and the journal still holds the entry at which it was taken; otherwise
 * nothing, and why not unless there is none.
 */
export async function loadSnapshot(
  dir: string,
  key: Buffer,
  software: string,
): Promise<{ readonly snapshot?: Snapshot; readonly why?: string }> {
  let text: string;
  try {
    text = await readFile(join(dir, NAME), 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? {} : { why: 'it cannot be read' };
  }
  const body = text.slice(text.indexOf('\n') + 1);
  const given = Buffer.from(text.slice(0, text.indexOf('\n')), 'hex');
  const own = mac(key, body);
  if (given.length !== own.length || !timingSafeEqual(given, own)) {
    return { why: 'it was not written under the key of this workspace' };
  }
  const parsed = snapshotSchema.safeParse(JSON.parse(body));
  if (!parsed.success || parsed.data.software !== software) return { why: 'another version wrote it' };
  const snapshot = parsed.data;
  return (await standsIn(dir, snapshot)) ? { snapshot } : { why: 'the journal does not hold its last entry' };
}

async function standsIn(dir: string, snapshot: Snapshot): Promise<boolean> {
  const { segment, offset, last_bytes: length } = snapshot;
  try {
    const file = await open(join(dir, segmentName(segment)), 'r');
    try {
      const line = Buffer.alloc(length + 1);
      const { bytesRead } = await file.read(line, 0, length + 1, offset - length - 1);
      return (
        bytesRead === length + 1 &&
        line[length] === 0x0a &&
        sha256(line.subarray(0, length)) === snapshot.last_sha256
      );
    } finally {
      await file.close();
    }
  } catch {
    // Whatever keeps the segment from being read is met again, and told, by the replay.
    return false;
  }
}

function mac(key: Buffer, body: string): Buffer {
  return createHmac('sha256', key).update(body).digest();
}
