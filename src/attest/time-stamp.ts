import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProofError } from '../core/errors.ts';
import { holderOf, leadsTo, mustStampTime, readAuthorities } from './certificates.ts';
import { openStamp } from './stamp-token.ts';

/** A stamp as it is kept: `SIZE.checkpoint` is the signed note that was stamped, `SIZE.tsr` the answer to it. */
export interface StoredStamp {
  /** Of the checkpoint. */
  readonly size: number;
  readonly note: Buffer;
  /** A TimeStampResp in DER. */
  readonly response: Buffer;
}

export interface TimeStampCheck {
  /** A TimeStampResp in DER (RFC 3161). */
  readonly response: Uint8Array;
  /** What was stamped. */
  readonly message: Uint8Array;
  /** Certificates in PEM; the authority's chain must end in one of them. */
  readonly ca?: string;
  /** That of the request, where it is still known. */
  readonly nonce?: Uint8Array;
}

export interface CheckedStamp {
  /** When the message was there, by the authority's clock. RFC 3339, UTC. */
  readonly time: string;
  /** The name in the authority's certificate, fit to be shown; a claim unless `trusted`. */
  readonly authority: string;
  /** Whether certificates were given, and the authority's chain ends in one of them. */
  readonly trusted: boolean;
}

/**
 * Checks that an authority stamped this message, and when. Whether a certificate was revoked is not asked.
 *
 * @throws ProofError `stamp_refused`, `bad_stamp`, `stamp_of_another_message`, `bad_authority`,
 *   `untrusted_authority`, `bad_certificates`
 */
export async function checkTimeStamp({
  response,
  message,
  ca,
  nonce,
}: TimeStampCheck): Promise<CheckedStamp> {
  const authorities = ca === undefined ? undefined : readAuthorities(ca);
  const { time, nonce: answered, signer, others } = await believed(() => openStamp(response, message));
  if (nonce && !answered?.equals(nonce))
    throw new ProofError('bad_stamp', 'The time stamp answers another request.');
  mustStampTime(signer, time);
  const authority = holderOf(signer);
  if (authorities && !leadsTo(signer, others, authorities, time))
    throw new ProofError(
      'untrusted_authority',
      `The time stamp is by ${authority}, for whom none of the certificates of PLACET_TSA_CA vouches.`,
    );
  return { time: time.toISOString(), authority, trusted: authorities !== undefined };
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

/** Whatever hostile bytes make the libraries throw becomes one sentence. */
async function believed<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ProofError) throw error;
    throw new ProofError('bad_stamp', 'The time stamp cannot be read, or was altered.', { cause: error });
  }
}
