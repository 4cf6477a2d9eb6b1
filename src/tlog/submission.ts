import { ProofError } from '../core/errors.ts';
import type { Hash } from './merkle.ts';
import { parseHashes } from './proof.ts';

/** What a log hands to a witness (C2SP tlog-witness, add-checkpoint). */
export interface Submission {
  /** The size that the witness last cosigned; 0 when it never did. */
  readonly old: number;
  readonly proof: readonly Hash[];
  /** A signed note. */
  readonly checkpoint: string;
}

export function formatSubmission({ old, proof, checkpoint }: Submission): string {
  return [`old ${old}`, ...proof.map((hash) => hash.toString('base64')), '', checkpoint].join('\n');
}

/** @throws ProofError `bad_submission` */
export function parseSubmission(text: string): Submission {
  const end = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, Math.max(0, end)).split('\n');
  const old = /^old (0|[1-9]\d{0,15})$/.exec(first)?.[1];
  if (end < 0 || old === undefined || !Number.isSafeInteger(Number(old)))
    throw new ProofError(
      'bad_submission',
      'The first line must be “old” and a size, and an empty line must stand before the checkpoint.',
    );
  return { old: Number(old), proof: parseHashes(lines, 'bad_submission'), checkpoint: text.slice(end + 2) };
}
