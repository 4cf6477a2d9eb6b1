import { join } from 'node:path';
import type { Entry } from '../../src/core/entry.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { openCatalogueFile } from '../../src/mcp/catalogue-file.ts';
import { createCatalogue, type Catalogue, type CatalogueOptions } from '../../src/mcp/catalogue.ts';
import type { ClientHello } from '../../src/mcp/client-side.ts';
import type { Offering } from '../../src/mcp/lane.ts';
import type { Listed, OfferView } from '../../src/mcp/offers.ts';
import { createPinning } from '../../src/mcp/pinning.ts';
import type { ServerConfig } from '../../src/mcp/servers.ts';
import { listed } from '../../src/mcp/tool-list.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { memoryJournal } from './memory-journal.ts';
import { fixtureServer } from './servers/fixture.ts';
import { tempDir } from './temp.ts';

export const serverNamed = (name: string, over: Partial<ServerConfig> = {}): ServerConfig => ({
  ...fixtureServer({}, { name, prefix: name }),
  ...over,
});

export const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  inputSchema: { type: 'object' },
  ...more,
});

/** A client that declares these capabilities. */
export const client = (capabilities: JsonObject = {}): ClientHello => ({
  protocolVersion: '2025-11-25',
  capabilities,
  clientInfo: { name: 'test', version: '1.0.0' },
});

export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a server that offers these would say. */
export function offering(
  server: Pick<ServerConfig, 'name' | 'identity'>,
  tools: readonly JsonObject[],
  lists: Partial<Listed> = {},
): Offering {
  return {
    hello: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: server.name, version: '1' },
    },
    tools: listed(server, tools),
    listed: { prompts: [], resources: [], templates: [], ...lists },
  };
}

type Answer = readonly JsonObject[] | Error | Promise<Offering> | Offering;

/** The names of the tools that a view offers. */
export const namesOf = (view: OfferView): readonly string[] => view.tools().map(({ name }) => name);

/** Catalogues over one journal and one cache file, and the answers of servers that a test sets. */
export function catalogueWorld(servers: readonly ServerConfig[]) {
  const path = join(tempDir(), 'catalogue.json');
  /** By server, or by server and what the client declares, as in `a {"roots":{}}`. */
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const clock = new FakeClock();
  const ledger = new Ledger();
  const journal = memoryJournal(
    {
      admit: (entries) => ledger.admit(entries),
      apply: (entry) => ledger.apply(entry),
      withdraw: () => ledger.withdraw(),
      version: (id) => ledger.version(id),
      save: () => ledger.save(),
      load: () => undefined,
    },
    clock,
  );

  const pinning = createPinning({
    append: (drafts) => journal.append(drafts),
    definitions: ledger.definitions,
  });

  const make = (over: Partial<CatalogueOptions> = {}): Catalogue =>
    createCatalogue({
      servers,
      async ask(server, { capabilities }) {
        asked.push(server.name);
        const answer =
          answers.get(`${server.name} ${JSON.stringify(capabilities)}`) ?? answers.get(server.name) ?? [];
        if (answer instanceof Error) throw answer;
        return Array.isArray(answer) ? offering(server, answer as JsonObject[]) : (answer as Offering);
      },
      hello: client(),
      cache: openCatalogueFile({ path, key: Buffer.alloc(32, 7), log }),
      pinning,
      clock,
      random: seededRandom(),
      log,
      ...over,
    });

  return {
    answers,
    asked,
    lines,
    clock,
    ledger,
    journal,
    path,
    make,

    /** A catalogue that has started, and what this client sees of it. */
    open: async (hello: ClientHello = client(), over: Partial<CatalogueOptions> = {}) => {
      const catalogue = make(over);
      await catalogue.start();
      const view = catalogue.viewFor(hello);
      await view.ready();
      return { catalogue, view };
    },

    /** What stands in the journal, such as `registered a read late`. */
    events: (): readonly string[] => journal.entries.map(words),
  };
}

function words(entry: Entry): string {
  if (!('tool' in entry) || !entry.type.startsWith('tool.')) return entry.type;
  const marks = ['late', 'beside'].filter((mark) => mark in entry);
  return [entry.type.replace(/^tool\.(definition_)?/, ''), entry.server, entry.tool, ...marks].join(' ');
}
