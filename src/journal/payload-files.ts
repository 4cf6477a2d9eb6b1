import { access, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { JournalError, PlacetError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { diskReason, makeFolder, realDisk, writeFile, type Disk } from './disk.ts';
import { GroupCommit } from './group-commit.ts';
import { overwrite, type Place } from './payload-erasure.ts';
import { PackWriter, packPlace, type Packing } from './payload-packs.ts';
import { corrupt, HEADER_BYTES, readHeader, seal, unseal } from './payload-record.ts';
import type { Erasing, PayloadRef, Payloads } from './payloads.ts';

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

/** Payloads in files: small ones side by side in packs, large ones alone. One writer at a time. */
export function openPayloadFiles(options: PayloadFilesOptions): Payloads {
  const { dir, key, clock, random, disk = realDisk, onTrouble = () => undefined } = options;
  const packs = new PackWriter(disk, dir, onTrouble);
  const commit = new GroupCommit<Packing>({ sink: packs, clock, name: 'payload store' });
  let closed = false;

  const places = (ref: PayloadRef): Place => {
    if (!/^[0-9a-f]{64}$/.test(ref.commit)) throw corrupt('its commitment is not a SHA-256');
    if (ref.at === undefined) return { path: largePath(dir, ref.commit), offset: 0, alone: true };
    const place = packPlace(dir, ref.at);
    if (!place) throw corrupt('its place is not a pack and an offset');
    return { ...place, alone: false };
  };

  /** What stands where a payload should. */
  async function standing(ref: PayloadRef): Promise<Erasing | 'kept'> {
    try {
      return await withRecord(places(ref), ref, async (_file, header) =>
        readHeader(header).erased ? 'erased' : 'kept',
      );
    } catch (error) {
      if (!(error instanceof PlacetError)) throw error;
      if (error.code === 'payload_corrupt') return 'misplaced';
      if (error.code !== 'payload_missing') throw error;
      await mustStand(dir);
      return 'gone';
    }
  }

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

    sync: () => commit.flush(),

    get: async (ref) =>
      withRecord(places(ref), ref, async (file, header, offset) => {
        const { length, erased } = readHeader(header);
        if (erased) throw new JournalError('payload_erased', 'This payload was erased.');
        if (offset + HEADER_BYTES + length > (await file.stat()).size) throw corrupt('it is cut off');
        return unseal(header, await readAt(file, offset + HEADER_BYTES, length), key);
      }),

    async holds(ref) {
      const what = await standing(ref);
      return what === 'kept' || what === 'misplaced';
    },

    async erase(...refs) {
      const found: (Erasing | 'kept')[] = [];
      for (const ref of refs) found.push(await standing(ref));
      // Those that are erased are overwritten again: who did it before may not have come to sync it.
      const wanted = refs.filter((_, index) => ['kept', 'erased'].includes(found[index] ?? ''));
      try {
        await overwrite(disk, wanted.map(places));
      } catch (error) {
        throw unwritable(error);
      }
      return found.map((what) => (what === 'kept' ? 'erased' : what === 'erased' ? 'gone' : what));
    },

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
  ref: PayloadRef,
  use: (file: FileHandle, header: Buffer, offset: number) => Promise<T>,
): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
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

/** What is not in a store that is not there may be back tomorrow. */
async function mustStand(dir: string): Promise<void> {
  try {
    await access(dir);
  } catch (error) {
    throw new JournalError(
      'payload_unreadable',
      `The payload store cannot be read: ${diskReason(error)}. Bring its folder back, and Placet goes on by itself.`,
      { cause: error },
    );
  }
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
