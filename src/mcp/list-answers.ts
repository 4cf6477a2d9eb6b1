import { DownstreamError, messageOf } from '../core/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import { MAX_PAGES } from './listed.ts';
import type { Listed, ServerOffer } from './offers.ts';
import type { Owners } from './owners.ts';
import type { Asked } from './session.ts';
import type { SessionContext } from './session-methods.ts';

interface ListKind {
  readonly capability: string;
  /** The member of the answer that holds the list, and of an offer. */
  readonly member: string;
  readonly offered: keyof Listed;
  /** By what two entries are the same. */
  readonly key: string;
}

const KINDS: Readonly<Record<string, ListKind>> = {
  'prompts/list': { capability: 'prompts', member: 'prompts', offered: 'prompts', key: 'name' },
  'resources/list': { capability: 'resources', member: 'resources', offered: 'resources', key: 'uri' },
  'resources/templates/list': {
    capability: 'resources',
    member: 'resourceTemplates',
    offered: 'templates',
    key: 'uriTemplate',
  },
};

const METHOD_NOT_FOUND = -32601;

/** The lists of all servers as one: of those whose connection stands as they are now, of the others as last seen. */
export function createListAnswers(parts: {
  readonly context: SessionContext;
  readonly owners: Pick<Owners, 'listed'>;
}): { answer(asked: Asked): Promise<Verbatim> } {
  const { view, connections, log } = parts.context;

  /** Every page, and what else stood in the last one. */
  async function live(offer: ServerOffer, asked: Asked, kind: ListKind): Promise<JsonObject> {
    const downstream = connections.standing(offer.server);
    if (!downstream) return { [kind.member]: offer[kind.offered] };
    const { method, signal } = asked;
    const { cursor: _, ...params } = asked.params;
    const entries: Json[] = [];
    let cursor: Json | undefined;
    for (let count = 0; ; count += 1) {
      const page = await downstream.request({
        method,
        params: cursor === undefined ? params : { ...params, cursor },
        signal,
      });
      const { nextCursor, ...rest } = page.value;
      const list = rest[kind.member];
      if (Array.isArray(list)) entries.push(...(list as readonly Json[]));
      cursor = nextCursor;
      if (typeof cursor !== 'string' || count === MAX_PAGES) return { ...rest, [kind.member]: entries };
    }
  }

  function named(offer: ServerOffer, entry: Json, kind: ListKind): JsonObject | undefined {
    if (!isJsonObject(entry)) return undefined;
    if (kind.key === 'uri' && typeof entry.uri === 'string') parts.owners.listed(offer.server, entry.uri);
    return kind.member === 'prompts' && offer.prefix !== false && typeof entry.name === 'string'
      ? { ...entry, name: `${offer.prefix}__${entry.name}` }
      : entry;
  }

  return {
    async answer(asked) {
      const kind = KINDS[asked.method];
      await view().ready();
      const offers = view()
        .offers()
        .filter(({ hello }) => kind && isJsonObject(hello?.capabilities[kind.capability]));
      if (!kind || offers.length === 0) {
        throw new RpcError({ code: METHOD_NOT_FOUND, message: 'Method not found' });
      }
      const seen = new Set<Json | undefined>();
      let answer: JsonObject = {};
      const merged: JsonObject[] = [];
      for (const offer of offers) {
        try {
          const page = await live(offer, asked, kind);
          if (offers.length === 1) answer = page;
          for (const entry of page[kind.member] as readonly Json[]) {
            const own = named(offer, entry, kind);
            if (!own || seen.has(own[kind.key])) continue;
            seen.add(own[kind.key]);
            merged.push(own);
          }
        } catch (error) {
          // With one server its error is the answer; of several the others are not concerned.
          if (offers.length === 1 || !(error instanceof RpcError || error instanceof DownstreamError))
            throw error;
          log(`The server ${offer.server} did not answer ${asked.method}: ${messageOf(error)}`);
        }
      }
      return Verbatim.of({ ...answer, [kind.member]: merged });
    },
  };
}
