import { isJsonObject, type Json } from './json.ts';
import { partsOfMarked, type SecretMark } from './secret-marks.ts';
import { isCommitted, type Secret } from './secret.ts';

/**
 * The value again as it was.
 *
 * @returns nothing where a secret is missing, or is not what its mark commits to
 */
export function unmaskSecrets(value: Json, secrets: readonly Secret[]): Json | undefined {
  const known = new Map(secrets.filter(isCommitted).map((each) => [each.commit, each.value]));
  let lost = false;

  /** Nothing where it is lost. */
  function takenOut(part: string | SecretMark): Json | undefined {
    const found = typeof part === 'string' ? part : known.get(part.commit);
    if (found === undefined) lost = true;
    return found;
  }

  /** A name, or a text of several parts, of which each is a text. */
  function joined(parts: readonly (string | SecretMark)[]): string {
    return parts
      .map((part) => {
        const found = takenOut(part);
        if (typeof found === 'string') return found;
        lost = true;
        return '';
      })
      .join('');
  }

  function text(whole: string): Json {
    const parts = partsOfMarked(whole);
    if (!parts) return whole;
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? (takenOut(only) ?? null) : joined(parts);
  }

  function walk(each: Json): Json {
    if (typeof each === 'string') return text(each);
    if (Array.isArray(each)) return (each as readonly Json[]).map(walk);
    if (!isJsonObject(each)) return each;
    return Object.fromEntries(
      Object.entries(each).map(
        ([name, member]) => [joined(partsOfMarked(name) ?? [name]), walk(member)] as const,
      ),
    );
  }

  const whole = walk(value);
  return lost ? undefined : whole;
}
