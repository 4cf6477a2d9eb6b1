import { hash } from 'node:crypto';
import { EMPTY_ROOT, HASH_BYTES } from '../tlog/merkle.ts';
import { TILE_BYTES, TILE_HEIGHT } from '../tlog/tile.ts';
import type { LineBatch } from './line-batches.ts';

/** A hash of the tree as 32 characters, each a byte: half as dear as a buffer, of which there would be millions. */
type Node = string;

/** Told of each tile as it fills, lowest level first. The bytes are good until it returns. */
export type OnTile = (level: number, index: number, bytes: Buffer) => void;

/**
 * The Merkle tree over lines as they come (RFC 6962, 2.1). It shares no code with the tree that the host keeps, and
 * holds no more than its right edge.
 */
export class TreeHasher {
  readonly #onTile: OnTile;
  /** The last leaf. */
  #leaf: Node = '';
  /** Roots of the perfect subtrees that the leaves make up, the largest last; by their heights. */
  readonly #peaks: (Node | undefined)[] = [];
  /** The tiles at the edge, by level. */
  readonly #rows: { readonly bytes: Buffer; length: number; index: number }[] = [];
  readonly #pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1);
  #size = 0;

  constructor(onTile: OnTile = () => undefined) {
    this.#onTile = onTile;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds the lines of a batch from the `from`-th to before the `to`-th. Line feeds in the batch become zeros. */
  add({ bytes, ends }: LineBatch, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const before = at === 0 ? 0 : (ends[at - 1] ?? 0);
      // Where the line feed before it was: a leaf is hashed with a zero in front.
      bytes[before] = 0;
      this.#add(hash('sha256', bytes.subarray(before, ends[at]), 'binary'));
    }
  }

  root(): Buffer {
    let root: Node | undefined;
    for (const peak of this.#peaks) {
      if (peak === undefined) continue;
      root = root === undefined ? peak : this.#join(peak, root);
    }
    return root === undefined ? EMPTY_ROOT : Buffer.from(root, 'latin1');
  }

  /** The roots of the perfect trees side by side that the lines make up, the widest first. */
  peaks(): readonly Buffer[] {
    return this.#peaks.flatMap((peak) => (peak === undefined ? [] : Buffer.from(peak, 'latin1'))).reverse();
  }

  /** The hash of the last line. */
  leaf(): Buffer {
    return Buffer.from(this.#leaf, 'latin1');
  }

  /** The hashes that the tile at this place has so far, if it is not full. */
  edge(level: number, index: number): Buffer | undefined {
    const row = this.#rows[level];
    return row?.index === index && row.length > 0 ? row.bytes.subarray(0, row.length) : undefined;
  }

  #add(leaf: Node): void {
    this.#size += 1;
    this.#leaf = leaf;
    let node = leaf;
    let height = 0;
    for (;;) {
      if (height % TILE_HEIGHT === 0) this.#tile(height / TILE_HEIGHT, node);
      const left = this.#peaks[height];
      if (left === undefined) break;
      this.#peaks[height] = undefined;
      node = this.#join(left, node);
      height += 1;
    }
    this.#peaks[height] = node;
  }

  #tile(level: number, node: Node): void {
    const row = (this.#rows[level] ??= { bytes: Buffer.alloc(TILE_BYTES), length: 0, index: 0 });
    row.length += row.bytes.write(node, row.length, 'latin1');
    if (row.length < TILE_BYTES) return;
    this.#onTile(level, row.index, row.bytes);
    row.length = 0;
    row.index += 1;
  }

  #join(left: Node, right: Node): Node {
    this.#pair.write(left, 1, 'latin1');
    this.#pair.write(right, 1 + HASH_BYTES, 'latin1');
    return hash('sha256', this.#pair, 'binary');
  }
}
