import type { Ctx } from './site-context.ts';

/** Whether a person asks, and not a program. */
export function wantsPage(c: Ctx): boolean {
  return c.req.header('accept')?.includes('text/html') ?? false;
}

/** The way from the page that is asked for up to the site's root. */
export function rootOf(c: Ctx): string {
  return '../'.repeat(Math.max(0, c.req.path.split('/').length - 2)) || './';
}
