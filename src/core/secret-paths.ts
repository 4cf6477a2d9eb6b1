import { isJsonObject, type Json } from './json.ts';
import type { SecretTree } from './secret-tree.ts';

/** One step of a path that a rule names. */
export type SecretStep =
  /** A member, by its name in lower case: letter case does not count, as it does not in the names of headers. */
  | { readonly name: string }
  /** Every item of a list. */
  | { readonly items: true }
  /** Every member, or every item. */
  | { readonly every: true };

/** A place in the arguments or in the result of a call, as a rule names it. */
export interface SecretPath {
  /** As it was written. */
  readonly text: string;
  readonly of: 'args' | 'result';
  readonly steps: readonly SecretStep[];
}

const STEP = /^(?:\.(\*)|\.([A-Za-z_$][\w$-]*)|(\[\])|\["((?:[^"\\\p{Cc}]|\\["\\])+)"\])/u;

/**
 * Reads a path such as `args.headers.authorization`, `args.items[].token`, `args.env.*`, `args["odd name"]` or
 * `result.structuredContent.key`.
 *
 * @returns nothing when it is no such path
 */
export function readSecretPath(text: string): SecretPath | undefined {
  const of = (['args', 'result'] as const).find((each) => text === each || /^[.[]/.test(rest(text, each)));
  if (of === undefined) return undefined;
  const steps: SecretStep[] = [];
  for (let left = rest(text, of); left !== ''; ) {
    const found = STEP.exec(left);
    if (!found) return undefined;
    const [whole, every, plain, items, quoted] = found;
    const name = plain ?? quoted?.replaceAll(/\\(["\\])/g, '$1');
    if (name !== undefined) steps.push({ name: name.toLowerCase() });
    else if (every !== undefined) steps.push({ every: true });
    else if (items !== undefined) steps.push({ items: true });
    left = left.slice(whole.length);
  }
  return steps.length === 0 ? undefined : { text, of, steps };
}

function rest(text: string, of: string): string {
  return text.startsWith(of) ? text.slice(of.length) : '';
}

/** Marks what stands at the path. */
export function markPath(value: Json, steps: readonly SecretStep[], into: Pick<SecretTree, 'mark'>): void {
  walk(value, steps, [], into);
}

function walk(
  value: Json,
  steps: readonly SecretStep[],
  path: readonly string[],
  into: Pick<SecretTree, 'mark'>,
): void {
  const [step, ...more] = steps;
  if (step === undefined) return into.mark(path, 'marked by a rule');
  if (Array.isArray(value)) {
    if ('name' in step) return;
    value.forEach((item: Json, index) => walk(item, more, [...path, String(index)], into));
  } else if (isJsonObject(value) && !('items' in step)) {
    for (const [name, member] of Object.entries(value)) {
      if ('every' in step || name.toLowerCase() === step.name) walk(member, more, [...path, name], into);
    }
  }
}
