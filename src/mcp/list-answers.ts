import { DownstreamError, messageOf } from '../core/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import { entriesOf, MAX_ENTRIES, MAX_PAGES } from './listed.ts';
import type { Listed, ServerOffer } from './offers.ts';
import { unmarked } from './own-marks.ts';
import type { Owners } from './owners.ts';
import type { Downstream } from './server-side.ts';
import type { Asked } from './session.ts';
import type { SessionContext } from './session-methods.ts';

interface ListKind {
  readonly capability: string;
  /** The member of the answer that holds the list. */
  readonly member: string;
  /** The same of an offer. */
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

/** How long one of several servers is waited for before what it listed last is given. */
const PATIENCE_MS = 5000;
const METHOD_NOT_FOUND = -32601;

interface Page {
  readonly entries: readonly JsonObject[];
  /** What else stood in the answer. */
  readonly rest: JsonObject;
}

/** The lists of all servers as one: of those whose connection stands as they are now, of the others as last seen. */
export function createListAnswers(parts: {
  readonly context: SessionContext;
  readonly owners: Pick<Owners, 'listed'>;
}): { answer(asked: Asked): Promise<Verbatim> } {
  const { view, connections, log } = parts.context;

  /** All pages as one. */
  async function live(
    downstream: Downstream,
    asked: Asked,
    member: string,
    timeout_ms?: number,
  ): Promise<Page> {
    const { method, signal } = asked;
    const { cursor: _, ...params } = asked.params;
    const patience = timeout_ms === undefined ? {} : { timeout_ms };
    const entries: JsonObject[] = [];
    let cursor: Json | undefined;
    for (let count = 1; ; count += 1) {
      const given = cursor === undefined ? params : { ...params, cursor };
      const { value } = await downstream.request({ method, params: given, signal, ...patience });
      const { nextCursor, [member]: list, ...rest } = value;
      for (const entry of Array.isArray(list) ? entriesOf(list) : []) entries.push(entry);
      cursor = nextCursor;
      if (typeof cursor !== 'string' || count === MAX_PAGES || entries.length >= MAX_ENTRIES) {
        return { entries, rest: unmarked(rest) };
      }
    }
  }

  /** Of several servers none holds the others up, or takes what it listed from the client by failing now. */
  async function oneOfSeveral(offer: ServerOffer, asked: Asked, kind: ListKind): Promise<Page> {
    const last = { entries: offer[kind.offered], rest: {} };
    const downstream = connections.standing(offer.server);
    if (!downstream) return last;
    try {
      return await live(downstream, asked, kind.member, PATIENCE_MS);
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof DownstreamError)) throw error;
      log(`The server ${offer.server} did not answer ${asked.method}: ${messageOf(error)}`);
      return last;
    }
  }

  async function only(offer: ServerOffer, asked: Asked, kind: ListKind): Promise<Page> {
    const downstream = connections.standing(offer.server);
    return downstream ? live(downstream, asked, kind.member) : { entries: offer[kind.offered], rest: {} };
  }

  function named(offer: ServerOffer, entry: JsonObject, kind: ListKind): JsonObject {
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
      const [first, another] = offers;
      if (!kind || !first) throw new RpcError({ code: METHOD_NOT_FOUND, message: 'Method not found' });
      const pages = another
        ? await Promise.all(offers.map((offer) => oneOfSeveral(offer, asked, kind)))
        : [await only(first, asked, kind)];
      const seen = new Set<Json | undefined>();
      const merged: JsonObject[] = [];
      offers.forEach((offer, at) => {
        for (const entry of pages[at]?.entries ?? []) {
          const own = named(offer, entry, kind);
          // With one server its list is its own matter.
          if (another && seen.has(own[kind.key])) continue;
          seen.add(own[kind.key]);
          merged.push(own);
        }
      });
      return Verbatim.of({ ...(another ? {} : pages[0]?.rest), [kind.member]: merged });
    },
  };
}
