import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { serve, type ServeOptions, type Serving } from '../web/serve.ts';

export interface Site extends Serving {
  /** The base of links. */
  readonly publicUrl: string;
  /** Until it is called, whoever comes is told to come back later. */
  mount(app: App): void;
}

type App = ServeOptions['app'];

/** A free port, once chosen, is kept for the workspace in this file, so that links go on working. */
const PORT_FILE = 'port';

/** Listens at the workspace's address, before anything else is started that a taken port would leave in vain. */
export async function openSite(options: {
  readonly settings: Settings;
  readonly clock: Clock;
}): Promise<Site> {
  const { settings, clock } = options;
  let mounted: App | undefined;
  const app: App = {
    fetch: (request, env) =>
      mounted?.fetch(request, env) ?? new Response(null, { status: 503, headers: { 'Retry-After': '5' } }),
  };
  const serving = await serveAtKeptPort(settings, (port) => serve({ app, host: settings.host, port, clock }));
  return {
    ...serving,
    publicUrl: settings.publicUrl ?? `http://localhost:${serving.port}`,
    mount(app) {
      mounted = app;
    },
  };
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
