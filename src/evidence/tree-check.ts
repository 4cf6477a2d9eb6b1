import type { Pinned } from '../tlog/merkle.ts';
import { parseVerifier } from '../tlog/note.ts';
import { CheckpointCheck, type CheckpointCounts } from './checkpoint-check.ts';
import { listCheckpoints, type StandingCheckpoints } from './standing-checkpoints.ts';
import { placeOf } from './extent.ts';
import type { LineBatch } from './line-batches.ts';
import { keyEntriesIn, LogKeys, type NamedKey } from './log-keys.ts';
import type { Problem } from './problems.ts';
import { TileCheck, type TileCounts } from './tile-check.ts';
import { listTiles, type StandingTiles } from './tile-folder.ts';
import { TreeHasher } from './tree-hasher.ts';

/** What was derived from the lines and stands beside them, as it was before the lines were looked at. Plain data. */
export interface Derived {
  readonly tiles: StandingTiles;
  readonly checkpoints: StandingCheckpoints;
}

/** @param dir the journal's folder */
export function listDerived(dir: string): Derived {
  const checkpoints = listCheckpoints(dir);
  return { tiles: listTiles(dir), checkpoints };
}

/** Plain data, so that a thread can be handed it. */
export interface TreeCheckOptions {
  readonly derived: Derived;
  /** The first sequence numbers of the segments. */
  readonly firsts: readonly number[];
  /** Sizes of which the roots are wanted, ascending, each once. */
  readonly wanted: readonly number[];
  /** Of which entry the leaf is wanted. */
  readonly wantedLeaf?: number;
  /** Verifier keys of witnesses. */
  readonly witnesses: readonly string[];
  /** Not every signature of a checkpoint is checked. */
  readonly quick: boolean;
}

/** Plain data. */
export interface TreeFindings {
  readonly size: number;
  /** In base64. */
  readonly root: string;
  /** The roots that were wanted, in base64, by size; those of sizes beyond the journal's are not among them. */
  readonly roots: ReadonlyMap<number, string>;
  /** The leaf that was wanted, in hexadecimal. */
  readonly leaf?: string;
  readonly keys: readonly NamedKey[];
  readonly tiles: TileCounts;
  readonly checkpoints: CheckpointCounts;
  readonly problems: readonly Problem[];
  /** The tree ends here, because entries are missing behind. */
  readonly broken?: number;
}

/** Makes the tree over the lines as they come, and compares it with all that stands derived from it. */
export class TreeCheck {
  readonly #options: TreeCheckOptions;
  readonly #tiles: TileCheck;
  readonly #hasher: TreeHasher;
  readonly #keys = new LogKeys();
  readonly #checkpoints: CheckpointCheck;
  readonly #problems: Problem[] = [];
  readonly #roots = new Map<number, string>();
  #wantedNext = 0;
  #leaf: string | undefined;
  #broken = false;

  constructor(options: TreeCheckOptions) {
    const { derived, firsts, witnesses, quick } = options;
    this.#options = options;
    this.#tiles = new TileCheck(derived.tiles, firsts);
    this.#hasher = new TreeHasher((level, index, bytes) => this.#tiles.full(level, index, bytes));
    this.#checkpoints = new CheckpointCheck(derived.checkpoints, {
      keys: this.#keys,
      witnesses: witnesses.map(parseVerifier),
      quick,
    });
    this.#meet();
  }

  take(batch: LineBatch): void {
    if (this.#broken) return;
    if (batch.first !== this.#hasher.size) {
      this.#broken = true;
      return;
    }
    const named = [...keyEntriesIn(batch)];
    const count = batch.ends.length;
    for (let from = 0; from < count; ) {
      const stop = from + this.#next() - this.#hasher.size;
      const to = Math.min(count, stop, (named[0]?.line ?? count) + 1);
      this.#hasher.add(batch, from, to);
      from = to;
      if (named[0]?.line === to - 1) this.#takeKey(named.shift()?.entry);
      this.#meet();
    }
  }

  /** @param size of the journal */
  finish(size: number): TreeFindings {
    const { size: hashed } = this.#hasher;
    const broken = this.#broken ? hashed : undefined;
    const { problems: wrongTiles, ...tiles } = this.#tiles.finish(hashed, (level, index) =>
      this.#hasher.edge(level, index),
    );
    const { problems: wrong, ...checkpoints } = this.#checkpoints.finish(size, broken);
    return {
      size: hashed,
      root: this.#hasher.root().toString('base64'),
      roots: this.#roots,
      ...(this.#leaf === undefined ? {} : { leaf: this.#leaf }),
      keys: this.#keys.all.map(({ verifier, from, since }) => ({ key: verifier.vkey, from, since })),
      tiles,
      checkpoints,
      problems: [...this.#problems, ...(broken === undefined ? wrongTiles : []), ...wrong],
      ...(broken === undefined ? {} : { broken }),
    };
  }

  #next(): number {
    const { wanted, wantedLeaf } = this.#options;
    return Math.min(
      this.#checkpoints.next(),
      wanted[this.#wantedNext] ?? Number.POSITIVE_INFINITY,
      wantedLeaf === undefined || this.#leaf !== undefined ? Number.POSITIVE_INFINITY : wantedLeaf + 1,
    );
  }

  /** Whoever waits for the root of the tree as it is now gets it. */
  #meet(): void {
    if (this.#next() > this.#hasher.size) return;
    const tree: Pinned = { size: this.#hasher.size, root: this.#hasher.root() };
    if (this.#options.wantedLeaf === tree.size - 1) this.#leaf = this.#hasher.leaf().toString('hex');
    this.#checkpoints.meet(tree);
    if (this.#options.wanted[this.#wantedNext] !== tree.size) return;
    this.#roots.set(tree.size, tree.root.toString('base64'));
    this.#wantedNext += 1;
  }

  #takeKey(entry: ReturnType<typeof keyEntriesIn>[number]['entry'] | undefined): void {
    const fault = entry && this.#keys.take(entry);
    if (fault === undefined) return;
    const where = placeOf(this.#options.firsts, this.#hasher.size - 1);
    this.#problems.push({ seq: this.#hasher.size - 1, code: 'log_key', message: `${where}: ${fault}.` });
  }
}
