/** The examples of C2SP's tlog-tiles.md, and the paths that it forbids. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { consistencyProof, extendsTree, includes, inclusionProof, rootAt } from '../../src/tlog/merkle.ts';
import {
  hashesIn,
  parseTilePath,
  partialTiles,
  perfectRoot,
  subtreesOf,
  tilePath,
  widthIn,
  type Tile,
} from '../../src/tlog/tile.ts';
import { naiveRoot, someLeaves, subtreesOver } from '../support/naive-tree.ts';

const MOST = 70_000;
const leaves = someLeaves(MOST);
const subtree = subtreesOver(leaves);

/** A tile as the specification defines it: hash i is MTH of 256^level leaves. */
function tileBytes({ level, index, width }: Tile): Buffer {
  return Buffer.concat(Array.from({ length: width }, (_, i) => subtree(level * 8, index * 256 + i)));
}

test('tiles stand under the paths of the specification', () => {
  for (const [path, tile] of [
    ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
    ['tile/0/000', { level: 0, index: 0, width: 256 }],
    ['tile/1/000.p/1', { level: 1, index: 0, width: 1 }],
    ['tile/0/273.p/112', { level: 0, index: 273, width: 112 }],
    ['tile/0/999', { level: 0, index: 999, width: 256 }],
    ['tile/0/x001/000', { level: 0, index: 1000, width: 256 }],
    ['tile/63/000.p/255', { level: 63, index: 0, width: 255 }],
  ] as const) {
    assert.is(tilePath(tile), path);
    assert.equal(parseTilePath(path), { kind: 'hashes', ...tile });
  }
  assert.is(tilePath({ level: 0, index: 1067, width: 12 }, 'entries'), 'tile/entries/x001/067.p/12');
  assert.equal(parseTilePath('tile/entries/x001/067.p/12'), {
    kind: 'entries',
    level: 0,
    index: 1067,
    width: 12,
  });
});

test('a path that is not the one path of a tile is refused', () => {
  for (const path of [
    '',
    'tile',
    'tile/0',
    'tile/0/',
    '/tile/0/000',
    'tile/0/000/',
    'tile/0//000',
    'tile/00/000',
    'tile/01/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/+1/000',
    'tile/data/000',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/x000/000',
    'tile/0/x000/x000/001',
    'tile/0/001/000',
    'tile/0/x001',
    'tile/0/X001/000',
    'tile/0/x001/x000',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/999',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/000.P/1',
    'tile/0/000.p/1 ',
    'tile/0/000.p/1/2',
    'tile/0/000\n',
    'tile/0/٠٠٠',
    'tile/0/../0/000',
    'tile/0/%30%30%30',
    `tile/0/${'x999/'.repeat(6)}999`,
    'tile/entries',
    'tile/entries/0/000',
  ])
    assert.is(parseTilePath(path), undefined, path);
});

test('every tile is read back from its path', () => {
  const aTile = fc.record({
    level: fc.nat({ max: 63 }),
    index: fc.oneof(fc.nat(), fc.nat({ max: 3_000 }), fc.maxSafeNat()),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(
    fc.property(aTile, (tile) => {
      assert.equal(parseTilePath(tilePath(tile)), { kind: 'hashes', ...tile });
      const bundle = { ...tile, level: 0 };
      assert.equal(parseTilePath(tilePath(bundle, 'entries')), { kind: 'entries', ...bundle });
    }),
  );
});

test('a tree of 70,000 leaves has the tiles that the specification counts', () => {
  assert.equal(partialTiles(70_000), [
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
  assert.equal([widthIn(70_000, 0, 272), widthIn(70_000, 0, 273), widthIn(70_000, 0, 274)], [256, 112, 0]);
  assert.equal([widthIn(70_000, 1, 0), widthIn(70_000, 1, 1), widthIn(70_000, 1, 2)], [256, 17, 0]);
  assert.equal([widthIn(70_000, 2, 0), widthIn(70_000, 3, 0)], [1, 0]);
});

test('a tree of 256 leaves has a full tile and a partial one above it', () => {
  assert.equal(partialTiles(256), [{ level: 1, index: 0, width: 1 }]);
  assert.equal([widthIn(256, 0, 0), widthIn(256, 0, 1), widthIn(256, 1, 0)], [256, 0, 1]);
});

test('no leaves have no tiles', () => {
  assert.equal(partialTiles(0), []);
  assert.is(widthIn(0, 0, 0), 0);
});

test('the hashes of a tile are told apart, and make its root', () => {
  const tile = tileBytes({ level: 0, index: 3, width: 256 });
  assert.is(tile.length, 8192);
  assert.equal(hashesIn(tile), leaves.slice(768, 1024));
  assert.equal(perfectRoot(hashesIn(tile)), naiveRoot(leaves.slice(768, 1024)));
});

test('proofs are made out of the tiles of any size', async () => {
  const aSize = fc.oneof(
    fc.integer({ min: 1, max: MOST }),
    fc.constantFrom(1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, MOST),
  );
  await fc.assert(
    fc.asyncProperty(aSize, fc.nat(), async (size, n) => {
      const asked: Tile[] = [];
      const read = subtreesOf(size, (tile) => {
        asked.push(tile);
        assert.is(tile.width, widthIn(size, tile.level, tile.index));
        return Promise.resolve(tileBytes(tile));
      });
      const index = n % size;
      const root = await rootAt(size, read);
      assert.is(root.toString('hex'), (await rootAt(size, subtree)).toString('hex'));
      assert.ok(
        includes({ size, root }, index, leaves[index] as Buffer, await inclusionProof(index, size, read)),
      );
      const old = { size: index + 1, root: await rootAt(index + 1, subtree) };
      assert.ok(extendsTree({ size, root }, old, await consistencyProof(old.size, size, read)));
      // Each tile is read once, and only tiles that the tree has.
      assert.is(new Set(asked.map((tile) => tilePath(tile))).size, asked.length);
      assert.ok(asked.length <= 12);
    }),
    { numRuns: 60 },
  );
});

test('a tile that is too short is told, never taken for another', async () => {
  const read = subtreesOf(300, (tile) => Promise.resolve(tileBytes(tile).subarray(32)));
  for (const work of [rootAt(300, read), inclusionProof(5, 300, read)]) {
    try {
      await work;
      assert.unreachable('it was accepted');
    } catch (error) {
      assert.instance(error, RangeError);
    }
  }
});

test('a tile that could not be read is asked for again', async () => {
  let tries = 0;
  const read = subtreesOf(3, (tile) => {
    tries += 1;
    return tries === 1 ? Promise.reject(new Error('the disk is away')) : Promise.resolve(tileBytes(tile));
  });
  try {
    await rootAt(3, read);
    assert.unreachable('it was accepted');
  } catch (error) {
    assert.is((error as Error).message, 'the disk is away');
  }
  assert.equal(await rootAt(3, read), naiveRoot(leaves.slice(0, 3)));
});

test.run();
