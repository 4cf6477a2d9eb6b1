import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  consistencyProof,
  EMPTY_ROOT,
  extendsTree,
  includes,
  inclusionProof,
  nodeHash,
  rootAt,
  type Hash,
} from '../../src/tlog/merkle.ts';
import {
  naiveConsistency,
  naiveInclusion,
  naiveRoot,
  someLeaves,
  subtreesOver,
} from '../support/naive-tree.ts';

const MOST = 600;
const leaves = someLeaves(MOST);
const read = subtreesOver(leaves);
const roots = await Promise.all(Array.from({ length: MOST + 1 }, (_, size) => rootAt(size, read)));
const rootOf = (size: number): Hash => roots[size] as Hash;
const tree = (size: number) => ({ size, root: rootOf(size) });
const leaf = (index: number): Hash => leaves[index] as Hash;

/** The same bytes with one bit turned. */
function flipped(hash: Hash, bit: number): Hash {
  const other = Buffer.from(hash);
  other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return other;
}

/** Trees of unthinkable size, all of whose leaves are the same: their subtrees are known without any of them. */
function uniformTree(): (level: number) => Hash {
  const levels = [leaf(0)];
  return (level) => {
    while (levels.length <= level) {
      const below = levels.at(-1) as Hash;
      levels.push(nodeHash(below, below));
    }
    return levels[level] as Hash;
  };
}

const aPair = fc
  .tuple(fc.integer({ min: 1, max: MOST }), fc.nat())
  .map(([size, n]) => ({ size, index: n % size }));
const aBit = fc.nat({ max: 255 });

test('the root of every size up to 600 is that of the definition', () => {
  for (let size = 0; size <= MOST; size += 1)
    assert.is(rootOf(size).toString('hex'), naiveRoot(leaves.slice(0, size)).toString('hex'), String(size));
});

test('every entry of every size up to 600 is proved, and by no proof of another size', async () => {
  for (let size = 1; size <= MOST; size += 1) {
    for (let index = size % 7; index < size; index += 7) {
      const proof = await inclusionProof(index, size, read);
      assert.ok(includes(tree(size), index, leaf(index), proof), `${index} of ${size}`);
      assert.not(includes(tree(size), index ^ 1, leaf(index), proof), `${index} of ${size}`);
    }
  }
});

test('inclusion proofs are those of the definition', async () => {
  await fc.assert(
    fc.asyncProperty(aPair, async ({ size, index }) => {
      assert.equal(await inclusionProof(index, size, read), naiveInclusion(index, leaves.slice(0, size)));
    }),
    { numRuns: 60 },
  );
});

test('consistency proofs are those of the definition', async () => {
  await fc.assert(
    fc.asyncProperty(aPair, async ({ size, index }) => {
      const made = await consistencyProof(index + 1, size, read);
      assert.equal(made, naiveConsistency(index + 1, leaves.slice(0, size)));
    }),
    { numRuns: 60 },
  );
});

test('every size up to 600 is shown to extend smaller ones', async () => {
  for (let size = 0; size <= MOST; size += 1) {
    for (let old = size % 5; old <= size; old += 5) {
      const proof = await consistencyProof(old, size, read);
      assert.ok(extendsTree(tree(size), tree(old), proof), `${old} of ${size}`);
    }
  }
});

test('an inclusion proof is refused for any other index, size, leaf, hash or root', async () => {
  await fc.assert(
    fc.asyncProperty(
      aPair,
      aBit,
      fc.nat({ max: MOST - 1 }),
      fc.nat(),
      async ({ size, index }, bit, other, n) => {
        const proof = await inclusionProof(index, size, read);
        const refuses = (accepted: boolean, what: string) =>
          assert.not(accepted, `${what}: ${index} of ${size}`);
        if (other !== index) {
          refuses(includes(tree(size), other, leaf(index), proof), 'index');
          refuses(includes(tree(size), index, leaf(other), proof), 'leaf');
        }
        refuses(includes({ size, root: flipped(rootOf(size), bit) }, index, leaf(index), proof), 'root');
        refuses(includes(tree(size), index, flipped(leaf(index), bit), proof), 'leaf bit');
        refuses(includes(tree(size), index, leaf(index), [...proof, leaf(0)]), 'one more');
        refuses(includes(tree(size), index, leaf(index), [leaf(0), ...proof]), 'one before');
        for (const [place, hash] of proof.entries()) {
          refuses(includes(tree(size), index, leaf(index), proof.with(place, flipped(hash, bit))), 'hash');
          refuses(includes(tree(size), index, leaf(index), proof.toSpliced(place, 1)), 'one less');
        }
        // The same tree told to be of another size: refused unless its root is of that size, too.
        const told = 1 + (n % MOST);
        const root = rootOf(told);
        if (told !== size) refuses(includes({ size: told, root }, index, leaf(index), proof), 'size');
      },
    ),
    { numRuns: 300 },
  );
});

