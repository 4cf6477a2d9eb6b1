import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { digestOf } from '../core/digest.ts';
import { messageOf } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import type { ServerConfig } from './servers.ts';
import { listed, type ListedTool } from './tool-list.ts';

/** What servers listed when they were last asked, so that a start need not ask them all. */
export interface CatalogueCache {
  /** Nothing when this server was never asked with this very configuration. */
  get(server: ServerConfig): readonly ListedTool[] | undefined;
  put(server: ServerConfig, tools: readonly ListedTool[]): void;
}

const fileShape = z.object({
  v: z.literal(1),
  servers: z.array(
    z.object({
      server: z.string(),
      /** SHA-256 over the configuration, so that nothing secret in it stands here. */
      config_sha256: z.string(),
      definitions: z.array(z.custom<JsonObject>()),
    }),
  ),
});
type Kept = z.infer<typeof fileShape>['servers'][number];

/** Wrapped servers come and go with their clients; the oldest are forgotten. */
const MAX_SERVERS = 200;

/** The cache in a file. One that is missing or cannot be believed is an empty one. */
export function openCatalogueFile(path: string, log: Log): CatalogueCache {
  const servers = new Map<string, Kept>();
  for (const kept of read(path, log)) servers.set(kept.server, kept);

  return {
    get(server) {
      const kept = servers.get(server.name);
      if (kept?.config_sha256 !== digestOf(server)) return undefined;
      return listed(server, kept.definitions).tools;
    },
    put(server, tools) {
      servers.delete(server.name);
      servers.set(server.name, {
        server: server.name,
        config_sha256: digestOf(server),
        definitions: tools.map((tool) => tool.definition),
      });
      for (const name of [...servers.keys()].slice(0, -MAX_SERVERS)) servers.delete(name);
      write(path, { v: 1, servers: [...servers.values()] }, log);
    },
  };
}

function read(path: string, log: Log): readonly Kept[] {
  try {
    return fileShape.parse(JSON.parse(readFileSync(path, 'utf8'))).servers;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log(
        `${path} cannot be read, so all servers are asked for their tools again: ${messageOf(error).split('\n', 1)[0]}`,
      );
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
