import type { Pinned } from '../tlog/merkle.ts';
import { checkNote, type Verifier } from '../tlog/note.ts';
import {
  historyOf,
  newestIn,
  type KeptCheckpoint,
  type StandingCheckpoints,
} from './standing-checkpoints.ts';
import { FirstOfKind } from './first-of-kind.ts';
import { signedByOf, type LogKey, type LogKeys } from './log-keys.ts';
import type { Problem } from './problems.ts';

export interface CheckpointCounts {
  /** Lines of `checkpoints.log`, and of these how many the key in force signed over what stands. */
  readonly kept: number;
  readonly right: number;
  /** Of these, how many signatures were taken on trust: the tree is the same, and the newest is checked. */
  readonly trusted: number;
  /** Cosignatures of the given witnesses that are right. */
  readonly cosignatures: number;
  /** The newest one that is right. */
  readonly newest?: RightCheckpoint;
  /** The newest of these that a witness has cosigned; `at` by the witness's clock, RFC 3339. */
  readonly cosigned?: { readonly size: number; readonly by: string; readonly at: string };
}

export interface RightCheckpoint {
  readonly size: number;
  /** In base64. */
  readonly root: string;
  /** When it was signed, by the host's clock; RFC 3339. */
  readonly at?: string;
}

/** Cosigned checkpoints are kept once more, behind newer ones: so many of the last are remembered. */
const REMEMBERED = 256;

