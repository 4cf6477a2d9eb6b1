import type { Matcher } from '../core/policy.ts';

/**
 * Compiles a glob: `*` stands for any run of characters, `?` for exactly one. It is case-sensitive, covers the
 * whole string, and has no escapes. It takes at most (pattern × value) steps, so no value can make it hang.
 */
export function compileGlob(pattern: string): Matcher {
  if (!/[*?]/.test(pattern)) return (value) => value === pattern;
  const wanted = Array.from(pattern);
  return (value) => matchesGlob(wanted, Array.from(value));
}

/** Whether a value matches at least one of the globs. */
export function compileGlobs(patterns: readonly string[]): Matcher {
  const matchers = patterns.map(compileGlob);
  return (value) => matchers.some((matcher) => matcher(value));
}

/** Greedy, going back only to the last `*`: what an earlier one took never has to be given back. */
function matchesGlob(pattern: readonly string[], value: readonly string[]): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < value.length; ) {
    if (pattern[at] === '*') {
      star = at;
      resume = i;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === value[i])) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      i = resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
