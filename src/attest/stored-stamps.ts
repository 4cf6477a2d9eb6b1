import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProofError } from '../core/errors.ts';

/** A stamp as it is kept: `SIZE.checkpoint` is the signed note that was stamped, `SIZE.tsr` the answer to it. */
export interface StoredStamp {
  /** Of the checkpoint. */
  readonly size: number;
  readonly note: Buffer;
  /** A TimeStampResp in DER. */
  readonly response: Buffer;
}

/**
 * The stamps in a folder such as `data/journal/stamps`, one at a time, smallest checkpoint first; none when there is
 * no folder.
 *
 * @throws ProofError `stamp_alone`
 */
export async function* readStamps(dir: string): AsyncGenerator<StoredStamp> {
  for (const size of await stampedSizes(dir)) yield await readStamp(dir, size);
}

/** The newest of them. @throws ProofError `stamp_alone` */
export async function newestStamp(dir: string): Promise<StoredStamp | undefined> {
  const size = (await stampedSizes(dir)).at(-1);
  return size === undefined ? undefined : readStamp(dir, size);
}

async function readStamp(dir: string, size: number): Promise<StoredStamp> {
  const response = await readFile(join(dir, `${size}.tsr`));
  try {
    return { size, note: await readFile(join(dir, `${size}.checkpoint`)), response };
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ProofError(
      'stamp_alone',
      `${size}.tsr is a time stamp, and ${size}.checkpoint, which was stamped, is missing.`,
      { cause: error },
    );
  }
}

/** In order. */
async function stampedSizes(dir: string): Promise<readonly number[]> {
  let names: readonly string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const sizes = names.flatMap((name) => /^(0|[1-9]\d{0,15})\.tsr$/.exec(name)?.[1] ?? []);
  return sizes.map(Number).sort((a, b) => a - b);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
