import { ProofError } from '../core/errors.ts';
import { checkNote, formatNote, parseNote, parseSignature, type Verifier } from '../tlog/note.ts';

/** A cosignature that was checked. */
export interface Cosignature {
  readonly line: string;
  /** When the witness says that it was made: seconds since the epoch. */
  readonly time: number;
}

/**
 * The witness's own line among those that it answered; those of keys that nobody configured are passed over.
 *
 * @param note the signed note that was submitted
 * @throws ProofError `bad_cosignature`: a sentence without a subject
 */
export function cosignatureIn(answer: string, note: string, witness: Verifier): Cosignature {
  const lines = answer.endsWith('\n') ? answer.slice(0, -1).split('\n') : [];
  const own = lines.flatMap((line) => {
    const { name, id } = signatureIn(line);
    return name === witness.name && id === witness.id ? [line] : [];
  });
  if (own.length === 0) throw bad('answered without a cosignature by the key that is configured');
  const { right, wrong } = checkNote(parseNote(formatNote(parseNote(note).text, own)), [witness]);
  const [first] = right;
  if (!first || wrong.length > 0) throw bad('answered with a cosignature that is wrong');
  if (first.time === undefined || first.time === 0) throw bad('answered with a cosignature that has no time');
  return { line: first.line, time: first.time };
}

function signatureIn(line: string): { readonly name: string; readonly id: string } {
  try {
    return parseSignature(line);
  } catch (error) {
    throw new ProofError('bad_cosignature', 'answered with something that is no cosignature', {
      cause: error,
    });
  }
}

function bad(message: string): ProofError {
  return new ProofError('bad_cosignature', message);
}
