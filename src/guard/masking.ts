import { isJsonObject, type JsonObject } from '../core/json.ts';
import { secretPaths, type Facts, type Policy } from '../core/policy.ts';
import type { Secret } from '../core/secret.ts';
import { maskSecrets, maskWords, textsOf } from '../core/secret-mask.ts';
import { markPath, type SecretPath } from '../core/secret-paths.ts';
import { mayHoldSecret } from '../core/secret-scan.ts';
import { markBySchema, marksSecrets } from '../core/secret-schema.ts';
import { SecretTree } from '../core/secret-tree.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { Outcome } from './contents.ts';
import type { GuardContext } from './context.ts';

/** What of a call is kept, and what was taken out of it. */
export interface Hidden {
  /** The arguments with marks in the place of secrets; the very arguments where there is none. */
  readonly args: Verbatim;
  readonly secrets: readonly Secret[];
  /** The places in its result that rules call secret. */
  readonly paths: readonly SecretPath[];
}

/** By what the secrets of a result are known. */
export interface ResultSecrets {
  /** Those of the arguments: results like to repeat them. */
  readonly secrets: readonly Secret[];
  readonly paths: readonly SecretPath[];
  readonly outputSchema: unknown;
}

/** Takes secrets out of what is kept. */
export interface Masking {
  args(
    args: Verbatim,
    facts: Facts,
    of: { readonly policy: Policy; readonly definition: JsonObject },
  ): Hidden;
  /** The outcome as it is kept: the very one where nothing in it is secret. */
  outcome(outcome: Outcome, by: ResultSecrets): Outcome;
}

const SALT_BYTES = 32;

export function createMasking({ random }: Pick<GuardContext, 'random'>): Masking {
  /** By the schema itself: to look through a large one takes a while, and it is the same for every call. */
  const marking = new WeakMap<object, boolean>();
  const salt = (): Uint8Array => random(SALT_BYTES);

  function isMarking(schema: unknown): schema is JsonObject {
    if (!isJsonObject(schema)) return false;
    const known = marking.get(schema) ?? marksSecrets(schema);
    marking.set(schema, known);
    return known;
  }

  return {
    args(args, facts, { policy, definition }) {
      const paths = secretPaths(facts, policy);
      const tree = new SecretTree();
      if (isMarking(definition['inputSchema'])) markBySchema(definition['inputSchema'], args.value, tree);
      for (const { of, steps } of paths) if (of === 'args') markPath(args.value, steps, tree);
      const result = paths.filter(({ of }) => of === 'result');
      if (tree.isEmpty && !mayHoldSecret(args.text)) return { args, secrets: [], paths: result };
      const { value, secrets } = maskSecrets(args.value, { tree, known: [], salt });
      return { args: value === args.value ? args : Verbatim.of(value), secrets, paths: result };
    },

    outcome(outcome, { secrets, paths, outputSchema }) {
      const known = textsOf(secrets);
      const tree = new SecretTree();
      if (!('result' in outcome)) {
        const error = outcome.error as unknown as JsonObject;
        return { error: maskSecrets(error, { tree, known, salt }).value as unknown as typeof outcome.error };
      }
      const { value, text } = outcome.result;
      const { structuredContent } = value;
      if (structuredContent !== undefined && isMarking(outputSchema)) {
        markBySchema(outputSchema, structuredContent, {
          mark: (path, kind) => tree.mark(['structuredContent', ...path], kind),
        });
      }
      for (const { steps } of paths) markPath(value, steps, tree);
      if (tree.isEmpty && known.length === 0 && !mayHoldSecret(text)) return outcome;
      const masked = maskSecrets(value, { tree, known, salt }).value;
      return masked === value ? outcome : { result: Verbatim.of(masked) };
    },
  };
}

/** A sentence about a call that may quote its secrets, without them. */
export function withoutSecrets(words: string, secrets: readonly Secret[] = []): string {
  return secrets.length === 0 && !mayHoldSecret(Buffer.from(words))
    ? words
    : maskWords(words, textsOf(secrets));
}
