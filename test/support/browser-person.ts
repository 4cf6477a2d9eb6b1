import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Invitation, Outside } from './outside.ts';
import { watchPage, type PageWatch } from './page-watch.ts';
import { addAuthenticator, type BrowserAuthenticator } from './webauthn-browser.ts';

/** Somebody with a browser and a device that holds their keys. */
export interface BrowserPerson {
  readonly page: Page;
  readonly device: BrowserAuthenticator;
  readonly watch: PageWatch;
  /** Opens a path of the site. @returns the HTTP status */
  open(path: string): Promise<number>;
  /** Presses a button or follows a link, and waits for the page that answers. @returns its HTTP status */
  press(name: string): Promise<number>;
  /** Enters the code of an invitation and makes the key. */
  enrol(invitation: Pick<Invitation, 'path' | 'code'>, keyName: string): Promise<void>;
  signIn(): Promise<void>;
  close(): Promise<void>;
}

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 800 };

export async function browserPerson(
  browser: Browser,
  site: Pick<Outside, 'origin'>,
  options: BrowserContextOptions = { viewport: PHONE },
): Promise<BrowserPerson> {
  const context = await browser.newContext({ baseURL: site.origin, ...options });
  // So that a story that went wrong early still tells how, within the time of its file.
  context.setDefaultTimeout(45_000);
  const page = await context.newPage();
  const watch = await watchPage(page);
  const device = await addAuthenticator(page);

  const person: BrowserPerson = {
    page,
    device,
    watch,
    async open(path) {
      // A page of the console may just be loading itself again, more than once.
      for (let left = 5; ; left -= 1) {
        try {
          return (await page.goto(path))?.status() ?? 0;
        } catch (error) {
          if (left === 0 || !/interrupted by another navigation|ERR_ABORTED/.test(String(error))) throw error;
          await page.waitForLoadState().catch(() => undefined);
        }
      }
    },
    async press(name) {
      const control = page
        .getByRole('button', { name, exact: true })
        .or(page.getByRole('link', { name, exact: true }));
      const [answer] = await Promise.all([
        page.waitForResponse(
          (response) => response.request().isNavigationRequest() && !isRedirect(response.status()),
        ),
        control.click(),
      ]);
      await page.waitForLoadState();
      return answer.status();
    },
    async enrol({ path, code }, keyName) {
      await person.open(path);
      await page.getByLabel('Code').fill(code);
      await page.getByLabel('A name for this passkey').fill(keyName);
      await person.press('Continue');
      await person.press('Make the passkey');
      await page.getByRole('heading', { name: 'Done' }).waitFor();
    },
    async signIn() {
      await person.open('/sign-in');
      await person.press('Sign in with a passkey');
      await page.waitForURL('**/console');
    },
    close: () => context.close(),
  };
  return person;
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** What pages complained of, without the browser's own word on answers that a test asked for on purpose. */
export function complaintsOf({ complaints, violations }: PageWatch): readonly string[] {
  const refusals = /^Failed to load resource: the server responded with a status of 4\d\d /;
  return [...violations, ...complaints.filter((line) => !refusals.test(line))];
}
