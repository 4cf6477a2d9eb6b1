import { digestOf } from '../core/digest.ts';
import { DownstreamError, messageOf } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { ServerConfig } from './servers.ts';

/** A tool as its downstream defines it now. */
export interface ListedTool {
  /** Its own name at its downstream. */
  readonly tool: string;
  /** Exactly as it was given. */
  readonly definition: JsonObject;
  /** SHA-256 over the canonical JSON of `definition`, with the identity of its server where it has one. */
  readonly definition_sha256: string;
}

export interface ToolList {
  readonly tools: readonly ListedTool[];
  /** One sentence for each entry that was left out. */
  readonly trouble: readonly string[];
}

type ToolsOf = Pick<ServerConfig, 'name' | 'identity'>;

const MAX_PAGES = 100;
const MAX_TOOLS = 2000;

/**
 * All pages of `tools/list`. Entries without a legal definition are left out, as are later ones of a name.
 *
 * @throws DownstreamError `downstream_garbage` when it is no list, or one without end
 */
export async function readToolList(
  server: ToolsOf,
  page: (cursor: string | undefined) => Promise<JsonObject>,
): Promise<ToolList> {
  const definitions: unknown[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { tools, nextCursor } = await page(cursor);
    if (!Array.isArray(tools)) throw garbage(server.name, 'answered tools/list without a list of tools');
    if (definitions.length + tools.length > MAX_TOOLS) break;
    definitions.push(...(tools as readonly unknown[]));
    if (typeof nextCursor !== 'string') return listed(server, definitions);
    cursor = nextCursor;
  }
  throw garbage(server.name, `lists more than ${MAX_TOOLS} tools or ${MAX_PAGES} pages of them`);
}

/** What of a list of definitions is legal. */
export function listed({ name: server, identity }: ToolsOf, definitions: readonly unknown[]): ToolList {
  const tools = new Map<string, ListedTool>();
  const trouble: string[] = [];
  const digest = (definition: JsonObject): string =>
    digestOf(identity === undefined ? definition : [definition, identity]);
  for (const definition of definitions) {
    if (
      !isJsonObject(definition) ||
      !isJsonObject(definition.inputSchema) ||
      typeof definition.name !== 'string'
    ) {
      trouble.push(`The server ${server} lists a tool without a name and an inputSchema; it is left out.`);
      continue;
    }
    const tool = definition.name;
    if (tools.has(tool)) {
      trouble.push(
        `The server ${server} lists ${JSON.stringify(tool.slice(0, 128))} twice; the second is left out.`,
      );
      continue;
    }
    try {
      tools.set(tool, { tool, definition, definition_sha256: digest(definition) });
    } catch (error) {
      trouble.push(`A tool of the server ${server} is left out: ${messageOf(error)}`);
    }
  }
  return { tools: [...tools.values()], trouble };
}

function garbage(server: string, what: string): DownstreamError {
  return new DownstreamError('downstream_garbage', `The server ${server} ${what}.`);
}
