import { createHash, hash as digest } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962, section 2.1 (RFC 9162, 2.1): leaf SHA-256(0x00 ‖ entry), node SHA-256(0x01 ‖ left ‖
 * right). Sizes and indices are whole numbers below 2^53.
 */
export type Hash = Buffer;

export const HASH_BYTES = 32;

/** The root of the tree without leaves. */
export const EMPTY_ROOT: Hash = createHash('sha256').digest();

/** What is hashed is put together here: to hash one piece takes half as long as to hash several. */
const leafBytes = Buffer.alloc(1 + 65_536);
const nodeBytes = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** @param entry its bytes; a string is taken as UTF-8 */
export function leafHash(entry: Uint8Array | string): Hash {
  if (typeof entry === 'string') return sha256(`\0${entry}`);
  const end = 1 + entry.length;
  if (end > leafBytes.length) return sha256(Buffer.concat([leafBytes.subarray(0, 1), entry]));
  leafBytes.set(entry, 1);
  return sha256(leafBytes.subarray(0, end));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Hash {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    throw new RangeError(`A node has two hashes of ${HASH_BYTES} bytes below it.`);
  nodeBytes.set(left, 1);
  nodeBytes.set(right, 1 + HASH_BYTES);
  return sha256(nodeBytes);
}

/** By way of text, which is faster than a buffer of its own. */
function sha256(bytes: Uint8Array | string): Hash {
  return Buffer.from(digest('sha256', bytes, 'hex'), 'hex');
}

/** The hash of the perfect subtree at `level` (0: leaves) that is the `index`-th from the left. */
export type ReadSubtree = (level: number, index: number) => Promise<Hash> | Hash;

/** The root of the tree of the first `size` leaves. */
export async function rootAt(size: number, read: ReadSubtree): Promise<Hash> {
  mustBeSize(size);
  return size === 0 ? EMPTY_ROOT : rangeHash(0, size, read);
}

/** Sibling hashes from the leaf up (RFC 6962, 2.1.1). @throws RangeError unless 0 ≤ index < size */
export async function inclusionProof(index: number, size: number, read: ReadSubtree): Promise<Hash[]> {
  mustBeSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new RangeError(`There is no leaf ${index} among ${size}.`);
  const proof: Hash[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      proof.push(await rangeHash(middle, end, read));
      end = middle;
    } else {
      proof.push(await rangeHash(start, middle, read));
      start = middle;
    }
  }
  return proof.reverse();
}

/** That the tree of `size` leaves begins with that of `old` (RFC 6962, 2.1.2). Empty for 0 and for equal sizes. */
export async function consistencyProof(old: number, size: number, read: ReadSubtree): Promise<Hash[]> {
  mustBeSize(size);
  if (!Number.isSafeInteger(old) || old < 0 || old > size)
    throw new RangeError(`A tree of ${size} leaves has none of ${old} in it.`);
  if (old === 0 || old === size) return [];
  const proof: Hash[] = [];
  let start = 0;
  let end = size;
  let whole = true;
  while (old < end) {
    const middle = start + splitOf(end - start);
    if (old <= middle) {
      proof.push(await rangeHash(middle, end, read));
      end = middle;
    } else {
      proof.push(await rangeHash(start, middle, read));
      start = middle;
      whole = false;
    }
  }
  if (!whole) proof.push(await rangeHash(start, end, read));
  return proof.reverse();
}

/** Whether the leaf is the `index`-th of the tree of that size and root (RFC 9162, 2.1.3.2). */
export function includes(tree: Pinned, index: number, leaf: Hash, proof: readonly Hash[]): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= tree.size) return false;
  if (![leaf, tree.root, ...proof].every(isHash)) return false;
  let at = index;
  let last = tree.size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && hash.equals(tree.root);
}

/** Whether `tree` begins with all of `old` (RFC 9162, 2.1.4.2). */
export function extendsTree(tree: Pinned, old: Pinned, proof: readonly Hash[]): boolean {
  if (old.size > tree.size || ![old.root, tree.root, ...proof].every(isHash)) return false;
  if (old.size === 0 && !old.root.equals(EMPTY_ROOT)) return false;
  if (old.size === tree.size) return proof.length === 0 && old.root.equals(tree.root);
  if (old.size === 0) return proof.length === 0;
  const path = isPowerOfTwo(old.size) ? [old.root, ...proof] : [...proof];
  const first = path.shift();
  if (!first) return false;
  let at = old.size - 1;
  let last = tree.size - 1;
  while (isOdd(at)) {
    at = half(at);
    last = half(last);
  }
  let oldHash = first;
  let hash = first;
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      while (!isOdd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && oldHash.equals(old.root) && hash.equals(tree.root);
}

/** What a checkpoint pins: so many leaves, under this root. */
export interface Pinned {
  readonly size: number;
  readonly root: Hash;
}

/** A range as the RFC splits it: it begins at a multiple of the power of two that it is split at. */
async function rangeHash(start: number, end: number, read: ReadSubtree): Promise<Hash> {
  const width = end - start;
  if (isPowerOfTwo(width)) return read(Math.round(Math.log2(width)), start / width);
  const middle = start + splitOf(width);
  return nodeHash(await rangeHash(start, middle, read), await rangeHash(middle, end, read));
}

/** The largest power of two below `width`, which is more than one. */
function splitOf(width: number): number {
  let power = 1;
  while (power * 2 < width) power *= 2;
  return power;
}

function mustBeSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} is no size of a tree.`);
}

/** Not by `log2` alone, which rounds: it calls 2^48 - 1 one. */
function isPowerOfTwo(value: number): boolean {
  return 2 ** Math.round(Math.log2(value)) === value;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}
