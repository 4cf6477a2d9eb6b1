import { ProofError } from '../core/errors.ts';
import { holderOf, leadsTo, mustStampTime, readAuthorities } from './certificates.ts';
import { openStamp } from './stamp-token.ts';

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

/** Whatever hostile bytes make the libraries throw becomes one sentence. */
async function believed<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ProofError) throw error;
    throw new ProofError('bad_stamp', 'The time stamp cannot be read, or was altered.', { cause: error });
  }
}
