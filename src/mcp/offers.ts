import type { JsonObject } from '../core/json.ts';
import type { OfferedTool } from '../guard/ports.ts';
import type { ClientHello } from './client-side.ts';
import type { ServerHello } from './server-side.ts';

/** What a server lists besides its tools, each entry as it came. */
export interface Listed {
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly templates: readonly JsonObject[];
}

/** What one server offered last to clients that declare the same capabilities. */
export interface ServerOffer extends Listed {
  readonly server: string;
  /** Absent where it never answered. */
  readonly hello?: ServerHello;
  /** What precedes the names of its tools and prompts, or false. */
  readonly prefix: string | false;
}

/** What one client session sees of the catalogue. */
export interface OfferView {
  /** In the order of mcp.json, without names that another server has already. */
  tools(): readonly OfferedTool[];
  find(name: string): OfferedTool | undefined;
  /** One for each server, in the order of mcp.json. */
  offers(): readonly ServerOffer[];
  /**
   * Resolves when every server has answered or failed once for such a client, at the latest when patience is over.
   * Servers of which it is known what they offer such clients are not asked.
   */
  ready(): Promise<void>;
  /** Calls back whenever what is offered has changed. @returns the way to stop it */
  onChange(listener: (what: OfferKind) => void): () => void;
}

export type OfferKind = 'tools' | 'prompts' | 'resources';

/**
 * Servers may offer other things to clients that can do other things, so everything is kept by what the client
 * declared: its capabilities, whose digest is its profile.
 */
export interface CatalogueView {
  viewFor(hello: ClientHello): OfferView;
}
