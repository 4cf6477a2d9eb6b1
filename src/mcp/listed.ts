import { isJsonObject, type JsonObject } from '../core/json.ts';
import { isShallow } from './depth.ts';
import type { Listed } from './offers.ts';
import type { ServerHello } from './server-side.ts';

export const MAX_PAGES = 100;
export const MAX_ENTRIES = 2000;

type AskPage = (method: string, params: JsonObject) => Promise<JsonObject>;

/** What a server lists besides its tools. A list that it does not give, or without end, is as far as it came. */
export async function readListed({ capabilities }: ServerHello, ask: AskPage): Promise<Listed> {
  const prompts = isJsonObject(capabilities.prompts) ? await pages(ask, 'prompts/list', 'prompts') : [];
  if (!isJsonObject(capabilities.resources)) return { prompts, resources: [], templates: [] };
  return {
    prompts,
    resources: await pages(ask, 'resources/list', 'resources'),
    templates: await pages(ask, 'resources/templates/list', 'resourceTemplates'),
  };
}

/** Those entries of a list that can be passed on. */
export function entriesOf(list: readonly unknown[]): readonly JsonObject[] {
  return list.filter((entry): entry is JsonObject => isJsonObject(entry) && isShallow(entry));
}

async function pages(ask: AskPage, method: string, member: string): Promise<readonly JsonObject[]> {
  const entries: JsonObject[] = [];
  let cursor: string | undefined;
  try {
    for (let count = 0; count < MAX_PAGES && entries.length < MAX_ENTRIES; count += 1) {
      const page = await ask(method, cursor === undefined ? {} : { cursor });
      const list = page[member];
      const room = MAX_ENTRIES - entries.length;
      if (Array.isArray(list)) entries.push(...entriesOf(list).slice(0, room));
      if (typeof page.nextCursor !== 'string') break;
      cursor = page.nextCursor;
    }
  } catch {
    // Whoever asks for this list itself is given the error.
  }
  return entries;
}
