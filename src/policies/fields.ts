import { z } from 'zod';
import { formatDuration, LONGEST_MS, parseDuration } from './duration.ts';

/** What the schemas of policy files are made of. */

/** How people, groups, agents and rules may be called. */
export const ID = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

export const ID_HINT =
  'may hold only letters, digits and . _ @ -, begins with a letter or digit, and has at most 64 characters';

export const DAY_MS = 86_400_000;

/**
 * An object with these keys and no others. The message of an unknown key's issue is the list of the known ones,
 * for `mistakes.ts` to make a sentence of.
 */
export function closed<T extends z.ZodRawShape>(name: string, shape: T) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? Object.keys(shape).join(' ')
        : said(name, `a mapping with the keys ${Object.keys(shape).join(', ')}`).error(issue),
  });
}

/** The sentence for a value that is missing or of the wrong type. */
export function said(name: string, what: string) {
  return {
    error: (issue: { readonly input?: unknown }) =>
      issue.input === undefined || issue.input === null
        ? `${name} is missing; it must be ${what}.`
        : `${name} must be ${what}.`,
  };
}

export function id(name: string, example: string) {
  return z
    .string(said(name, `text such as ${example} (put a number in quotes)`))
    .regex(ID, `${name} ${ID_HINT}.`);
}

export function text(name: string, what: string, longest: number) {
  return z
    .string(said(name, what))
    .refine((value) => value.trim() !== '' && value.length <= longest && !/\p{Cc}/u.test(value), {
      error: `${name} must be 1 to ${longest} characters on one line.`,
    });
}

/** One or many: a single value stands for a list of one. */
export function listOf(value: unknown): unknown {
  return value === undefined || Array.isArray(value) ? value : [value];
}

interface Bounds {
  readonly example: string;
  /** In milliseconds; a second unless said. */
  readonly least?: number;
  /** In milliseconds; the longest that there is unless said. */
  readonly most?: number;
}

export function duration(name: string, { example, least = 1000, most = LONGEST_MS }: Bounds) {
  const from = least > 0 ? `at least ${formatDuration(least)} and ` : '';
  const message = `${name} must be a duration such as ${example} (s, m, h or d), ${from}at most ${formatDuration(most)}.`;
  return z.string({ error: message }).transform((value, context) => {
    const ms = parseDuration(value);
    if (ms !== undefined && ms >= least && ms <= most) return ms;
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  });
}
