import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { canonicalJson } from '../core/json.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Journal } from '../journal/journal.ts';
import { openCatalogueFile, type CatalogueCache } from '../mcp/catalogue-file.ts';
import { createCatalogue, type Catalogue, type DefinitionEvent } from '../mcp/catalogue.ts';
import { connectDownstream } from '../mcp/connect.ts';
import { controlFileBreach } from '../mcp/control-files.ts';
import { createFleet, type Fleet } from '../mcp/fleet.ts';
import { GUARDED_TOOLS, readServers, type ServerConfig } from '../mcp/servers.ts';
import { toolServerCommand } from '../toolkit/command.ts';

/** Everything behind Placet: the servers of mcp.json, that of the guarded tools, and those that clients wrap. */
export interface Downstreams {
  readonly servers: readonly ServerConfig[];
  readonly fleet: Fleet;
  readonly catalogue: Catalogue;
  /** The same server, told apart from others of its name by what it runs. */
  identify(server: ServerConfig): ServerConfig;
  /** A catalogue for the one server that a client wraps, asked over that client's session. */
  wrappedCatalogue(server: ServerConfig, session: string): Catalogue;
  close(): Promise<void>;
}

export interface DownstreamsOptions {
  readonly settings: Settings;
  /** Under which servers are told apart. */
  readonly identityKey: Uint8Array;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly software: string;
}

/**
 * Reads mcp.json and opens the catalogue.
 *
 * @throws ConfigError for a malformed mcp.json, a server that reaches control files, or a tool name twice
 */
export async function openDownstreams(options: DownstreamsOptions): Promise<Downstreams> {
  const { settings, identityKey, journal, ledger, clock, random, log, software } = options;
  const { workspace, data } = settings;
  const configured = readServers({
    file: join(workspace, 'mcp.json'),
    workspace,
    env: settings.variables,
  }).map((server) => identified(server, identityKey));
  for (const server of configured) mustKeepOut(server, settings);
  const servers = [...configured, ...guardedTools(workspace)];
  const cache = openCatalogueFile(join(data, 'catalogue.json'), log);
  const wrapped = new Map<string, Catalogue>();

  const fleet = createFleet({
    servers,
    connect: (server, onToolsChanged, signal) =>
      connectDownstream({ server, clock, log, software, onToolsChanged, signal }),
    onList: (server, list, session) => of(session).noticed(server, list),
    onFailed: (server, session) => of(session).refresh(server),
    clock,
    log,
  });
  const catalogue = catalogueOf(servers, cache, (server) => fleet.list(server.name));

  function of(session: string | undefined): Catalogue {
    return (session === undefined ? undefined : wrapped.get(session)) ?? catalogue;
  }

  function catalogueOf(
    of: readonly ServerConfig[],
    cache: CatalogueCache,
    ask: (server: ServerConfig) => ReturnType<Fleet['list']>,
  ): Catalogue {
    return createCatalogue({
      servers: of,
      ask,
      cache,
      known: (server, tool) => ledger.definitions.get(server, tool)?.current,
      onDefinition: (event) => {
        journal
          .append([draftOf(event)])
          .catch((error: unknown) =>
            log(
              `That ${event.server} ${event.tool} ${event.kind} could not be journalled: ${messageOf(error)}`,
            ),
          );
      },
      clock,
      random,
      log,
    });
  }

  try {
    await catalogue.start();
  } catch (error) {
    catalogue.close();
    await fleet.close();
    throw error;
  }
  // Its files may have changed while no host ran; what was kept of it answers until it has been asked.
  catalogue.refresh(GUARDED_TOOLS);
  return {
    servers,
    fleet,
    catalogue,
    identify: (server) => identified(server, identityKey),
    wrappedCatalogue(server, session) {
      const own = catalogueOf([server], cache, () => fleet.list(server.name, session));
      wrapped.set(session, own);
      return {
        ...own,
        close() {
          wrapped.delete(session);
          own.close();
        },
      };
    },
    async close() {
      catalogue.close();
      for (const each of wrapped.values()) each.close();
      await fleet.close();
    },
  };
}

/** The environment is left out: a client's differs from one start to the next. */
function identified(server: ServerConfig, key: Uint8Array): ServerConfig {
  const { transport } = server;
  const what =
    transport.kind === 'process' ? [transport.command, transport.args, transport.cwd] : [transport.url];
  const identity = createHmac('sha256', key).update(canonicalJson(what)).digest('hex');
  return { ...server, identity };
}

/** @throws ConfigError `control_files_reachable` (promise I4) */
export function mustKeepOut(server: ServerConfig, { workspace, data }: Settings): void {
  const breach = controlFileBreach({ workspace, data, server });
  if (breach !== undefined) throw new ConfigError('control_files_reachable', breach);
}

function guardedTools(workspace: string): readonly ServerConfig[] {
  const folder = join(workspace, 'tools');
  if (!existsSync(folder)) return [];
  const { command, args } = toolServerCommand(folder);
  return [
    {
      name: GUARDED_TOOLS,
      prefix: false,
      tags: {},
      transport: { kind: 'process', command, args, env: {}, cwd: workspace, cwdIsConfigured: false },
    },
  ];
}

function draftOf(event: DefinitionEvent): Parameters<Journal['append']>[0][number] {
  const { server, tool, definition_sha256, previous_sha256 } = event;
  return previous_sha256 === undefined
    ? { type: 'tool.registered', server, tool, definition_sha256 }
    : { type: 'tool.definition_changed', server, tool, definition_sha256, previous_sha256 };
}
