import { scanDefinition } from '../core/definition-scan.ts';
import { revealedLine } from '../core/reveal.ts';
import type { ServerConfig } from './servers.ts';
import type { ListedTool } from './tool-list.ts';

/** What tools hide in their definitions, in words; each definition is read once. */
export interface HiddenTexts {
  /** One sentence for each tool that hides something. */
  sentences(server: ServerConfig, tools: readonly ListedTool[]): readonly string[];
}

const MAX_REMEMBERED = 10_000;
const MOST_PLACES = 3;

export function createHiddenTexts(): HiddenTexts {
  const found = new Map<string, string | undefined>();

  function sentence(server: ServerConfig, { tool, definition }: ListedTool): string | undefined {
    const hidden = scanDefinition(definition);
    if (hidden.length === 0) return undefined;
    const places = hidden.slice(0, MOST_PLACES).map(({ path, signs }) => `${path}: ${signs.join(', ')}`);
    const more = hidden.length > MOST_PLACES ? `; and in ${hidden.length - MOST_PLACES} more places` : '';
    return `The tool ${revealedLine(tool.slice(0, 128))} of the server ${server.name} has characters that cannot be seen or pass for others (${places.join('; ')}${more}). Look at its definition before you let agents call it.`;
  }

  return {
    sentences(server, tools) {
      return tools.flatMap((tool) => {
        const key = `${server.name}\n${tool.definition_sha256}`;
        if (!found.has(key)) {
          if (found.size >= MAX_REMEMBERED) found.clear();
          found.set(key, sentence(server, tool));
        }
        return found.get(key) ?? [];
      });
    },
  };
}
