import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Draft } from '../core/entry.ts';
import { writeFile, type Disk } from './disk.ts';
import type { Place } from './replay.ts';
import { segmentName } from './segments.ts';

const UNTOLD = '.torn-new';
const TOLD = '.torn';

/**
 * Copies what follows a place into a file beside the segments. The file keeps the name of one that the journal
 * does not tell of yet until `told`, so that a crash in between does not hide it.
 */
export async function setAside(disk: Disk, dir: string, { size, segment, offset }: Place): Promise<void> {
  const path = join(dir, segmentName(segment));
  const bytes = Buffer.alloc((await stat(path)).size - offset);
  const file = await open(path, 'r');
  try {
    await file.read(bytes, 0, bytes.length, offset);
  } finally {
    await file.close();
  }
  const names = await readdir(dir);
  for (let attempt = 0; ; attempt += 1) {
    const name = `${String(size).padStart(8, '0')}${attempt === 0 ? '' : `-${attempt}`}`;
    if (names.includes(name + TOLD) || names.includes(name + UNTOLD)) continue;
    return writeFile(disk, join(dir, name + UNTOLD), bytes);
  }
}

export interface Untold {
  readonly drafts: readonly Draft[];
  /** To be called when the drafts are durable. */
  told(): Promise<void>;
}

/** What was set aside and does not stand in the journal yet. */
export async function untoldTails(disk: Disk, dir: string): Promise<Untold> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(UNTOLD)).sort();
  const drafts: Draft[] = [];
  for (const name of names) {
    const { size } = await stat(join(dir, name));
    drafts.push({ type: 'log.recovered', lost_bytes: size, kept_as: toldName(name) });
  }
  return {
    drafts,
    async told() {
      for (const name of names) await disk.rename(join(dir, name), join(dir, toldName(name)));
      if (names.length > 0) await disk.syncFolder(dir);
    },
  };
}

function toldName(name: string): string {
  return name.slice(0, -UNTOLD.length) + TOLD;
}