/** Compares every checkpoint that the journal's folder keeps with the tree, as that grows. */
export class CheckpointCheck {
  readonly #keys: LogKeys;
  readonly #witnesses: readonly Verifier[];
  readonly #history: ReturnType<typeof historyOf>;
  /** Signatures are checked of the first checkpoint by each key and of the newest, and where a root is wrong. */
  readonly #quick: boolean;
  readonly #problems = new FirstOfKind();
  /** Roots of the sizes that were met last. */
  readonly #roots = new Map<number, Buffer>();
  readonly #counts: { -readonly [K in keyof CheckpointCounts]: CheckpointCounts[K] } = {
    kept: 0,
    right: 0,
    trusted: 0,
    cosignatures: 0,
  };
  /** The next line of the history. */
  #line: KeptCheckpoint | undefined;
  /** What stands in `checkpoint`, until it was compared. */
  #placed: KeptCheckpoint | undefined;
  /** The largest size in the history. */
  #longest = -1;
  /** The size of the last one that was right. */
  #held = 0;
  #lastTrusted: KeptCheckpoint | undefined;
  /** The key of the last one that was. */
  #signer: LogKey | undefined;

  constructor(
    standing: StandingCheckpoints,
    {
      keys,
      witnesses,
      quick,
    }: { readonly keys: LogKeys; readonly witnesses: readonly Verifier[]; readonly quick: boolean },
  ) {
    this.#keys = keys;
    this.#witnesses = witnesses;
    this.#quick = quick;
    this.#history = historyOf(standing);
    const placed = newestIn(standing);
    if (placed && 'fault' in placed) this.#report(null, 'checkpoint', placed.where, placed.fault);
    else this.#placed = placed;
    this.#advance();
  }

  /** The size at which it has to be told the root next. */
  next(): number {
    return Math.min(
      this.#line?.checkpoint.size ?? Number.POSITIVE_INFINITY,
      this.#placed?.checkpoint.size ?? Number.POSITIVE_INFINITY,
    );
  }

  /** The tree has come to that size. */
  meet(tree: Pinned): void {
    this.#roots.set(tree.size, tree.root);
    const [oldest] = this.#roots.keys();
    if (this.#roots.size > REMEMBERED && oldest !== undefined) this.#roots.delete(oldest);
    while (this.#line && this.#line.checkpoint.size <= tree.size) {
      this.#take(this.#line);
      this.#advance();
    }
    if (this.#placed?.checkpoint.size !== tree.size) return;
    const { checkpoint } = this.#placed;
    // The history holds it as well, and is counted.
    this.#holds(this.#placed);
    if (checkpoint.size > this.#longest) this.#notInHistory(this.#placed);
    this.#placed = undefined;
  }

  /**
   * @param size of the journal
   * @param broken where entries are missing, so that no tree could be made from there on
   */
  finish(
    size: number,
    broken: number | undefined,
  ): CheckpointCounts & { readonly problems: readonly Problem[] } {
    if (this.#lastTrusted && this.#isSigned(this.#lastTrusted)) this.#counts.trusted -= 1;
    const left = this.#placed ? [this.#placed] : [];
    for (; this.#line; this.#advance()) {
      this.#counts.kept += 1;
      left.push(this.#line);
      // Of a long history that is ahead of the log, the last says as much as all.
      if (left.length > REMEMBERED) left.shift();
    }
    for (const kept of left.toSorted((a, b) => b.checkpoint.size - a.checkpoint.size)) {
      const { where, checkpoint } = kept;
      if (!this.#isSigned(kept)) continue;
      if (checkpoint.size > size) this.#report(size, 'tail_cut', where, cutWords(checkpoint.size, size));
      else
        this.#report(
          broken ?? null,
          'checkpoint',
          where,
          `it is over ${checkpoint.size} entries, of which those from ${broken ?? 0} on are not all there`,
        );
    }
    return { ...this.#counts, problems: this.#problems.list() };
  }

  #advance(): void {
    for (;;) {
      const { value: kept } = this.#history.next();
      this.#line = undefined;
      if (!kept) return;
      if ('fault' in kept) {
        this.#counts.kept += 1;
        this.#report(null, 'checkpoint', kept.where, kept.fault);
        continue;
      }
      this.#longest = Math.max(this.#longest, kept.checkpoint.size);
      this.#line = kept;
      return;
    }
  }

  #take(kept: KeptCheckpoint): void {
    this.#counts.kept += 1;
    const key = this.#holds(kept);
    if (!key) return;
    const { checkpoint, at } = kept;
    this.#counts.right += 1;
    // A cosignature may come late: its line repeats a checkpoint of before.
    if (checkpoint.size >= this.#held) {
      this.#mustBeHandedOver(kept, key);
      this.#held = checkpoint.size;
    }
    if (checkpoint.size >= (this.#counts.newest?.size ?? 0))
      this.#counts.newest = {
        size: checkpoint.size,
        root: checkpoint.root.toString('base64'),
        ...(at === undefined ? {} : { at }),
      };
    this.#countWitnesses(kept);
  }

  /** @returns the key that signed it, if it is right */
  #holds(kept: KeptCheckpoint): LogKey | undefined {
    const { where, checkpoint } = kept;
    const { size, root } = checkpoint;
    const standing = this.#roots.get(size);
    const key = (standing?.equals(root) && this.#trusted(kept)) || this.#isSigned(kept);
    if (!key) return undefined;
    if (!standing) {
      this.#report(null, 'checkpoint', where, `it is over ${size} entries, and stands behind larger ones`);
      return undefined;
    }
    if (standing.equals(root)) return key;
    this.#report(
      this.#held,
      'checkpoint',
      where,
      `it was signed over ${size} entries under the root ${root.toString('base64')}, and the first ${size} that stand have ${standing.toString('base64')}: they were changed, from entry ${this.#held} on`,
    );
    return undefined;
  }

  /** @returns the key by which a checkpoint over the right tree claims to be, if that need not be checked */
  #trusted(kept: KeptCheckpoint): LogKey | undefined {
    const key = this.#signer;
    if (!this.#quick || kept === this.#placed || !key || this.#keys.after(kept.checkpoint.size) !== key)
      return undefined;
    const { name, id } = key.verifier;
    if (!kept.note.signatures.some((signature) => signature.name === name && signature.id === id))
      return undefined;
    this.#counts.trusted += 1;
    this.#lastTrusted = kept;
    return key;
  }

  #isSigned({ where, note, checkpoint }: KeptCheckpoint): LogKey | undefined {
    const { key, code, why } = signedByOf(note, checkpoint, this.#keys);
    if (key) return key;
    this.#report(null, code, where, why);
    return undefined;
  }

  /** A key takes over from the one before it with a checkpoint that both have signed. */
  #mustBeHandedOver({ where, note }: KeptCheckpoint, key: LogKey): void {
    const before = this.#signer;
    this.#signer = key;
    const previous = this.#keys.before(key);
    if (before === key || !previous) return;
    if (before === previous && checkNote(note, [previous.verifier]).right.length > 0) return;
    const why =
      before === previous
        ? 'the key before it has not signed it as well'
        : 'no checkpoint is by the key before it';
    this.#report(
      key.from,
      'log_key',
      where,
      `it is the first by the key that entry ${key.from} names, and ${why}: nobody who had that one agreed`,
    );
  }

  #countWitnesses({ where, note, checkpoint }: KeptCheckpoint): void {
    if (this.#witnesses.length === 0) return;
    const { right, wrong } = checkNote(note, this.#witnesses);
    for (const name of wrong) this.#report(null, 'cosignature', where, `the cosignature of ${name} is wrong`);
    this.#counts.cosignatures += right.length;
    const newest = right.toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0)).at(-1);
    if (!newest || checkpoint.size < (this.#counts.cosigned?.size ?? 0)) return;
    this.#counts.cosigned = {
      size: checkpoint.size,
      by: newest.verifier.name,
      at: new Date((newest.time ?? 0) * 1000).toISOString(),
    };
  }

  #notInHistory({ where }: KeptCheckpoint): void {
    this.#report(null, 'checkpoint', where, 'it is newer than every line of checkpoints.log, which was cut');
  }

  #report(seq: number | null, code: string, where: string, why: string): void {
    this.#problems.add(code, { seq, code, message: `${where}: ${why}.` });
  }
}

/** Of a checkpoint over more entries than there are. */
export function cutWords(signed: number, size: number): string {
  return `it was signed over ${signed} entries, and ${size} stand: ${signed - size} were cut off the end`;
}
