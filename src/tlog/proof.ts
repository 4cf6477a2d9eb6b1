import { ProofError } from '../core/errors.ts';
import { HASH_BYTES, type Hash } from './merkle.ts';
import { base64 } from './note.ts';

/** That an entry stands in a log, to be checked offline (C2SP tlog-proof). */
export interface LogProof {
  /** The entry's own bytes, so that the proof stands alone. */
  readonly extra?: Buffer;
  readonly index: number;
  /** From the leaf's sibling up. */
  readonly hashes: readonly Hash[];
  /** A signed note. */
  readonly checkpoint: string;
}

const HEAD = 'c2sp.org/tlog-proof@v1';
const HASHES_MAX = 63;

export function formatProof({ extra, index, hashes, checkpoint }: LogProof): string {
  return [
    HEAD,
    ...(extra === undefined ? [] : [`extra ${extra.toString('base64')}`]),
    `index ${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
    '',
    checkpoint,
  ].join('\n');
}

/** @throws ProofError `bad_proof` */
export function parseProof(text: string): LogProof {
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, Math.max(0, end)).split('\n');
  if (lines.shift() !== HEAD) throw badProof('it does not begin as one');
  const encoded = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const extra = encoded === undefined ? undefined : base64(encoded);
  if (encoded !== undefined && !extra) throw badProof('what is extra is not in base64');
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw badProof('it names no entry');
  const hashes = parseHashes(lines, 'bad_proof');
  return {
    ...(extra === undefined ? {} : { extra }),
    index: Number(index),
    hashes,
    checkpoint: text.slice(end + 2),
  };
}

/** @throws ProofError with that code */
export function parseHashes(lines: readonly string[], code: string): readonly Hash[] {
  const hashes = lines.flatMap((line) => base64(line) ?? []);
  if (
    hashes.length === lines.length &&
    lines.length <= HASHES_MAX &&
    hashes.every(({ length }) => length === HASH_BYTES)
  )
    return hashes;
  throw new ProofError(code, 'The lines of a proof are not hashes in base64, or are more than 63.');
}

function badProof(why: string): ProofError {
  return new ProofError('bad_proof', `This is no proof of an entry: ${why}.`);
}
