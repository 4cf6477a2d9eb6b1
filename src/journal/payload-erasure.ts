import { mustBeWhole, type Disk, type DiskFile } from './disk.ts';
import { HEADER_BYTES, WRAP_AT, WRAP_BYTES } from './payload-record.ts';

/** Where a record stands. */
export interface Place {
  readonly path: string;
  readonly offset: number;
  /** The file holds nothing else. */
  readonly alone: boolean;
}

/**
 * Overwrites the wraps of records by zeros, durably, with one sync a file. A file that holds nothing else is cut
 * behind its header, which goes on telling that there was a payload.
 */
export async function overwrite(disk: Disk, places: readonly Place[]): Promise<void> {
  for (const path of new Set(places.map((place) => place.path))) {
    const file = await disk.open(path, 'existing');
    try {
      await overwriteIn(
        file,
        places.filter((place) => place.path === path),
      );
    } finally {
      await file.close();
    }
  }
}

async function overwriteIn(file: DiskFile, places: readonly Place[]): Promise<void> {
  for (const { offset } of places) {
    mustBeWhole(file.write(Buffer.alloc(WRAP_BYTES), offset + WRAP_AT), WRAP_BYTES);
  }
  await file.sync();
  if (!places.some((place) => place.alone) || (await file.size()) <= HEADER_BYTES) return;
  await file.truncate(HEADER_BYTES);
  await file.sync();
}
