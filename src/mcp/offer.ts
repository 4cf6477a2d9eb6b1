import { isJsonObject } from '../core/json.ts';
import type { OfferedTool } from '../guard/ports.ts';
import { fits } from './globs.ts';
import { GUARDED_TOOLS, type ServerConfig } from './servers.ts';
import type { ListedTool } from './tool-list.ts';

const OFFERED_NAME = /^[A-Za-z0-9_./-]{1,128}$/;
const RESERVED_PREFIX = 'placet_';

export interface Offer {
  readonly tools: readonly OfferedTool[];
  /** One sentence for each tool that was left out by its name. */
  readonly trouble: readonly string[];
  /** One sentence for each tool whose name another one has already. */
  readonly clashes: readonly string[];
}

/**
 * The tools of all servers under the names by which agents call them. Where two would share a name, the one that
 * was offered `before` keeps it, else the first.
 */
export function offer(
  lists: readonly { readonly server: ServerConfig; readonly tools: readonly ListedTool[] }[],
  before: readonly OfferedTool[],
): Offer {
  const holders = new Map(before.map((tool) => [tool.name, tool]));
  const offered = new Map<string, OfferedTool>();
  const trouble: string[] = [];
  const clashes: string[] = [];
  const candidates: OfferedTool[] = [];
  for (const { server, tools } of lists) {
    for (const tool of tools) {
      const candidate = offeredTool(server, tool);
      const fault = faultOf(candidate.name);
      if (fault === undefined) candidates.push(candidate);
      else
        trouble.push(
          `The tool ${JSON.stringify(tool.tool.slice(0, 128))} of the server ${server.name} is left out: ${fault}`,
        );
    }
  }
  const held = (tool: OfferedTool): boolean => holders.get(tool.name)?.server === tool.server;
  for (const tool of [...candidates.filter(held), ...candidates.filter((tool) => !held(tool))]) {
    const holder = offered.get(tool.name);
    if (!holder) offered.set(tool.name, tool);
    else clashes.push(clash(tool, holder));
  }
  return { tools: candidates.filter((tool) => offered.get(tool.name) === tool), trouble, clashes };
}

function offeredTool(server: ServerConfig, { tool, definition, definition_sha256 }: ListedTool): OfferedTool {
  const own = server.name === GUARDED_TOOLS && isJsonObject(definition._meta) ? definition._meta : {};
  const declared = own['placet/tags'];
  const tags = [
    ...Object.entries(server.tags).flatMap(([glob, tags]) => (fits(glob, tool) ? tags : [])),
    ...(Array.isArray(declared) ? declared.filter((tag) => typeof tag === 'string') : []),
  ];
  return {
    name: server.prefix === false ? tool : `${server.prefix}__${tool}`,
    server: server.name,
    tool,
    definition,
    definition_sha256,
    tags: [...new Set(tags)],
    summarises: own['placet/summary'] === true,
    ...(server.runs === undefined ? {} : { runs: server.runs }),
  };
}

function faultOf(name: string): string | undefined {
  if (!OFFERED_NAME.test(name)) {
    return 'a name is 1 to 128 letters, digits, _, ., / or -, its prefix included.';
  }
  return name.startsWith(RESERVED_PREFIX) ? "names that begin with placet_ are Placet's own." : undefined;
}

function clash(tool: OfferedTool, holder: OfferedTool): string {
  return `The name ${tool.name} would belong to a tool of ${holder.server} and to one of ${tool.server}; give one of these servers another "placet": {"prefix"} in mcp.json.`;
}
