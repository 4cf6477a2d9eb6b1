import { timestamp, type Clock } from '../../src/core/clock.ts';
import type { SignedCheckpoint } from '../../src/journal/checkpoints.ts';
import type { TreeView } from '../../src/journal/journal.ts';
import { checkpointText, type Checkpoint } from '../../src/tlog/checkpoint.ts';
import { consistencyProof, leafHash } from '../../src/tlog/merkle.ts';
import { formatNote, makeSignerKey, parseNote, parseSigner, type Signer } from '../../src/tlog/note.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { subtreesOf } from '../../src/tlog/tile.ts';
import { formatSubmission } from '../../src/tlog/submission.ts';
import { tileOf } from './signed-log.ts';

export const LOG = 'localhost/placet-0123456789ab';

/** The key of a log: another seed, another key of the same name. */
export function logKey(seed = 1, origin = LOG): Signer {
  return parseSigner(makeSignerKey('signature', origin, Buffer.alloc(32, seed)));
}

/**
 * A log in memory that grows and signs when the test says so. Two with other `words` are forks of each other.
 *
 * @param words the entries, by their number
 */
export function fakeCheckpoints(
  clock: Clock,
  options: {
    readonly signers?: readonly Signer[];
    readonly words?: (index: number) => string;
    readonly origin?: string;
  } = {},
) {
  const { signers = [logKey()], words = (index: number) => `entry ${index}`, origin = LOG } = options;
  const lines: Buffer[] = [];
  const frontier = new Frontier();
  const listeners = new Set<(checkpoint: SignedCheckpoint) => void>();
  const signed: SignedCheckpoint[] = [];
  const world: { broken?: Error } = {};

  const grow = (size: number): void => {
    while (lines.length < size) {
      const line = Buffer.from(words(lines.length));
      lines.push(line);
      frontier.append(leafHash(line));
    }
  };
  const tree: Pick<TreeView, 'pinned' | 'tile'> = {
    pinned: () => frontier.pinned(),
    tile: (tile) => Promise.resolve(tileOf(lines, tile)),
  };
  const proof = (old: number, size: number) => consistencyProof(old, size, subtreesOf(size, tree.tile));

  return {
    tree,
    signed,
    world,
    signers,
    /** Grows to that size and signs it. */
    sign(size: number): SignedCheckpoint {
      grow(size);
      const pinned = frontier.pinned();
      const text = checkpointText({ origin, ...pinned });
      const seconds = Math.floor(clock.now() / 1000);
      const note = formatNote(
        text,
        signers.map((signer) => signer.sign(text, seconds)),
      );
      const checkpoint: SignedCheckpoint = { origin, ...pinned, note, at: timestamp(clock) };
      signed.push(checkpoint);
      for (const listener of listeners) listener(checkpoint);
      return checkpoint;
    },
    /** The body of a request to `add-checkpoint`. */
    async submission(old: number, checkpoint: SignedCheckpoint): Promise<string> {
      return formatSubmission({ old, proof: await proof(old, checkpoint.size), checkpoint: checkpoint.note });
    },
    newest: () => signed.at(-1),
    subscribe(listener: (checkpoint: SignedCheckpoint) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    addCosignatures({ size }: Checkpoint, added: readonly string[]): Promise<void> {
      if (world.broken) return Promise.reject(world.broken);
      const at = signed.findIndex((each) => each.size === size);
      const found = signed[at];
      if (!found) return Promise.reject(new Error(`no checkpoint of size ${size}`));
      const { text, signatures } = parseNote(found.note);
      signed[at] = { ...found, note: formatNote(text, [...signatures.map(({ line }) => line), ...added]) };
      return Promise.resolve();
    },
  };
}

export type FakeCheckpoints = ReturnType<typeof fakeCheckpoints>;