test('a consistency proof is refused for any other size, hash or root', async () => {
  await fc.assert(
    fc.asyncProperty(aPair, aBit, fc.nat({ max: MOST }), async ({ size, index }, bit, other) => {
      const old = index + 1;
      const proof = await consistencyProof(old, size, read);
      const refuses = (accepted: boolean, what: string) => assert.not(accepted, `${what}: ${old} of ${size}`);
      refuses(extendsTree({ size, root: flipped(rootOf(size), bit) }, tree(old), proof), 'root');
      refuses(extendsTree(tree(size), { size: old, root: flipped(rootOf(old), bit) }, proof), 'old root');
      refuses(extendsTree(tree(size), tree(old), [...proof, leaf(0)]), 'one more');
      if (other !== old && proof.length > 0) refuses(extendsTree(tree(size), tree(other), proof), 'old');
      if (other !== size && proof.length > 0) refuses(extendsTree(tree(other), tree(old), proof), 'size');
      if (size !== old) refuses(extendsTree(tree(old), tree(size), proof), 'turned round');
      for (const [place, hash] of proof.entries()) {
        refuses(extendsTree(tree(size), tree(old), proof.with(place, flipped(hash, bit))), 'hash');
        refuses(extendsTree(tree(size), tree(old), proof.toSpliced(place, 1)), 'one less');
      }
    }),
    { numRuns: 300 },
  );
});

test('a tree in which an old leaf was changed extends no tree that held it', async () => {
  await fc.assert(
    fc.asyncProperty(aPair, fc.nat(), async ({ size, index: old }, n) => {
      if (old === 0) return;
      const changed = n % old;
      const forged = leaves.slice(0, size).with(changed, flipped(leaf(changed), 0));
      const proof = await consistencyProof(old, size, subtreesOver(forged));
      assert.not(extendsTree({ size, root: naiveRoot(forged) }, tree(old), proof));
    }),
    { numRuns: 100 },
  );
});

test('proofs hold in trees of up to 2^52 leaves', async () => {
  const level = uniformTree();
  const aSize = fc
    .tuple(fc.integer({ min: 1, max: 52 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([bits, part]) => Math.max(1, Math.floor(2 ** bits * part)));
  await fc.assert(
    fc.asyncProperty(aSize, fc.double({ min: 0, max: 1, noNaN: true }), async (size, part) => {
      const index = Math.min(size - 1, Math.floor(size * part));
      const root = await rootAt(size, level);
      const path = await inclusionProof(index, size, level);
      assert.ok(includes({ size, root }, index, leaf(0), path));
      assert.ok(path.length <= 52);
      const old = { size: index + 1, root: await rootAt(index + 1, level) };
      const proof = await consistencyProof(old.size, size, level);
      assert.ok(extendsTree({ size, root }, old, proof));
      assert.not(extendsTree({ size, root }, old, proof.slice(1)) && proof.length > 0);
    }),
    { numRuns: 300 },
  );
});

test('sizes beside a large power of two are told from it', async () => {
  const level = uniformTree();
  for (const size of [2 ** 48 - 1, 2 ** 48, 2 ** 48 + 1, 2 ** 52 - 1, Number.MAX_SAFE_INTEGER]) {
    const root = await rootAt(size, level);
    const proof = await inclusionProof(size - 1, size, level);
    assert.ok(includes({ size, root }, size - 1, leaf(0), proof), String(size));
    const old = { size: 2 ** 48 - 1, root: await rootAt(2 ** 48 - 1, level) };
    assert.ok(extendsTree({ size, root }, old, await consistencyProof(old.size, size, level)), String(size));
  }
  const [below, exact] = await Promise.all([rootAt(2 ** 48 - 1, level), rootAt(2 ** 48, level)]);
  assert.not(below.equals(exact));
});

test('an index or a size that is none is refused', async () => {
  const notSizes = [-1, 1.5, Number.NaN, 2 ** 53];
  for (const bad of notSizes) {
    await rejectsRange(rootAt(bad, read));
    await rejectsRange(inclusionProof(0, bad, read));
    await rejectsRange(inclusionProof(bad, 5, read));
    await rejectsRange(consistencyProof(bad, 5, read));
    assert.not(includes(tree(5), bad, leaf(0), []));
  }
  await rejectsRange(inclusionProof(5, 5, read));
  await rejectsRange(inclusionProof(0, 0, read));
  await rejectsRange(consistencyProof(6, 5, read));
  assert.not(includes({ size: 0, root: EMPTY_ROOT }, 0, leaf(0), []));
});

test('what is not 32 bytes long is no hash', () => {
  const short = Buffer.alloc(0);
  assert.not(includes({ size: 1, root: short }, 0, short, []));
  assert.not(extendsTree({ size: 1, root: short }, { size: 1, root: short }, []));
  assert.not(includes({ size: 2, root: rootOf(2) }, 0, leaf(0), [leaf(1).subarray(0, 31)]));
});

async function rejectsRange(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, RangeError);
    return;
  }
  assert.unreachable('it was accepted');
}

test.run();
