import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../core/entry.ts';
import { ProofError } from '../core/errors.ts';
import { decodeLine } from '../journal/line.ts';
import { HASH_BYTES } from '../tlog/merkle.ts';
import { proveEntry } from '../tlog/prove.ts';
import { TILE_WIDTH, tilePath, type ReadTile } from '../tlog/tile.ts';
import { extentOf } from './extent.ts';
import { linesOf, oneRoom, segmentBatches } from './line-batches.ts';
import { Problems } from './problems.ts';
import { listTiles, readTileFile } from './tile-folder.ts';

/** An entry, and its bytes as they were hashed. */
export interface EntryLine {
  readonly entry: Entry;
  readonly line: Buffer;
}

/** What people and the host did to a request; what came before is said by these again. */
const PROVEN: ReadonlySet<Entry['type']> = new Set([
  'approval.decided',
  'approval.resolved',
  'execution.claimed',
  'execution.started',
  'execution.succeeded',
  'execution.failed',
  'execution.outcome_unknown',
  'execution.reconciled',
]);

/**
 * The entry with this sequence number or id; of a request, or of a call that was held, every decision, resolution and
 * execution.
 *
 * @param dir the folder of the segments
 */
export async function entriesToProve(dir: string, id: string): Promise<readonly EntryLine[]> {
  const extent = await extentOf(dir, new Problems());
  const seq = /^\d{1,15}$/.test(id) ? Number(id) : undefined;
  const found: EntryLine[] = [];
  const ids = new Set([id]);
  for (const [i, segment] of extent.firsts.entries()) {
    const next = extent.firsts[i + 1];
    if (seq !== undefined && (segment > seq || (next !== undefined && next <= seq))) continue;
    const end = next === undefined ? extent.lastBytes : Number.POSITIVE_INFINITY;
    const options = { dir, segment, end, room: oneRoom(), onCut: () => undefined };
    for await (const batch of segmentBatches(options)) {
      let at = batch.first;
      for (const line of linesOf(batch)) {
        const wanted =
          seq === undefined ? [...ids].some((each) => line.includes(JSON.stringify(each))) : at === seq;
        at += 1;
        const entry = wanted ? decodeLine(line).entry : undefined;
        if (!entry) continue;
        if (entry.type === 'approval.requested' && entry.call_id === id) ids.add(entry.request_id);
        if (entry.seq === seq || entry.id === id || isOf(entry, ids))
          found.push({ entry, line: Buffer.from(line) });
      }
    }
  }
  return found;
}

/**
 * Proofs of entries under a checkpoint, each to be checked alone (C2SP tlog-proof).
 *
 * @param dir the folder of the segments
 * @throws ProofError `not_covered`, `not_proven`, `tile_missing`
 */
export async function proveEntries(
  dir: string,
  entries: readonly EntryLine[],
  checkpoint: string,
): Promise<readonly string[]> {
  const readTile = tilesIn(dir);
  const proofs: string[] = [];
  for (const { entry, line } of entries)
    proofs.push(await proveEntry({ index: entry.seq, line, checkpoint, readTile }));
  return proofs;
}

/** The newest signed checkpoint as it is kept; nothing before the first. */
export async function newestCheckpoint(dir: string): Promise<string | undefined> {
  try {
    return await readFile(join(dir, 'checkpoint'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Reads the tiles of a journal's folder. A host beside puts a wider tile into the place of a partial one at any time.
 *
 * @throws ProofError `tile_missing`, from what is returned
 */
export function tilesIn(dir: string): ReadTile {
  const wider = ({ level, index, width }: Parameters<ReadTile>[0]): readonly number[] => {
    const partial = listTiles(dir).partial.get(`${level}/${index}`) ?? [];
    return [...partial.filter((each) => each > width), TILE_WIDTH];
  };
  return async (tile) => {
    const { level, index, width } = tile;
    for (const candidates of [() => [width, TILE_WIDTH], () => wider(tile)]) {
      for (const each of candidates()) {
        const bytes = readTileFile(dir, level, index, each);
        if (bytes && bytes.length >= width * HASH_BYTES) return bytes.subarray(0, width * HASH_BYTES);
      }
    }
    throw new ProofError(
      'tile_missing',
      `${tilePath(tile)} is not there, and nothing can be proven without it: "placet log rebuild" makes it, while no host runs.`,
    );
  };
}

function isOf(entry: Entry, ids: ReadonlySet<string>): boolean {
  return PROVEN.has(entry.type) && 'request_id' in entry && ids.has(entry.request_id ?? '');
}
