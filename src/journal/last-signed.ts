import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError, ProofError } from '../core/errors.ts';
import { openCheckpoint, type OpenedCheckpoint } from '../tlog/checkpoint.ts';
import type { Verifier } from '../tlog/note.ts';
import { NEWEST_NAME, readHistoryTail, type KeptNote } from './checkpoint-history.ts';
import type { SignedCheckpoint } from './checkpoints.ts';
import { logKeyLost, readLogKeys } from './log-key.ts';

export interface LastSignedOptions {
  /** The journal's folder, such as `data/journal`. */
  readonly dir: string;
  /** The folder of the keys, such as `data/keys`. */
  readonly keysDir: string;
}

/**
 * The checkpoint of the largest size that this log signed, which the journal must still hold; nothing when there is
 * none. To be read before the journal is opened.
 *
 * @throws JournalError `log_key_lost` when there are checkpoints and none is by the log's key; `key_unusable`;
 *   `checkpoint_contradicted`
 */
export async function readLastSigned({
  dir,
  keysDir,
}: LastSignedOptions): Promise<SignedCheckpoint | undefined> {
  const { current, next } = await readLogKeys(keysDir);
  const verifiers = [current, next].flatMap((key) => key?.verifier ?? []);
  const [tail, placed] = await Promise.all([readHistoryTail(dir), readPlaced(dir)]);
  const found = [...(tail?.notes ?? []), ...placed]
    .flatMap((kept) => opened(kept, verifiers))
    .sort((a, b) => b.size - a.size || b.signatures - a.signatures);
  const last = found.find(({ signed }) => signed());
  if (!last) {
    if (found.length === 0) return undefined;
    throw logKeyLost(
      keysDir,
      current ? 'is not the one that signed the checkpoints of the journal' : 'is gone',
    );
  }
  if (found.some(({ size, root, signed }) => size === last.size && !root.equals(last.root) && signed()))
    throw new JournalError(
      'checkpoint_contradicted',
      `Two different checkpoints of ${last.size} entries stand in ${dir}, both signed by the log's key. Ask who had the key; \`placet log verify\` says more.`,
    );
  const { origin, size, root, note, at } = last;
  return { origin, size, root, note, at };
}

interface Candidate extends SignedCheckpoint {
  readonly signatures: number;
  readonly signed: () => boolean;
}

/** Signatures are checked only of those that are looked at. */
function opened({ at, note }: KeptNote, verifiers: readonly Verifier[]): readonly Candidate[] {
  const read = (keys: readonly Verifier[]): OpenedCheckpoint => openCheckpoint(note, keys);
  try {
    const { checkpoint, note: parsed } = read([]);
    const own = verifiers.filter(({ name }) => name === checkpoint.origin);
    return [
      {
        ...checkpoint,
        note,
        at,
        signatures: parsed.signatures.length,
        signed: () => read(own).right.length > 0,
      },
    ];
  } catch (error) {
    if (error instanceof ProofError) return [];
    throw error;
  }
}

async function readPlaced(dir: string): Promise<readonly KeptNote[]> {
  const path = join(dir, NEWEST_NAME);
  try {
    const [note, { mtime }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return [{ at: mtime.toISOString(), note }];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
