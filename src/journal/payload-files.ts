import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { JournalError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { diskReason, makeFolder, realDisk, writeFile, type Disk } from './disk.ts';
import { GroupCommit } from './group-commit.ts';
import { PackWriter, packPlace, type Packing } from './payload-packs.ts';
import { corrupt, HEADER_BYTES, readHeader, seal, unseal, WRAP_AT, WRAP_BYTES } from './payload-record.ts';
import type { PayloadRef, Payloads } from './payloads.ts';

/** Larger payloads stand in files of their own. */
const SMALL_BYTES = 16 * 1024;

export interface PayloadFilesOptions {
  /** The folder, such as `data/payloads`. It is made with the first payload. */
  readonly dir: string;
  /** 32 bytes under which the key of each payload is wrapped; from the workspace's key. */
  readonly key: Buffer;
  readonly clock: Clock;
  readonly random: Random;
  /** Told in a sentence what went wrong where no caller waits for it. */
  readonly onTrouble?: (sentence: string) => void;
  /** The system calls; for tests. */
  readonly disk?: Disk;
}

export interface PayloadFiles extends Payloads {
  /**
   * Destroys the key and salt of a payload, durably, so that nobody can read it or test a guess of it.
   *
   * @throws JournalError `payload_missing`, `journal_unwritable`
   */
  erase(ref: PayloadRef): Promise<void>;
}

/** Payloads in files: small ones side by side in packs, large ones alone. One writer at a time. */
export function openPayloadFiles(options: PayloadFilesOptions): PayloadFiles {
  const { dir, key, clock, random, disk = realDisk, onTrouble = () => undefined } = options;
  const packs = new PackWriter(disk, dir, onTrouble);
  const commit = new GroupCommit<Packing>({ sink: packs, clock, name: 'payload store' });
  let closed = false;

  const places = (ref: PayloadRef): Place => {
    if (!/^[0-9a-f]{64}$/.test(ref.commit)) throw corrupt('its commitment is not a SHA-256');
    if (ref.at === undefined) return { path: largePath(dir, ref.commit), offset: 0 };
    const place = packPlace(dir, ref.at);
    if (!place) throw corrupt('its place is not a pack and an offset');
    return place;
  };

  return {
    async put(bytes, durability) {
      if (closed)
        throw new JournalError('journal_closed', 'The payload store is closed: the host is stopping.');
      const sealed = seal(bytes, key, random);
      if (bytes.length > SMALL_BYTES) {
        await putLarge(disk, largePath(dir, sealed.commit), sealed.record);
        return { commit: sealed.commit };
      }
      const packing: Packing = { record: sealed.record };
      await commit.add(packing, durability);
      return { commit: sealed.commit, ...(packing.at === undefined ? {} : { at: packing.at }) };
    },

    get: async (ref) =>
      withRecord(places(ref), 'r', ref, async (file, header, offset) => {
        const { length, erased } = readHeader(header);
        if (erased) throw new JournalError('payload_erased', 'This payload was erased.');
        if (offset + HEADER_BYTES + length > (await file.stat()).size) throw corrupt('it is cut off');
        return unseal(header, await readAt(file, offset + HEADER_BYTES, length), key);
      }),

    erase: async (ref) =>
      withRecord(places(ref), 'r+', ref, async (file, _header, offset) => {
        try {
          await file.write(Buffer.alloc(WRAP_BYTES), 0, WRAP_BYTES, offset + WRAP_AT);
          await file.datasync();
        } catch (error) {
          throw unwritable(error);
        }
      }),

    async close() {
      closed = true;
      try {
        await commit.close();
      } finally {
        await packs.close();
      }
    },
  };
}

interface Place {
  readonly path: string;
  readonly offset: number;
}

async function putLarge(disk: Disk, path: string, record: Buffer): Promise<void> {
  try {
    await makeFolder(disk, dirname(path));
    await writeFile(disk, path, record);
  } catch (error) {
    throw unwritable(error);
  }
}

async function withRecord<T>(
  { path, offset }: Place,
  flags: 'r' | 'r+',
  ref: PayloadRef,
  use: (file: FileHandle, header: Buffer, offset: number) => Promise<T>,
): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw missing();
    throw new JournalError('payload_unreadable', `A payload cannot be read: ${diskReason(error)}.`, {
      cause: error,
    });
  }
  try {
    const header = await readAt(file, offset, HEADER_BYTES);
    if (header.length < HEADER_BYTES) throw missing();
    if (readHeader(header).commit !== ref.commit) throw corrupt('another one stands in its place');
    return await use(file, header, offset);
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function largePath(dir: string, commit: string): string {
  return join(dir, commit.slice(0, 2), `${commit}.payload`);
}

function missing(): JournalError {
  return new JournalError('payload_missing', 'This payload is not among those kept here.');
}

function unwritable(cause: unknown): JournalError {
  return new JournalError(
    'journal_unwritable',
    `The payload store cannot be written: ${diskReason(cause)}. Make room or mend the disk, and Placet goes on by itself.`,
    { cause },
  );
}
