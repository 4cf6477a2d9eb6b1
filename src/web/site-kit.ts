import type { Ctx } from './site-context.ts';

/** Below this, programs are spoken to. */
const API = '/api/';

/** Whether it goes to the API, whoever asks. */
export function isOfApi(c: Ctx): boolean {
  return c.req.path.startsWith(API);
}

/** Whether a person asks, and not a program. */
export function wantsPage(c: Ctx): boolean {
  return !isOfApi(c) && (c.req.header('accept')?.includes('text/html') ?? false);
}

/** The way from the page that is asked for up to the site's root. */
export function rootOf(c: Ctx): string {
  return '../'.repeat(Math.max(0, c.req.path.split('/').length - 2)) || './';
}
