import type { z } from 'zod';
import { didYouMean } from './nearest.ts';
import type { Path, Problem, Source } from './positions.ts';

/** What a schema found wrong with the value at `base`, each mistake at its own place in the file. */
export function mistakes(source: Source, base: Path, error: z.ZodError): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    if (issue.code !== 'unrecognized_keys') return [source.problem(path, issue.message)];
    const known = issue.message.split(' ');
    return issue.keys.map((key) => {
      const hint = didYouMean(key, known) || ` (known here: ${known.join(', ')})`;
      return source.problemAtKey(
        [...path, key],
        `${JSON.stringify(key)} is not a key that this can have${hint}.`,
      );
    });
  });
}
