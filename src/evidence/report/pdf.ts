import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where systems keep Chromium, and browsers that are made of it. */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const LIMIT_MS = 120_000;

/** It has no page of its own to show, finds no host by name, and sends what names an address to a closed port. */
const SWITCHES = [
  '--headless',
  '--disable-gpu',
  '--no-first-run',
  '--disable-extensions',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--proxy-server=http://127.0.0.1:9',
  '--no-pdf-header-footer',
];

/**
 * Carries out a program, and ends its whole group once the pipe on the standard input ends: whoever holds the other end
 * may be killed without a chance to end anything itself.
 */
const TIED = 'exec 4<&0; { cat <&4; kill -KILL 0; } >/dev/null & "$@" </dev/null 4<&- & wait "$!"';
/** What a shell answers where it cannot start a program. */
const NOT_STARTED: ReadonlySet<number | null> = new Set([126, 127]);

export interface PrintOptions {
  /** Where a Chromium is looked for; the usual places unless given. */
  readonly places?: readonly string[];
  readonly limitMs?: number;
}

/** The PDF, or in a sentence why there is none. */
export type Printed = { readonly pdf: Buffer } | { readonly none: string };

/**
 * Prints a page that stands alone by a headless Chromium, in a profile of its own that is gone afterwards. The page
 * forbids scripts itself: without them Chromium's own printing does not run.
 */
export async function printPdf(page: string, options: PrintOptions = {}): Promise<Printed> {
  const program = (options.places ?? PLACES).find((place) => existsSync(place));
  if (program === undefined) return { none: 'no PDF: no Chromium found; open report.html' };
  const dir = await mkdtemp(join(tmpdir(), 'placet-pdf-'));
  try {
    const from = join(dir, 'report.html');
    const to = join(dir, 'report.pdf');
    await writeFile(from, page, { mode: 0o600 });
    const trouble = await run(program, dir, [`--print-to-pdf=${to}`, pathToFileURL(from).href], options);
    if (trouble !== undefined) return { none: `no PDF: ${trouble}; open report.html` };
    const pdf = await readFile(to).catch(() => Buffer.alloc(0));
    const whole = pdf.subarray(0, 5).toString('latin1') === '%PDF-' && pdf.subarray(-32).includes('%%EOF');
    return whole ? { pdf } : { none: 'no PDF: Chromium made none; open report.html' };
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Nothing once it has ended well. What it started is ended with it, and all of it with this process. */
function run(
  program: string,
  home: string,
  args: readonly string[],
  { limitMs = LIMIT_MS }: PrintOptions,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Its own sandbox does not start for root.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const profile = `--user-data-dir=${join(home, 'profile')}`;
    const child = spawn('/bin/sh', ['-c', TIED, 'sh', program, ...SWITCHES, ...asRoot, profile, ...args], {
      // Nothing of what this process knows: no keys, no settings. It makes a socket below TMPDIR, whose path is limited
      // to about 100 bytes: a relative one is short wherever this is.
      env: { HOME: home, TMPDIR: '.', PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', TZ: 'UTC' },
      cwd: home,
      // Whoever reads what this process tells sees the end of it only once all of this has ended, too.
      stdio: ['pipe', 'ignore', 'ignore', 2],
      detached: true,
    });
    let late = false;
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // They have all ended.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      end();
    }, limitMs);
    const settle = (trouble: string | undefined) => {
      clearTimeout(timer);
      end();
      resolve(trouble);
    };
    child.once('error', () => settle('Chromium could not be started'));
    child.once('exit', (code) => {
      if (NOT_STARTED.has(code)) settle('Chromium could not be started');
      else if (late) settle(`Chromium had not ended after ${Math.round(limitMs / 1000)} s`);
      else settle(code === 0 ? undefined : `Chromium ended with ${code ?? 'a signal'}`);
    });
  });
}
