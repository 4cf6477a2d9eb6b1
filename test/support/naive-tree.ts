import { createHash } from 'node:crypto';

/**
 * The definitions of RFC 6962, section 2.1, written down as they stand there: slow, and without a line of what they
 * are compared with.
 */
function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function naiveLeaf(entry: string): Buffer {
  return sha256(Buffer.of(0), Buffer.from(entry));
}

/** MTH(D[n]), over hashes of leaves. */
export function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] as Buffer;
  const k = splitAt(leaves.length);
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** PATH(m, D[n]). */
export function naiveInclusion(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = splitAt(leaves.length);
  return m < k
    ? [...naiveInclusion(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naiveInclusion(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** PROOF(m, D[n]), for 0 < m ≤ n. */
export function naiveConsistency(m: number, leaves: readonly Buffer[]): Buffer[] {
  return subproof(m, leaves, true);
}

function subproof(m: number, leaves: readonly Buffer[], whole: boolean): Buffer[] {
  if (m === leaves.length) return whole ? [] : [naiveRoot(leaves)];
  const k = splitAt(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

function splitAt(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** So many different hashes of leaves. */
export function someLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => naiveLeaf(`entry ${i}`));
}

/** Every perfect subtree over these leaves. */
export function subtreesOver(leaves: readonly Buffer[]): (level: number, index: number) => Buffer {
  const rows = [[...leaves]];
  for (let row = rows[0] ?? []; row.length > 1; row = rows.at(-1) ?? []) {
    const above: Buffer[] = [];
    for (let i = 0; i + 1 < row.length; i += 2)
      above.push(sha256(Buffer.of(1), row[i] as Buffer, row[i + 1] as Buffer));
    rows.push(above);
  }
  return (level, index) => {
    const hash = rows[level]?.[index];
    if (!hash) throw new Error(`there is no perfect subtree ${level}/${index}`);
    return hash;
  };
}
