import type { Clock } from '../core/clock.ts';
import type { Seals } from '../reviewers/seal.ts';

const PURPOSE = 'return';
const RETURN_MS = 60 * 60 * 1000;
const PATH_MAX = 1000;

/**
 * Where somebody goes after signing in, as a path from the site's root. It travels sealed, so that nobody can make
 * a link that signs people in and leads them elsewhere.
 */
export interface ReturnPaths {
  /** @param path such as `console/me`; one that is none of the console's is left out */
  seal(path: string): string | undefined;
  /** The path, or that of the console's first page. */
  open(sealed: string | undefined): string;
}

export const FIRST_PAGE = 'console';

export function createReturnPaths(seals: Seals, clock: Clock): ReturnPaths {
  return {
    seal: (path) => (isConsolePath(path) ? seals.seal(PURPOSE, path, clock.now() + RETURN_MS) : undefined),
    open(sealed) {
      if (sealed === undefined || sealed.length > 4 * PATH_MAX) return FIRST_PAGE;
      const path = seals.open(PURPOSE, sealed);
      return typeof path === 'string' && isConsolePath(path) ? path : FIRST_PAGE;
    },
  };
}

/** Whether a path from the root is one of the console's, however it is read. */
export function isConsolePath(path: string): boolean {
  if (path.length > PATH_MAX || !/^console(?:[/?]|$)/.test(path) || /[\\\s]/.test(path)) return false;
  const base = 'http://placet.invalid/';
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined;
  return url !== undefined && url.href.startsWith(`${base}console`);
}
