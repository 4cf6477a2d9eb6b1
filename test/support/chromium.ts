import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where a Chromium may be; first the one without windows, which opens a page in a third of the time. */
export const CHROMIUM_PLACES: readonly string[] = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** A headless Chromium that asks nobody for anything. @throws Error that says how to install one */
export async function launchChromium(): Promise<Browser> {
  const path = process.env['CHROME_PATH'] ?? CHROMIUM_PLACES.find((place) => existsSync(place));
  if (path === undefined || !existsSync(path)) {
    throw new Error(
      'The browser tests need Chromium: run `apt-get install chromium-headless-shell`, or set CHROME_PATH to the program.',
    );
  }
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
