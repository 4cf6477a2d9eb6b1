import type { Page } from 'playwright-core';

/** What a page said while nobody looked. */
export interface PageWatch {
  /** Warnings and errors of the console, and errors that nothing caught. */
  readonly complaints: readonly string[];
  /** Breaches of the content security policy: the directive, what was blocked, and where. */
  readonly violations: readonly string[];
}

/** Runs in the page before its own scripts; as text, because tests know nothing of a page's globals. */
const LISTEN = `addEventListener('securitypolicyviolation', (event) => {
  const where = event.sourceFile ? ' in ' + event.sourceFile + ':' + event.lineNumber : '';
  placetTestViolation(event.effectiveDirective + ' blocked ' + event.blockedURI + where);
});`;

/** Listens from the page's next navigation on. */
export async function watchPage(page: Page): Promise<PageWatch> {
  const complaints: string[] = [];
  const violations: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.exposeFunction('placetTestViolation', (line: string) => violations.push(line));
  await page.addInitScript(LISTEN);
  return { complaints, violations };
}
