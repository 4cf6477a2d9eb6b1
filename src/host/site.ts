import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Reviews } from '../guard/ports.ts';
import { serve, type Serving } from '../web/serve.ts';
import { createReviewSite } from '../web/site.ts';

export interface Site extends Serving {
  /** The base of links. */
  readonly publicUrl: string;
}

/** A free port, once chosen, is kept for the workspace in this file, so that links go on working. */
const PORT_FILE = 'port';

/** Opens the reviewers' site at the workspace's address. */
export async function openSite(options: {
  readonly settings: Settings;
  readonly reviews: Reviews;
  readonly antiForgeryKey: Uint8Array;
  readonly health: () => { readonly ready: boolean; readonly reason?: string };
  readonly clock: Clock;
  readonly log: Log;
}): Promise<Site> {
  const { settings, clock, log } = options;
  let site: ReturnType<typeof createReviewSite> | undefined;
  const app = {
    fetch: (request: Request, env: object): Response | Promise<Response> =>
      site?.fetch(request, env) ?? new Response(null, { status: 503 }),
  };
  const serving = await serveAtKeptPort(settings, (port) => serve({ app, host: settings.host, port, clock }));
  const publicUrl = settings.publicUrl ?? `http://localhost:${serving.port}`;
  site = createReviewSite({ ...options, publicUrl, log });
  return { ...serving, publicUrl };
}

async function serveAtKeptPort(
  settings: Settings,
  serveAt: (port: number) => Promise<Serving>,
): Promise<Serving> {
  if (settings.port !== 0) return serveAt(settings.port);
  const file = join(settings.data, PORT_FILE);
  const kept = readKept(file);
  if (kept !== undefined) {
    try {
      return await serveAt(kept);
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code !== 'port_in_use') throw error;
      throw new ConfigError(
        'port_in_use',
        `The port ${kept}, to which the links of this workspace lead, is used by another program: end that one, or set PLACET_PORT; links that were sent before then no longer work.`,
        { cause: error },
      );
    }
  }
  const serving = await serveAt(0);
  writeFileSync(file, `${serving.port}\n`, { mode: 0o600 });
  return serving;
}

function readKept(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
