import type { EntryOf } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { decodeLine } from '../journal/line.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { checkNote, parseVerifier, type SignedNote, type Verifier } from '../tlog/note.ts';
import type { LineBatch } from './line-batches.ts';

/** A key under which the log is signed from an entry on, until the next one. */
export interface LogKey {
  readonly verifier: Verifier;
  /** The sequence number and the time (RFC 3339) of the entry that names it. */
  readonly from: number;
  readonly since: string;
}

/** The same as plain data. */
export interface NamedKey {
  /** The verifier key. */
  readonly key: string;
  readonly from: number;
  readonly since: string;
}

/** Who signs the log, by the `log.key` entries in it. */
export class LogKeys {
  readonly #keys: LogKey[] = [];

  static of(named: readonly NamedKey[]): LogKeys {
    const keys = new LogKeys();
    for (const { key, from, since } of named) keys.#keys.push({ verifier: parseVerifier(key), from, since });
    return keys;
  }

  get all(): readonly LogKey[] {
    return this.#keys;
  }

  /** @returns what is wrong with it, as the rest of a sentence; it is no key of the log then */
  take({
    seq,
    key,
    previous,
    time,
  }: Pick<EntryOf<'log.key'>, 'seq' | 'key' | 'previous' | 'time'>): string | undefined {
    const before = this.#keys.at(-1);
    if (previous !== before?.verifier.vkey)
      return before
        ? `it does not follow the key ${before.verifier.vkey} that is in force`
        : 'it follows a key that the journal does not name';
    let verifier: Verifier;
    try {
      verifier = parseVerifier(key);
    } catch (error) {
      return `its key cannot be used: ${messageOf(error).replace(/\.$/, '')}`;
    }
    if (verifier.kind !== 'signature') return 'its key is that of a witness';
    if (before && before.verifier.name !== verifier.name)
      return `its key is of another log, ${verifier.name}, than ${before.verifier.name}`;
    this.#keys.push({ verifier, from: seq, since: time });
    return undefined;
  }

  /** The key that has to sign the first `size` entries: the last that they name. */
  after(size: number): LogKey | undefined {
    return this.#keys.findLast(({ from }) => from < size);
  }

  /** The one that it takes the place of. */
  before(key: LogKey): LogKey | undefined {
    return this.#keys[this.#keys.indexOf(key) - 1];
  }
}

/** As it stands in a line of `log.key`. In a text of an entry, quotes have a backslash before them. */
const NEEDLE = Buffer.from('"type":"log.key"');

/** The entries of a batch that name a key, each with which of its lines it is. */
export function keyEntriesIn({
  bytes,
  ends,
}: LineBatch): readonly { readonly line: number; readonly entry: EntryOf<'log.key'> }[] {
  const within = bytes.subarray(0, ends.at(-1));
  const found = [];
  let line = 0;
  for (let at = within.indexOf(NEEDLE); at >= 0; at = within.indexOf(NEEDLE, (ends[line] ?? 0) + 1)) {
    while ((ends[line] ?? 0) < at) line += 1;
    const begin = line === 0 ? 1 : (ends[line - 1] ?? 0) + 1;
    const { entry } = decodeLine(bytes.subarray(begin, ends[line]));
    if (entry?.type === 'log.key') found.push({ line, entry });
  }
  return found;
}

/** The key in force that signed a checkpoint, or why it is not signed by that one. */
export function signedByOf(
  note: SignedNote,
  { origin, size }: Checkpoint,
  keys: LogKeys,
):
  | { readonly key: LogKey; readonly code?: never; readonly why?: never }
  | { readonly key?: never; readonly code: string; readonly why: string } {
  const key = keys.after(size);
  if (!key)
    return {
      code: 'checkpoint_key',
      why: `no key stands in force among the ${size} entries that it is over`,
    };
  if (origin !== key.verifier.name)
    return {
      code: 'checkpoint_key',
      why: `it is of the log ${origin}, and this one is ${key.verifier.name}`,
    };
  const { right, wrong } = checkNote(note, [key.verifier]);
  if (right.length > 0) return { key };
  if (wrong.length > 0)
    return {
      code: 'checkpoint_signature',
      why: `its signature is not by the key ${key.verifier.vkey}: it, or what it was made over, was changed`,
    };
  const other = keys.all.find(({ verifier }) => checkNote(note, [verifier]).right.length > 0);
  if (other)
    return {
      code: 'checkpoint_key',
      why: `it is over ${size} entries and signed by the key of entry ${other.from}, where that of entry ${key.from} is in force`,
    };
  const ids = note.signatures.filter(({ name }) => name === origin).map(({ id }) => id);
  return {
    code: 'checkpoint_key',
    why: `it is signed by a key that the journal does not name (${ids.join(', ') || 'none of this log'}), and not by ${key.verifier.vkey}`,
  };
}
