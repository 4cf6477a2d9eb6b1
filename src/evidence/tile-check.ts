import { HASH_BYTES } from '../tlog/merkle.ts';
import { TILE_BYTES, TILE_WIDTH, tilePath, widthIn } from '../tlog/tile.ts';
import { placeOf } from './extent.ts';
import { FirstOfKind } from './first-of-kind.ts';
import type { Problem } from './problems.ts';
import { readTileFile, type StandingTiles } from './tile-folder.ts';

export interface TileCounts {
  /** Files that hold what the lines give. */
  readonly checked: number;
  /** Full ones that the lines give and that are not there: they can be made anew, and monitors need them. */
  readonly missing: number;
}

/** Compares tiles on the disk with those that the lines give. */
export class TileCheck {
  readonly #standing: StandingTiles;
  readonly #firsts: readonly number[];
  readonly #wrong = new FirstOfKind();
  #checked = 0;
  #missing = 0;

  /** @param firsts the first sequence numbers of the segments, to say where a line stands */
  constructor(standing: StandingTiles, firsts: readonly number[]) {
    this.#standing = standing;
    this.#firsts = firsts;
  }

  /** Of a tile that the lines fill. */
  full(level: number, index: number, bytes: Buffer): void {
    this.#partials(level, index, bytes);
    if (this.#standing.full[level]?.has(index)) this.#compare(level, index, TILE_WIDTH, bytes);
    else this.#missing += 1;
  }

  /** @param edge the hashes that a tile at the right edge of the lines has so far */
  finish(
    size: number,
    edge: (level: number, index: number) => Buffer | undefined,
  ): TileCounts & { readonly problems: readonly Problem[] } {
    for (const [level, indices] of this.#standing.full.entries())
      for (const index of indices)
        if (widthIn(size, level, index) < TILE_WIDTH) this.#tooWide(level, index, TILE_WIDTH, size);
    for (const [key, widths] of this.#standing.partial) {
      const [level = 0, index = 0] = key.split('/').map(Number);
      const wanted = widthIn(size, level, index);
      if (wanted === TILE_WIDTH) continue;
      const bytes = edge(level, index);
      for (const width of widths) {
        if (bytes && width <= wanted) this.#compare(level, index, width, bytes);
        else this.#tooWide(level, index, width, size);
      }
    }
    return { checked: this.#checked, missing: this.#missing, problems: this.#wrong.list() };
  }

  #partials(level: number, index: number, bytes: Buffer): void {
    for (const width of this.#standing.partial.get(`${level}/${index}`) ?? [])
      this.#compare(level, index, width, bytes);
  }

  #compare(level: number, index: number, width: number, bytes: Buffer): void {
    const file = readTileFile(this.#standing.dir, level, index, width);
    // The host has replaced a partial one by a wider one since.
    if (!file && width < TILE_WIDTH) return;
    const wanted = bytes.subarray(0, width * HASH_BYTES);
    if (file?.equals(wanted)) {
      this.#checked += 1;
      return;
    }
    if (file?.length !== wanted.length) {
      const have = file ? `${file.length > TILE_BYTES ? 'more' : file.length}` : 'no';
      this.#report(level, index, width, undefined, `it has ${have} bytes and should have ${wanted.length}`);
      return;
    }
    const at = differsAt(file, wanted);
    const span = TILE_WIDTH ** level;
    const first = (index * TILE_WIDTH + at) * span;
    const of =
      level === 0
        ? `is not of entry ${first} (${placeOf(this.#firsts, first)})`
        : `is not over the entries from ${first} to ${first + span - 1}`;
    const why = `its hash ${at + 1} ${of}: the tile or ${level === 0 ? 'the line was' : 'these were'} changed`;
    this.#report(level, index, width, first + span - 1, why);
  }

  #tooWide(level: number, index: number, width: number, size: number): void {
    this.#report(
      level,
      index,
      width,
      undefined,
      `it is over more entries than the ${size} that stand in the journal`,
    );
  }

  #report(level: number, index: number, width: number, seq: number | undefined, why: string): void {
    const message = `${tilePath({ level, index, width })}: ${why}.`;
    this.#wrong.add(String(level), { seq: seq ?? null, code: 'tile', message });
  }
}

function differsAt(a: Buffer, b: Buffer): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return Math.floor(at / HASH_BYTES);
}
