import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { RpcError } from '../guard/ports.ts';
import { brief } from './brief.ts';
import type { ServerOffer } from './offers.ts';
import type { SessionContext } from './session-methods.ts';
import { fitsAny } from './uri-template.ts';

/** Which server a prompt or a resource belongs to: the one that offered it, or the first of several. */
export interface Owners {
  /** @throws RpcError -32602 where no server offers it */
  prompt(name: Json | undefined): Promise<{ readonly server: string; readonly name: string }>;
  /** @throws RpcError -32002 where no server offers it */
  resource(uri: Json | undefined): Promise<string>;
  /** What a completion is asked for, as its server names it. */
  reference(ref: Json | undefined): Promise<{ readonly server: string; readonly ref: JsonObject }>;
  /** Whether this resource is this server's to speak of. */
  owns(server: string, uri: Json | undefined): boolean;
  /** A server lists it now. */
  listed(server: string, uri: string): void;
  /** A result of a server links to it: weaker than what another lists, or has a template for. */
  linked(server: string, uri: string): void;
}

const INVALID_PARAMS = -32602;
const RESOURCE_NOT_FOUND = -32002;
/** Of each server, of what it lists now and of what it linked to. */
const MAX_KEPT = 2000;
/** Longer ones are not kept. */
const MAX_URI = 2000;

export function createOwners({ view }: Pick<SessionContext, 'view'>): Owners {
  const listedNow = new Map<string, Set<string>>();
  const linkedTo = new Map<string, Set<string>>();

  function withResources(): readonly ServerOffer[] {
    return view()
      .offers()
      .filter(({ hello }) => isJsonObject(hello?.capabilities.resources));
  }

  function ownerOf(uri: string): string | undefined {
    const offers = withResources();
    const [only, another] = offers;
    if (only && !another) return only.server;
    const found =
      offers.find(({ resources }) => resources.some((each) => each.uri === uri)) ??
      offers.find(({ server }) => listedNow.get(server)?.has(uri)) ??
      offers.find(({ templates }) => fitsAny(templatesOf(templates), uri)) ??
      offers.find(({ server }) => linkedTo.get(server)?.has(uri));
    return found?.server;
  }

  function promptOf(name: string): { readonly server: string; readonly name: string } | undefined {
    const offers = view()
      .offers()
      .filter(({ hello }) => isJsonObject(hello?.capabilities.prompts))
      .flatMap((offer) => {
        const inner = innerName(offer, name);
        return inner === undefined ? [] : [{ offer, inner }];
      });
    const listed = offers.find(({ offer, inner }) => offer.prompts.some((each) => each.name === inner));
    // One that is not listed is refused by its server itself.
    const found = listed ?? offers.sort((a, b) => prefixLength(b.offer) - prefixLength(a.offer))[0];
    return found && { server: found.offer.server, name: found.inner };
  }

  async function prompt(name: Json | undefined): Promise<{ readonly server: string; readonly name: string }> {
    await view().ready();
    const found = typeof name === 'string' ? promptOf(name) : undefined;
    if (found) return found;
    throw new RpcError({
      code: INVALID_PARAMS,
      message: `There is no prompt ${brief(JSON.stringify(name) ?? '', 128)}.`,
    });
  }

  async function resource(uri: Json | undefined): Promise<string> {
    await view().ready();
    const server = typeof uri === 'string' ? ownerOf(uri) : undefined;
    if (server !== undefined) return server;
    throw new RpcError({
      code: RESOURCE_NOT_FOUND,
      message: 'Resource not found',
      ...(uri === undefined ? {} : { data: { uri } }),
    });
  }

  return {
    prompt,
    resource,

    async reference(ref) {
      if (isJsonObject(ref) && ref.type === 'ref/prompt') {
        const { server, name } = await prompt(ref.name);
        return { server, ref: { ...ref, name } };
      }
      if (!isJsonObject(ref))
        throw new RpcError({ code: INVALID_PARAMS, message: 'A completion needs a ref.' });
      await view().ready();
      const listed = withResources().find(({ templates }) =>
        templates.some((each) => each.uriTemplate === ref.uri),
      );
      return { server: listed?.server ?? (await resource(ref.uri)), ref };
    },

    owns: (server, uri) => typeof uri === 'string' && ownerOf(uri) === server,

    listed: (server, uri) => keep(listedNow, server, uri),
    linked(server, uri) {
      // Who links to it later does not take it over.
      if (![...linkedTo.values()].some((each) => each.has(uri))) keep(linkedTo, server, uri);
    },
  };
}

/** What the server itself calls it, where the name could be one of its. */
function innerName({ prefix }: ServerOffer, name: string): string | undefined {
  if (prefix === false) return name;
  return name.startsWith(`${prefix}__`) ? name.slice(prefix.length + 2) : undefined;
}

function prefixLength({ prefix }: ServerOffer): number {
  return prefix === false ? 0 : prefix.length;
}

function* templatesOf(templates: readonly JsonObject[]): Generator<Json | undefined> {
  for (const { uriTemplate } of templates) yield uriTemplate;
}

/** The oldest of a server's own are forgotten when it offers too many; those of others never are. */
function keep(kept: Map<string, Set<string>>, server: string, uri: string): void {
  if (uri.length > MAX_URI) return;
  let own = kept.get(server);
  if (!own) kept.set(server, (own = new Set()));
  own.add(uri);
  if (own.size <= MAX_KEPT) return;
  const [oldest] = own;
  if (oldest !== undefined) own.delete(oldest);
}
