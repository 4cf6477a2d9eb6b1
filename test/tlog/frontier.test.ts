import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Frontier } from '../../src/tlog/frontier.ts';
import { rootAt } from '../../src/tlog/merkle.ts';
import { tilePath, widthIn, type Tile } from '../../src/tlog/tile.ts';
import { naiveRoot, someLeaves, subtreesOver } from '../support/naive-tree.ts';

const MOST = 67_000;
const leaves = someLeaves(MOST);
const subtree = subtreesOver(leaves);

function tileBytes({ level, index, width }: Tile): Buffer {
  return Buffer.concat(Array.from({ length: width }, (_, i) => subtree(level * 8, index * 256 + i)));
}
const read = (tile: Tile) => Promise.resolve(tileBytes(tile));

test('the root after each of 1,100 leaves is that of the definition', () => {
  const frontier = new Frontier();
  assert.is(frontier.root().toString('hex'), naiveRoot([]).toString('hex'));
  for (let size = 1; size <= 1100; size += 1) {
    frontier.append(leaves[size - 1] as Buffer);
    assert.is(frontier.size, size);
    if (size < 300 || size % 37 === 0 || size % 256 < 2)
      assert.is(frontier.root().toString('hex'), naiveRoot(leaves.slice(0, size)).toString('hex'), `${size}`);
  }
});

test('every full tile comes out once, in order, with the bytes of the definition', async () => {
  const frontier = new Frontier();
  const full = new Map<string, Buffer>();
  const order: string[] = [];
  for (const leaf of leaves) {
    for (const { tile, bytes } of frontier.append(leaf)) {
      assert.is(tile.width, 256);
      full.set(tilePath(tile), bytes);
      order.push(tilePath(tile));
    }
  }
  // 67,000 leaves: 261 full tiles of leaves and one above them.
  assert.is(order.length, 262);
  assert.is(new Set(order).size, 262);
  assert.equal(order.slice(254, 258), ['tile/0/254', 'tile/0/255', 'tile/1/000', 'tile/0/256']);
  for (const index of [0, 1, 200, 260])
    assert.equal(
      full.get(tilePath({ level: 0, index, width: 256 })),
      tileBytes({ level: 0, index, width: 256 }),
    );
  assert.equal(full.get('tile/1/000'), tileBytes({ level: 1, index: 0, width: 256 }));
  assert.is(frontier.root().toString('hex'), (await rootAt(MOST, subtree)).toString('hex'));
  assert.equal(
    frontier.partials().map(({ tile }) => tilePath(tile)),
    ['tile/0/261.p/184', 'tile/1/001.p/5', 'tile/2/000.p/1'],
  );
  for (const { tile, bytes } of frontier.partials()) assert.equal(bytes, tileBytes(tile));
});

test('an edge that is read from partial tiles goes on as if it had never been away', async () => {
  const aSize = fc.oneof(
    fc.nat({ max: MOST - 600 }),
    fc.constantFrom(0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 65_792),
  );
  await fc.assert(
    fc.asyncProperty(aSize, fc.nat({ max: 600 }), async (size, more) => {
      const frontier = await Frontier.load(size, read);
      assert.equal(frontier.root(), await rootAt(size, subtree));
      for (let n = size; n < size + more; n += 1)
        for (const { tile, bytes } of frontier.append(leaves[n] as Buffer))
          assert.equal(bytes, tileBytes(tile));
      assert.is(frontier.size, size + more);
      assert.equal(frontier.pinned(), { size: size + more, root: await rootAt(size + more, subtree) });
    }),
    { numRuns: 60 },
  );
});

test('an edge is read from wider tiles, too', async () => {
  const wide = (tile: Tile) => read({ ...tile, width: widthIn(MOST, tile.level, tile.index) });
  const frontier = await Frontier.load(66_000, wide);
  assert.equal(frontier.root(), await rootAt(66_000, subtree));
});

test('an edge of other hashes has another root', async () => {
  const honest = await rootAt(70, subtree);
  for (const bit of [0, 1000, 70 * 256 - 1]) {
    const frontier = await Frontier.load(70, (tile) => {
      const bytes = Buffer.from(tileBytes(tile));
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return Promise.resolve(bytes);
    });
    assert.not(frontier.root().equals(honest));
  }
});

test('a tile that is too short is refused', async () => {
  try {
    await Frontier.load(70, (tile) => Promise.resolve(tileBytes(tile).subarray(0, 69 * 32)));
    assert.unreachable('it was accepted');
  } catch (error) {
    assert.instance(error, RangeError);
  }
});

test('of a tile at the edge any width up to what is known is given, and of no other tile', async () => {
  const frontier = await Frontier.load(66_000, read);
  const at = (level: number, index: number, width: number) => frontier.partial({ level, index, width });
  // 66,000 = 257 * 256 + 208, and 257 = 256 + 1.
  assert.equal(at(0, 257, 208), tileBytes({ level: 0, index: 257, width: 208 }));
  assert.equal(at(0, 257, 1), tileBytes({ level: 0, index: 257, width: 1 }));
  assert.equal(at(1, 1, 1), tileBytes({ level: 1, index: 1, width: 1 }));
  assert.equal(at(2, 0, 1), tileBytes({ level: 2, index: 0, width: 1 }));
  for (const [level, index, width] of [
    [0, 257, 209],
    [0, 256, 1],
    [0, 258, 1],
    [1, 0, 1],
    [1, 1, 2],
    [2, 1, 1],
    [3, 0, 1],
  ] as const)
    assert.is(at(level, index, width), undefined, `${level}/${index} of ${width}`);
});

test('what was given out is not changed by what is appended afterwards', () => {
  const frontier = new Frontier();
  for (const leaf of leaves.slice(0, 300)) frontier.append(leaf);
  const [first] = frontier.partials();
  const before = Buffer.from(first?.bytes ?? []);
  const root = frontier.root().toString('hex');
  for (const leaf of leaves.slice(300, 600)) frontier.append(leaf);
  assert.equal(first?.bytes, before);
  assert.is.not(frontier.root().toString('hex'), root);
});

test.run();
