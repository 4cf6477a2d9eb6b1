import { createHash } from 'node:crypto';
import type { EntryOf } from './entry.ts';
import { TransitionError } from './errors.ts';
import type { Exception } from './evidence.ts';
import type { Identities } from './identities.ts';
import { canonicalJson } from './json.ts';

/** A person's word that they looked at a period's exceptions, as its entry has it. `at`: RFC 3339, UTC. */
export type EvidenceReview = Pick<
  EntryOf<'evidence.reviewed'>,
  'seq' | 'from' | 'to' | 'size' | 'exceptions' | 'exceptions_sha256' | 'reviewer' | 'reason'
> & { readonly at: string };

/**
 * SHA-256, in hexadecimal, over the exceptions in their order, each in canonical JSON (RFC 8785) and ended by a line
 * feed: whoever finds the same exceptions finds the same digest.
 */
export function exceptionsDigest(exceptions: Iterable<Exception>): string {
  const digest = new ExceptionsDigest();
  for (const exception of exceptions) digest.take(exception);
  return digest.end();
}

/** `exceptionsDigest` of exceptions as they come. */
export class ExceptionsDigest {
  readonly #hash = createHash('sha256');

  take(exception: Exception): void {
    this.#hash.update(`${canonicalJson(exception)}\n`);
  }

  /** Once, after the last. */
  end(): string {
    return this.#hash.digest('hex');
  }
}

/** All reviews of evidence: a fold over the journal. It grows with what people sign by hand. */
export class EvidenceReviews {
  #reviews: EvidenceReview[] = [];

  /** Newest first. */
  all(): readonly EvidenceReview[] {
    return this.#reviews.toReversed();
  }

  /**
   * @throws TransitionError `review_period`, `review_size`, and those of a receipt
   */
  apply(entry: EntryOf<'evidence.reviewed'>, identities: Pick<Identities, 'proven'>): void {
    const { seq, time: at, from, to, size, exceptions, exceptions_sha256, reviewer, reason } = entry;
    if (Date.parse(from) >= Date.parse(to))
      throw new TransitionError(
        'review_period',
        'A review is of a period, whose end comes after its beginning.',
      );
    if (size > seq)
      throw new TransitionError('review_size', `Nobody had ${size} entries before them at entry ${seq}.`);
    identities.proven(reviewer, entry.receipt, at);
    this.#reviews.push({
      seq,
      at,
      from,
      to,
      size,
      exceptions,
      exceptions_sha256,
      reviewer,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  save(): readonly EvidenceReview[] {
    return [...this.#reviews];
  }

  load(reviews: readonly EvidenceReview[]): void {
    this.#reviews = [...reviews];
  }
}
