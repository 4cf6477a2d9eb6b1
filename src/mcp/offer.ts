import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { OfferedTool } from '../guard/ports.ts';
import { fits } from './globs.ts';
import type { Listed, ServerOffer } from './offers.ts';
import type { ServerHello } from './server-side.ts';
import { GUARDED_TOOLS, type ServerConfig } from './servers.ts';
import type { ListedTool } from './tool-list.ts';

/** All that one server offers one kind of client, as it came. */
export interface KeptOffer extends Listed {
  readonly hello: ServerHello;
  readonly tools: readonly ListedTool[];
}

/** Names of which each belongs to one server, however many offer it. */
export type NameKind = 'tools' | keyof Listed;
export const NAME_KINDS: readonly NameKind[] = ['tools', 'prompts', 'resources', 'templates'];
export type Names = Readonly<Record<NameKind, ReadonlySet<string>>>;
/** The server to which each name belongs. */
export type Owners = Readonly<Record<NameKind, ReadonlyMap<string, string>>>;

/** A name that belongs to the server `holder`, and that `other` offers too. */
export interface Clash {
  readonly kind: NameKind;
  readonly name: string;
  readonly holder: string;
  readonly other: string;
}

const OFFERED_NAME = /^[A-Za-z0-9_./-]{1,128}$/;
const RESERVED_PREFIX = 'placet_';
/** What names an entry of a list. */
const KEYS: Readonly<Record<keyof Listed, string>> = {
  prompts: 'name',
  resources: 'uri',
  templates: 'uriTemplate',
};
export const NO_OWNERS: Owners = {
  tools: new Map(),
  prompts: new Map(),
  resources: new Map(),
  templates: new Map(),
};

/** Under which names the server offers things, by what stands in any of these. */
export function namesIn(server: ServerConfig, offers: readonly KeptOffer[]): Names {
  const of = (kind: keyof Listed): ReadonlySet<string> =>
    new Set(offers.flatMap((offer) => offer[kind].flatMap((entry) => nameOf(server, kind, entry) ?? [])));
  const tools = offers.flatMap((offer) => offer.tools.map(({ tool }) => prefixed(server, tool)));
  return {
    tools: new Set(tools.filter((name) => faultOf(name) === undefined)),
    prompts: of('prompts'),
    resources: of('resources'),
    templates: of('templates'),
  };
}

/** Where several servers offer a name, it belongs to the one that held it `before`, else to the first of them. */
export function ownersOf(
  servers: readonly { readonly name: string; readonly names: Names }[],
  before: Owners,
): { readonly owners: Owners; readonly clashes: readonly Clash[] } {
  const clashes: Clash[] = [];
  const of = (kind: NameKind): ReadonlyMap<string, string> => {
    const owners = new Map<string, string>();
    for (const { name: server, names } of servers) {
      for (const name of names[kind]) if (before[kind].get(name) === server) owners.set(name, server);
    }
    for (const { name: server, names } of servers) {
      for (const name of names[kind]) {
        const holder = owners.get(name);
        if (holder === undefined) owners.set(name, server);
        else if (holder !== server) clashes.push({ kind, name, holder, other: server });
      }
    }
    return owners;
  };
  return {
    owners: {
      tools: of('tools'),
      prompts: of('prompts'),
      resources: of('resources'),
      templates: of('templates'),
    },
    clashes,
  };
}

/** What of a server's offer is its own, under the names by which agents call it. */
export function ownOffer(
  server: ServerConfig,
  offer: KeptOffer,
  owners: Owners,
): { readonly tools: readonly OfferedTool[]; readonly listed: Listed } {
  const own = (kind: keyof Listed): readonly JsonObject[] =>
    offer[kind].filter((entry) => {
      const name = nameOf(server, kind, entry);
      return name !== undefined && owners[kind].get(name) === server.name;
    });
  return {
    tools: offer.tools.flatMap((tool) =>
      owners.tools.get(prefixed(server, tool.tool)) === server.name ? offeredTool(server, tool) : [],
    ),
    listed: { prompts: own('prompts'), resources: own('resources'), templates: own('templates') },
  };
}

/** A server of which nothing is offered now; `hello` is what it said last. */
export function emptyOffer({ name, prefix }: ServerConfig, hello: ServerHello | undefined): ServerOffer {
  return { server: name, prefix, ...(hello ? { hello } : {}), prompts: [], resources: [], templates: [] };
}

/** One sentence for each tool that is left out because of its name. */
export function misnamed(server: ServerConfig, tools: readonly ListedTool[]): readonly string[] {
  return tools.flatMap(({ tool }) => {
    const fault = faultOf(prefixed(server, tool));
    return fault === undefined
      ? []
      : [`The tool ${JSON.stringify(tool.slice(0, 128))} of the server ${server.name} is left out: ${fault}`];
  });
}

/** Of the configuration, and of guarded tools what their author says. */
export function tagsOf(
  server: ServerConfig,
  tool: string,
  definition: JsonObject | undefined,
): readonly string[] {
  const declared = ownMeta(server, definition)['placet/tags'];
  return [
    ...new Set([
      ...Object.entries(server.tags).flatMap(([glob, tags]) => (fits(glob, tool) ? tags : [])),
      ...(Array.isArray(declared) ? declared.filter((tag) => typeof tag === 'string') : []),
    ]),
  ];
}

export function clashWords({ kind, name, holder, other }: Clash): string {
  if (kind === 'tools') {
    return `The name ${name} would belong to a tool of ${holder} and to one of ${other}; give one of these servers another "placet": {"prefix"} in mcp.json.`;
  }
  const shown = JSON.stringify(name.slice(0, 200));
  return kind === 'prompts'
    ? `The prompt ${shown} is offered by ${holder} and by ${other}; that of ${other} is left out. Give one of these servers another "placet": {"prefix"} in mcp.json.`
    : `The ${kind === 'resources' ? 'resource' : 'resource template'} ${shown} is offered by ${holder} and by ${other}; it is ${holder}'s.`;
}

function offeredTool(server: ServerConfig, { tool, definition, definition_sha256 }: ListedTool): OfferedTool {
  return {
    name: prefixed(server, tool),
    server: server.name,
    tool,
    definition,
    definition_sha256,
    tags: tagsOf(server, tool, definition),
    summarises: ownMeta(server, definition)['placet/summary'] === true,
    ...(server.runs === undefined ? {} : { runs: server.runs }),
  };
}

/** The guarded tools alone are believed about themselves. */
function ownMeta(server: ServerConfig, definition: JsonObject | undefined): JsonObject {
  return server.name === GUARDED_TOOLS && isJsonObject(definition?._meta) ? definition._meta : {};
}

function nameOf(server: ServerConfig, kind: keyof Listed, entry: JsonObject): string | undefined {
  const name = entry[KEYS[kind]];
  if (typeof name !== 'string') return undefined;
  return kind === 'prompts' ? prefixed(server, name) : name;
}

function prefixed({ prefix }: ServerConfig, name: string): string {
  return prefix === false ? name : `${prefix}__${name}`;
}

function faultOf(name: string): string | undefined {
  if (!OFFERED_NAME.test(name)) {
    return 'a name is 1 to 128 letters, digits, _, ., / or -, its prefix included.';
  }
  return name.startsWith(RESERVED_PREFIX) ? "names that begin with placet_ are Placet's own." : undefined;
}
