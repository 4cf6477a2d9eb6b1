import { posix } from 'node:path';

/**
 * Whether `path` is `folder` or lies below it, both absolute POSIX paths. `.`, `..` and repeated slashes are
 * resolved in the text; the disk is not asked, so symbolic links are not followed. Letter case counts.
 *
 * @throws Error for anything that could be read differently elsewhere: a value that is not text, a relative
 * path, a backslash or a NUL.
 */
export function isWithin(path: unknown, folder: unknown): boolean {
  const inner = resolved(path);
  const outer = resolved(folder);
  return inner === outer || inner.startsWith(outer === '/' ? '/' : `${outer}/`);
}

function resolved(path: unknown): string {
  if (typeof path !== 'string') throw new Error('path.within needs text on both sides');
  if (/[\\\0]/.test(path)) throw new Error('path.within takes no path with a backslash or a NUL in it');
  if (!path.startsWith('/')) throw new Error('path.within takes absolute paths only, which begin with /');
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
