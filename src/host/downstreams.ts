import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { canonicalJson } from '../core/json.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { DefinitionStore } from '../guard/ports.ts';
import { openDefinitionFiles } from '../journal/definition-files.ts';
import type { Journal } from '../journal/journal.ts';
import { openCatalogueFile } from '../mcp/catalogue-file.ts';
import { createCatalogue, type Catalogue } from '../mcp/catalogue.ts';
import type { ClientHello } from '../mcp/client-side.ts';
import { connectDownstream } from '../mcp/connect.ts';
import { controlFileBreach } from '../mcp/control-files.ts';
import { createFleet, type Fleet } from '../mcp/fleet.ts';
import type { CatalogueView } from '../mcp/offers.ts';
import { createPinning } from '../mcp/pinning.ts';
import { GUARDED_TOOLS, readServers, type ServerConfig } from '../mcp/servers.ts';
import { toolServerCommand } from '../toolkit/command.ts';
import { safeEnvironment } from '../environment.ts';
import { createSignIns } from './sign-ins.ts';

/** Everything behind Placet: the servers of mcp.json, that of the guarded tools, and those that clients wrap. */
export interface Downstreams {
  readonly servers: readonly ServerConfig[];
  readonly fleet: Fleet;
  readonly catalogue: Catalogue;
  /** The same server, told apart from others of its name by what it runs. */
  identify(server: ServerConfig): ServerConfig;
  /** A catalogue for the one server that a client wraps, asked over that client's session. */
  wrappedCatalogue(server: ServerConfig, session: string): WrappedCatalogue;
  /** The texts of the definitions that are pinned. */
  readonly definitions: DefinitionStore;
  close(): Promise<void>;
}

export interface WrappedCatalogue extends CatalogueView {
  close(): void;
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

/** What the host says of itself where it connects for no client. */
const REVISION = '2025-11-25';

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
  const hello: ClientHello = {
    protocolVersion: REVISION,
    capabilities: {},
    clientInfo: { name: 'placet', version: software },
  };
  const texts = openDefinitionFiles({ dir: join(data, 'definitions'), log });
  const needed = new Set(digestsIn(ledger.definitions, ledger.requests()));
  void texts.prune((digest) => needed.has(digest));
  const cache = openCatalogueFile({ path: join(data, 'catalogue.json'), key: identityKey, log });
  const pinning = createPinning({
    append: (drafts) => journal.append(drafts),
    definitions: ledger.definitions,
  });
  const signIns = createSignIns({ data, clock });
  const wrapped = new Map<string, Catalogue>();

  const environment = safeEnvironment();
  const fleet = createFleet({
    servers,
    connect: (server, client, onChanged, signal) =>
      connectDownstream({
        server,
        environment,
        client,
        clock,
        log,
        onChanged,
        signal,
        ...signIns.at(server),
      }),
    onList: (server, client, offering, session) => of(session).noticed(server, client, offering),
    onFailed: (server, session) => of(session).refresh(server),
    hello,
    clock,
    log,
  });
  const catalogue = catalogueOf(servers, (server, client) => fleet.list(server.name, client));

  function of(session: string | undefined): Catalogue {
    return (session === undefined ? undefined : wrapped.get(session)) ?? catalogue;
  }

  function catalogueOf(
    of: readonly ServerConfig[],
    ask: (server: ServerConfig, client: ClientHello) => ReturnType<Fleet['list']>,
  ): Catalogue {
    return createCatalogue({
      servers: of,
      ask,
      hello,
      cache,
      pinning,
      onList({ identity }, { tools }) {
        void texts.keep(
          tools.tools.map((tool) => ({ ...tool, ...(identity === undefined ? {} : { identity }) })),
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
      const own = catalogueOf([server], (each, client) => fleet.list(each.name, client, session));
      wrapped.set(session, own);
      return {
        viewFor: (client) => own.viewFor(client),
        close() {
          wrapped.delete(session);
          own.close();
        },
      };
    },
    definitions: texts,
    async close() {
      catalogue.close();
      for (const each of wrapped.values()) each.close();
      await fleet.close();
      await texts.settled();
    },
  };
}

/** Of every definition that people may want to see yet. */
function* digestsIn(
  definitions: Ledger['definitions'],
  requests: Iterable<{ readonly definition_sha256: string }>,
): Iterable<string> {
  for (const { current, accepted, changed } of definitions.all()) yield* [current, ...accepted, ...changed];
  for (const { definition_sha256 } of requests) yield definition_sha256;
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
