import { createHmac } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '../core/errors.ts';
import { canonicalJson, isJsonObject, type JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import type { KeptOffer } from './offer.ts';
import type { ServerConfig } from './servers.ts';
import { listed } from './tool-list.ts';

/** What servers offered when they were last asked, so that a start need not ask them all. */
export interface CatalogueCache {
  /** By profile, the one that was kept last comes last; none when this very configuration was never asked. */
  get(server: ServerConfig): ReadonlyMap<string, KeptOffer>;
  put(server: ServerConfig, offers: ReadonlyMap<string, KeptOffer>): void;
}

const object = z.custom<JsonObject>(isJsonObject, 'must be an object');
const objects = z.array(object);
const fileShape = z.object({
  v: z.literal(2),
  servers: z.array(
    z.object({
      server: z.string(),
      /** Keyed, so that nothing secret in the configuration can be guessed from it. */
      configuration: z.string(),
      offers: z.array(
        z.object({
          profile: z.string(),
          hello: z.object({
            protocolVersion: z.string(),
            capabilities: object,
            serverInfo: object,
            instructions: z.exactOptional(z.string()),
          }),
          tools: objects,
          prompts: objects,
          resources: objects,
          templates: objects,
        }),
      ),
    }),
  ),
});
type Kept = z.infer<typeof fileShape>['servers'][number];

/** Wrapped servers come and go with their clients; the oldest are forgotten. */
const MAX_SERVERS = 200;

/** The cache in a file. One that is missing or cannot be believed is an empty one. */
export function openCatalogueFile({
  path,
  key,
  log,
}: {
  readonly path: string;
  /** Under which configurations are told apart. */
  readonly key: Uint8Array;
  readonly log: Log;
}): CatalogueCache {
  const servers = new Map<string, Kept>();
  for (const kept of read(path, log)) servers.set(`${kept.server}\n${kept.configuration}`, kept);

  /**
   * What a client wraps is known by what runs: its environment, which the client brings along, differs from one start
   * to the next.
   */
  function configurationOf(server: ServerConfig): string {
    const { name, identity, prefix, tags, runs } = server;
    const what = runs === undefined ? server : { name, identity, prefix, tags };
    return createHmac('sha256', key)
      .update(`catalogue\n${canonicalJson(what)}`)
      .digest('hex');
  }

  return {
    get(server) {
      const kept = servers.get(`${server.name}\n${configurationOf(server)}`);
      return new Map(
        (kept?.offers ?? []).map(({ profile, tools, ...rest }) => [
          profile,
          { ...rest, tools: listed(server, tools).tools },
        ]),
      );
    },

    put(server, offers) {
      const configuration = configurationOf(server);
      // What mcp.json said before is of no more use; a client may wrap in turns what it wraps in several folders.
      for (const [at, kept] of servers) {
        if (
          kept.server === server.name &&
          (server.runs === undefined || kept.configuration === configuration)
        )
          servers.delete(at);
      }
      servers.set(`${server.name}\n${configuration}`, {
        server: server.name,
        configuration,
        offers: [...offers].map(([profile, { hello, tools, prompts, resources, templates }]) => ({
          profile,
          hello,
          tools: tools.map(({ definition }) => definition),
          prompts: [...prompts],
          resources: [...resources],
          templates: [...templates],
        })),
      });
      for (const at of [...servers.keys()].slice(0, -MAX_SERVERS)) servers.delete(at);
      write(path, { v: 2, servers: [...servers.values()] }, log);
    },
  };
}

function read(path: string, log: Log): readonly Kept[] {
  try {
    return fileShape.parse(JSON.parse(readFileSync(path, 'utf8'))).servers;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      const why = error instanceof z.ZodError ? 'it is of another version, or damaged' : messageOf(error);
      log(`${path} cannot be read, so all servers are asked what they offer again: ${why}.`);
    }
    return [];
  }
}

/** All or nothing, also when the power fails in between. A cache that cannot be written costs a question. */
function write(path: string, value: z.infer<typeof fileShape>, log: Log): void {
  const draft = `${path}.new`;
  try {
    writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
    const file = openSync(draft, 'r');
    fsyncSync(file);
    closeSync(file);
    renameSync(draft, path);
  } catch (error) {
    log(`${path} cannot be written: ${messageOf(error)}`);
  }
}
