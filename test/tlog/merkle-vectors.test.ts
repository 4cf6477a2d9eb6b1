/**
 * Values that others published. Leaves, roots and nodes: transparency-dev/merkle, testonly/constants.go, which are
 * those of google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc. Proofs: transparency-dev/merkle,
 * testdata/inclusion and testdata/consistency, kept in test/fixtures/rfc6962.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  consistencyProof,
  EMPTY_ROOT,
  extendsTree,
  includes,
  inclusionProof,
  leafHash,
  nodeHash,
  rootAt,
} from '../../src/tlog/merkle.ts';
import { naiveRoot, subtreesOver } from '../support/naive-tree.ts';

const LEAVES = [
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7'],
  ['10', '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7'],
  ['2021', '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7'],
  ['3031', 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b'],
  ['40414243', '4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658'],
  ['5051525354555657', 'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f'],
  ['606162636465666768696a6b6c6d6e6f', '46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1'],
] as const;

/** By the number of leaves. */
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
] as const;

const NODES = [
  [0, 1, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [2, 3, '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e'],
  [4, 5, '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a'],
  [6, 7, 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0'],
] as const;

interface Vectors<T> {
  readonly vectors: readonly (T & {
    readonly name: string;
    readonly size: number;
    readonly root: string | null;
    readonly proof: readonly string[] | null;
    readonly refused: boolean;
  })[];
}
interface OfInclusion {
  readonly index: number;
  readonly leaf: string | null;
}
interface OfConsistency {
  readonly old: number;
  readonly old_root: string | null;
}

function vectors<T>(name: string): Vectors<T>['vectors'] {
  const path = join(import.meta.dirname, '../fixtures/rfc6962', `${name}.json`);
  return (JSON.parse(readFileSync(path, 'utf8')) as Vectors<T>).vectors;
}

const bytes = (text: string | null): Buffer => Buffer.from(text ?? '', 'base64');
const hashes = LEAVES.map(([, hash]) => Buffer.from(hash, 'hex'));

test('leaves hash as published', () => {
  for (const [entry, hash] of LEAVES) assert.is(leafHash(Buffer.from(entry, 'hex')).toString('hex'), hash);
});

test('a text is hashed as its UTF-8', () => {
  assert.is(leafHash('grün').toString('hex'), leafHash(Buffer.from('6772c3bc6e', 'hex')).toString('hex'));
});

test('nodes hash as published', () => {
  for (const [left, right, hash] of NODES)
    assert.is(nodeHash(hashes[left] as Buffer, hashes[right] as Buffer).toString('hex'), hash);
});

test('the roots of the trees of none to eight leaves are those published', async () => {
  assert.is(EMPTY_ROOT.toString('hex'), ROOTS[0]);
  for (const [size, root] of ROOTS.entries()) {
    assert.is((await rootAt(size, subtreesOver(hashes.slice(0, size)))).toString('hex'), root);
    assert.is(naiveRoot(hashes.slice(0, size)).toString('hex'), root);
  }
});

test('published inclusion proofs are accepted and refused as they should be', () => {
  const all = vectors<OfInclusion>('inclusion');
  assert.is(all.length, 98);
  for (const { name, index, size, root, leaf, proof, refused } of all) {
    const accepted = includes({ size, root: bytes(root) }, index, bytes(leaf), (proof ?? []).map(bytes));
    assert.is(accepted, !refused, name);
  }
});

test('published consistency proofs are accepted and refused as they should be', () => {
  // In this one the two roots, which are equal, are not hashes but the words “don't care”.
  const noHashes = 'additional/sizes-are-equal-one-and-proof-is-empty';
  const all = vectors<OfConsistency>('consistency').filter(({ name }) => name !== noHashes);
  assert.is(all.length, 97);
  for (const { name, old, size, old_root, root, proof, refused } of all) {
    const tree = { size, root: bytes(root) };
    const accepted = extendsTree(tree, { size: old, root: bytes(old_root) }, (proof ?? []).map(bytes));
    assert.is(accepted, !refused, name);
  }
});

test('every tree extends the empty one, with an empty proof and its one root alone', () => {
  const tree = { size: 8, root: Buffer.from(ROOTS[8], 'hex') };
  assert.ok(extendsTree(tree, { size: 0, root: EMPTY_ROOT }, []));
  assert.ok(extendsTree({ size: 0, root: EMPTY_ROOT }, { size: 0, root: EMPTY_ROOT }, []));
  assert.not(extendsTree(tree, { size: 0, root: Buffer.alloc(32) }, []));
  assert.not(extendsTree(tree, { size: 0, root: EMPTY_ROOT }, [EMPTY_ROOT]));
  const forged = { size: 0, root: Buffer.alloc(32, 1) };
  assert.not(extendsTree(forged, forged, []));
});

test('the proofs that are made are those published', async () => {
  const read = subtreesOver(hashes);
  for (const { name, index, size, proof } of vectors<OfInclusion>('inclusion').filter((v) => !v.refused)) {
    // The tree of one leaf there has another one than this.
    if (name.startsWith('single-entry')) continue;
    const made = await inclusionProof(index, size, read);
    assert.equal(
      made.map((hash) => hash.toString('base64')),
      proof ?? [],
      name,
    );
  }
  for (const { name, old, size, proof } of vectors<OfConsistency>('consistency').filter((v) => !v.refused)) {
    const made = await consistencyProof(old, size, read);
    assert.equal(
      made.map((hash) => hash.toString('base64')),
      proof ?? [],
      name,
    );
  }
});

test.run();
