import { timestamp, type Clock } from '../../src/core/clock.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { checkpointText } from '../../src/tlog/checkpoint.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { formatNote, makeSignerKey, parseSigner } from '../../src/tlog/note.ts';
import { perfectRoot, TILE_WIDTH, type Tile } from '../../src/tlog/tile.ts';
import type { ServedCheckpoint, ServedLog, ServedStamp, ServedWitness } from '../../src/web/served-log.ts';

export const ORIGIN = 'localhost/placet-0123456789ab';

/** A log over a journal in memory, with a real key, that signs only when the test says so. */
export function signedLog(
  journal: Pick<Journal, 'tree' | 'readLines'>,
  clock: Clock,
  options: { readonly monitorToken?: string; readonly witnessed?: boolean } = {},
) {
  const signer = parseSigner(makeSignerKey('signature', ORIGIN, Buffer.alloc(32, 3)));
  const witness = parseSigner(makeSignerKey('cosignature', 'witness.example', Buffer.alloc(32, 4)));
  const world: {
    newest?: ServedCheckpoint;
    witness?: Omit<ServedWitness, 'name'>;
    stamp?: ServedStamp;
    trouble?: string;
    broken?: Error;
  } = {};

  const served: ServedLog = {
    newest: () => world.newest,
    async tile(tile) {
      if (world.broken) throw world.broken;
      return tileOf(await linesOf(journal), tile);
    },
    async *lines(from, to) {
      if (world.broken) throw world.broken;
      yield* journal.readLines(from, to);
    },
    key: () => signer.verifier,
    witnesses: () => (options.witnessed ? [{ name: 'witness.example', ...world.witness }] : []),
    ...(options.witnessed ? { stamp: () => world.stamp } : {}),
    trouble: () => world.trouble,
    ...(options.monitorToken === undefined ? {} : { monitorToken: options.monitorToken }),
  };

  const seconds = () => Math.floor(clock.now() / 1000);
  return {
    served,
    world,
    key: signer.verifier,
    /** Signs all that there is. @param cosignedAt by the witness too, at this time in seconds */
    sign(cosignedAt?: number): ServedCheckpoint {
      const pinned = journal.tree.pinned();
      const text = checkpointText({ origin: ORIGIN, ...pinned });
      if (cosignedAt !== undefined) {
        const at = new Date(cosignedAt * 1000).toISOString();
        world.witness = { size: pinned.size, at };
      }
      const lines = [
        signer.sign(text, seconds()),
        ...(cosignedAt === undefined ? [] : [witness.sign(text, cosignedAt)]),
      ];
      world.newest = { origin: ORIGIN, ...pinned, note: formatNote(text, lines), at: timestamp(clock) };
      return world.newest;
    },
  };
}

export type SignedLog = ReturnType<typeof signedLog>;

async function linesOf(journal: Pick<Journal, 'readLines'>): Promise<readonly Buffer[]> {
  const lines: Buffer[] = [];
  for await (const line of journal.readLines(0)) lines.push(line);
  return lines;
}

/** Any tile, made anew from the lines. */
export function tileOf(lines: readonly Buffer[], { level, index, width }: Tile): Buffer {
  let row = lines.map((line) => leafHash(line));
  for (let below = 0; below < level; below += 1) {
    const full = Math.floor(row.length / TILE_WIDTH);
    row = Array.from({ length: full }, (_, at) =>
      perfectRoot(row.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH)),
    );
  }
  const hashes = row.slice(index * TILE_WIDTH, index * TILE_WIDTH + width);
  if (hashes.length < width) throw new Error(`There is no tile ${level}/${index} of width ${width}.`);
  return Buffer.concat(hashes);
}
