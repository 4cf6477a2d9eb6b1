import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProofError } from '../../src/core/errors.ts';
import { checkpointText } from '../../src/tlog/checkpoint.ts';
import { includes, leafHash } from '../../src/tlog/merkle.ts';
import { formatNote, makeSignerKey, parseSigner } from '../../src/tlog/note.ts';
import { parseProof } from '../../src/tlog/proof.ts';
import { proveEntry } from '../../src/tlog/prove.ts';
import type { Tile } from '../../src/tlog/tile.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { tileOf } from '../support/signed-log.ts';

const SIGNER = parseSigner(makeSignerKey('signature', 'example.com/log', Buffer.alloc(32, 7)));

/** A log of so many entries, signed. */
function logOf(size: number) {
  const lines = Array.from({ length: size }, (_, at) => Buffer.from(`{"entry":${at}}`));
  const frontier = new Frontier();
  for (const line of lines) frontier.append(leafHash(line));
  const text = checkpointText({ origin: 'example.com/log', ...frontier.pinned() });
  const checkpoint = formatNote(text, [SIGNER.sign(text, 0)]);
  return {
    lines,
    checkpoint,
    pinned: frontier.pinned(),
    readTile: async (tile: Tile) => tileOf(lines, tile),
  };
}

async function codeOf(proving: Promise<unknown>): Promise<string> {
  try {
    await proving;
  } catch (error) {
    assert.instance(error, ProofError);
    return (error as ProofError).code;
  }
  return 'proven';
}

for (const [size, index] of [
  [1, 0],
  [2, 1],
  [255, 254],
  [256, 0],
  [257, 256],
  [1000, 613],
] as const) {
  test(`entry ${index} of ${size} is proven by its own bytes and the note alone`, async () => {
    const { lines, checkpoint, pinned, readTile } = logOf(size);
    const line = lines[index] ?? Buffer.alloc(0);
    const text = await proveEntry({ index, line, checkpoint, readTile });
    assert.ok(text.startsWith('c2sp.org/tlog-proof@v1\nextra '));
    const proof = parseProof(text);
    assert.is(proof.index, index);
    assert.is(proof.checkpoint, checkpoint);
    assert.is(String(proof.extra), `{"entry":${index}}`);
    assert.ok(includes(pinned, index, leafHash(proof.extra ?? ''), proof.hashes));
  });
}

test('an entry that the checkpoint does not cover is not proven', async () => {
  const { checkpoint, readTile } = logOf(5);
  const line = Buffer.from('{"entry":5}');
  assert.is(await codeOf(proveEntry({ index: 5, line, checkpoint, readTile })), 'not_covered');
});

test('another line, another place and a tile with one wrong bit are not proven', async () => {
  const { lines, checkpoint, readTile } = logOf(300);
  const line = lines[3] ?? Buffer.alloc(0);
  const flipped = async (tile: Tile) => {
    const bytes = Buffer.from(await readTile(tile));
    bytes[32 * 2] = (bytes[32 * 2] ?? 0) ^ 1;
    return bytes;
  };
  const other = Buffer.from('{"entry":4}');
  assert.is(await codeOf(proveEntry({ index: 3, line: other, checkpoint, readTile })), 'not_proven');
  assert.is(await codeOf(proveEntry({ index: 4, line, checkpoint, readTile })), 'not_proven');
  assert.is(await codeOf(proveEntry({ index: 3, line, checkpoint, readTile: flipped })), 'not_proven');
  assert.is(await codeOf(proveEntry({ index: 3, line, checkpoint, readTile })), 'proven');
});

test('what is no checkpoint proves nothing', async () => {
  const { lines, readTile } = logOf(3);
  const line = lines[0] ?? Buffer.alloc(0);
  for (const checkpoint of ['', 'nothing\n', 'a\n1\nx\n\n— a AAAAAAA=\n'])
    assert.match(await codeOf(proveEntry({ index: 0, line, checkpoint, readTile })), /^bad_/);
});

test.run();
