import { LowSync } from 'lowdb';
import { sha256 } from '../core/digest.ts';
import { join } from 'node:path';
import { AppendFile } from './append-file.ts';
import { AppendOnlyAdapter, type SegmentData } from './append-only-adapter.ts';
import { MAX_LINE } from './line.ts';
import { writeFile, type Disk } from './disk.ts';
import { SEGMENT_LINES, segmentName, type SegmentIndex } from './segments.ts';
import type { Snapshot } from './snapshot.ts';

/** Where the journal's last durable entry ends; part of a snapshot. */
export type End = Pick<Snapshot, 'size' | 'segment' | 'offset' | 'last_bytes' | 'last_sha256'>;

/** The current segment: lowdb's `LowSync` over the append-only adapter. */
export class SegmentWriter {
  readonly #disk: Disk;
  readonly #index: SegmentIndex;
  #file: AppendFile;
  /** The segment before, if this process wrote it. */
  #before: AppendFile | undefined;
  #db: LowSync<SegmentData>;
  #first: number;
  /** The last line that was written; once it is synced, that of the journal. */
  #last: string | undefined;

  private constructor(disk: Disk, index: SegmentIndex, first: number, file: AppendFile) {
    this.#disk = disk;
    this.#index = index;
    this.#first = first;
    this.#file = file;
    this.#db = lowOver(file);
  }

  /** Goes on at a byte of the last segment, or begins the first one when there is none. */
  static async open(disk: Disk, index: SegmentIndex, offset: number): Promise<SegmentWriter> {
    const first = index.all.at(-1)?.first;
    if (first === undefined) {
      const file = await AppendFile.create(disk, index.path(0));
      index.begin(0);
      return new SegmentWriter(disk, index, 0, file);
    }
    const file = await AppendFile.resume(disk, index.path(first), offset);
    const writer = new SegmentWriter(disk, index, first, file);
    writer.#db.read();
    writer.#last = writer.#db.data.lines.at(-1);
    return writer;
  }

  /** How many lines the segment still takes. */
  get room(): number {
    return SEGMENT_LINES - this.#db.data.lines.length;
  }

  append(lines: readonly string[]): void {
    this.#db.update((data) => {
      data.lines.push(...lines);
    });
    this.#last = lines.at(-1) ?? this.#last;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  /** Goes on in a new segment; everything in this one is synced. */
  async next(first: number): Promise<void> {
    const full = this.#file;
    const file = await AppendFile.create(this.#disk, this.#index.path(first));
    this.#index.begin(first);
    if (first !== this.#first) this.#before = full;
    this.#first = first;
    this.#file = file;
    this.#db = lowOver(file);
    await full.close();
  }

  /**
   * Goes on in a new segment after a failure, with nothing left of what was not synced.
   *
   * @throws Error unless all segments stand where they stood and the disk keeps what it is given
   */
  async recover(first: number): Promise<void> {
    this.#before?.mustKeepSynced();
    for (const segment of this.#index.all) {
      const nothingLost = segment.first === this.#first && this.#first === first;
      if (nothingLost || this.#disk.look(this.#index.path(segment.first))) continue;
      throw new Error(`its file ${segmentName(segment.first)} was moved or deleted, and has to be put back`);
    }
    await this.#file.cutBack();
    await this.#probe();
    await this.next(first);
  }

  /** @throws Error when the segment that is written to was moved, deleted, replaced or cut by someone else */
  mustStand(): void {
    this.#file.mustKeepSynced();
  }

  /** Where the journal ends when all `size` entries that were written are synced, if any was. */
  end(size: number): End | undefined {
    if (this.#last === undefined || this.#file.size === 0) return undefined;
    return {
      size,
      segment: this.#first,
      offset: this.#file.size,
      last_bytes: Buffer.byteLength(this.#last),
      last_sha256: sha256(this.#last),
    };
  }

  /** Writes and syncs as much as the longest line takes. */
  async #probe(): Promise<void> {
    const path = join(this.#index.dir, 'probe');
    await this.#disk.remove(path);
    await writeFile(this.#disk, path, Buffer.alloc(MAX_LINE + 1, '\n'));
    await this.#disk.remove(path);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function lowOver(file: AppendFile): LowSync<SegmentData> {
  return new LowSync(new AppendOnlyAdapter(file), { lines: [] });
}
