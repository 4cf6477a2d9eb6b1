import type { Clock } from '../core/clock.ts';
import { digestOf, sha256 } from '../core/digest.ts';
import { ConfigError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { CatalogueCache } from './catalogue-file.ts';
import { createCatalogueViews, type Shown } from './catalogue-views.ts';
import type { ClientHello } from './client-side.ts';
import { createHiddenTexts } from './hidden-texts.ts';
import type { Offering } from './lane.ts';
import {
  clashWords,
  emptyOffer,
  misnamed,
  namesIn,
  NO_OWNERS,
  ownersOf,
  ownOffer,
  tagsOf,
  type Clash,
  type KeptOffer,
  type Names,
} from './offer.ts';
import type { CatalogueView } from './offers.ts';
import type { Pinning } from './pinning.ts';
import { createServerOffers, type ProfileState, type ServerOffers } from './server-offers.ts';
import { GUARDED_TOOLS, type ServerConfig } from './servers.ts';

/** How a server stands, for people. `retry_at` is RFC 3339, UTC. */
export interface ServerState {
  readonly name: string;
  readonly state: 'starting' | 'ready' | 'failed';
  /** How many of its tools are offered. */
  readonly tools: number;
  readonly error?: string;
  readonly retry_at?: string;
  /** One sentence for each tool, or file of tools, that was left out or hides something. */
  readonly problems: readonly string[];
}

export interface CatalogueOptions {
  readonly servers: readonly ServerConfig[];
  /** Asks a server what it offers a client that says this of itself. @throws DownstreamError */
  readonly ask: (server: ServerConfig, hello: ClientHello) => Promise<Offering>;
  /** What the host says of itself, where it asks for no client. */
  readonly hello: ClientHello;
  readonly cache: CatalogueCache;
  readonly pinning: Pinning;
  /** A server has listed these. */
  readonly onList?: (server: ServerConfig, offering: Offering) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How long `start` and `ready` wait for slow servers, in milliseconds. Default ten seconds. */
  readonly patienceMs?: number;
}

/** What a set of servers offers each kind of client: asked once, kept, and asked again when there is reason to. */
export interface Catalogue extends CatalogueView {
  /**
   * Asks the servers of which nothing is known.
   *
   * @throws ConfigError `tool_name_twice` when two tools would share a name
   */
  start(): Promise<void>;
  /** Asks this server again, now. */
  refresh(server: string): void;
  /** Takes up what a fresh or changed connection offers a client that said this of itself. */
  noticed(server: string, hello: ClientHello, offering: Offering): void;
  /** The tags of a tool as the workspace, or a guarded tool's author, gives them now. */
  readonly tagsOf: (server: string, tool: string) => readonly string[];
  state(): readonly ServerState[];
  close(): void;
}

const PATIENCE_MS = 10_000;
const MAX_REPORTED = 10_000;
/** The guarded tools are the same for every client. */
const ANY_CLIENT = 'any';

export function createCatalogue(options: CatalogueOptions): Catalogue {
  const { log } = options;
  const hidden = createHiddenTexts();
  const reported = new Set<string>();
  const names = new Map<string, Names>();
  let owners = NO_OWNERS;
  let clashes: readonly Clash[] = [];
  /** Until the start is over the order of mcp.json says whose a name is, then who holds it. */
  let started = false;
  let closed = false;

  const views = createCatalogueViews({
    show,
    ready: (profile, hello) =>
      Promise.all(all.map((offers) => offers.ready(profileAt(offers.server, profile), hello, true))),
  });
  const servers = new Map<string, ServerOffers>();
  const all: ServerOffers[] = [];
  for (const server of options.servers) {
    const offers = createServerOffers({
      ...options,
      server,
      isUsed: (profile) => profile === ANY_CLIENT || views.isUsed(profile),
      onList: (offering) => {
        for (const trouble of offering.tools.trouble) reportOnce(trouble);
        options.onList?.(server, offering);
      },
      onChange: () => {
        const changed = servers.get(server.name);
        if (changed) took(changed);
      },
      patienceMs: options.patienceMs ?? PATIENCE_MS,
    });
    servers.set(server.name, offers);
    all.push(offers);
  }
  for (const offers of all) look(offers);
  claim();

  function took(offers: ServerOffers): void {
    if (closed) return;
    look(offers);
    claim();
    views.changed();
  }

  /** Which names this server offers now, and what is wrong with them. */
  function look(offers: ServerOffers): void {
    const { server } = offers;
    const lists = offers.all().flatMap(({ came, pinned }) => [came ?? [], pinned ?? []].flat());
    names.set(server.name, namesIn(server, lists));
    for (const { tools } of lists) {
      for (const trouble of [...misnamed(server, tools), ...hidden.sentences(server, tools)]) {
        reportOnce(trouble);
      }
    }
  }

  /** Says whose each name is. */
  function claim(): void {
    const lists = [...names].map(([name, own]) => ({ name, names: own }));
    ({ owners, clashes } = ownersOf(lists, started ? owners : NO_OWNERS));
    if (started) reportClashes();
  }

  function reportClashes(): void {
    for (const clash of clashes) {
      reportOnce(
        `${clashWords(clash)}${clash.kind === 'tools' ? ' The second is left out until then.' : ''}`,
      );
    }
  }

  function show(profile: string): Shown {
    const own = all.map((offers) => {
      const { server } = offers;
      const { pinned, error } = offers.get(profileAt(server, profile)) ?? {};
      const empty = emptyOffer(server, pinned?.hello);
      if (!pinned || error !== undefined) return { tools: [], offer: empty };
      const { tools, listed } = ownOffer(server, pinned, owners);
      return { tools, offer: { ...empty, ...listed } };
    });
    return { tools: own.flatMap(({ tools }) => tools), offers: own.map(({ offer }) => offer) };
  }

  function reportOnce(trouble: string): void {
    if (reported.has(trouble) || reported.size >= MAX_REPORTED) return;
    reported.add(trouble);
    log(trouble);
  }

  function stateOf(offers: ServerOffers): ServerState {
    const { server } = offers;
    const states = offers.all();
    const last = states.findLast(({ came, pinned, error }) => (came ?? pinned ?? error) !== undefined);
    const offer = last?.pinned ?? last?.came;
    const problems = states.flatMap(({ trouble, came, pinned }) => [
      ...trouble,
      ...hidden.sentences(server, (came ?? pinned)?.tools ?? []),
    ]);
    return {
      name: server.name,
      state: last?.error !== undefined ? 'failed' : offer ? 'ready' : 'starting',
      tools: last?.error === undefined && offer ? ownOffer(server, offer, owners).tools.length : 0,
      ...(last?.error === undefined ? {} : { error: last.error }),
      ...(last?.retryAt === undefined ? {} : { retry_at: last.retryAt }),
      problems: [...new Set(problems)],
    };
  }

  return {
    viewFor: (hello) => views.viewOf(profileOf(hello), hello),

    async start() {
      const { hello } = options;
      const unknown = all.filter((offers) => !offers.all().some(isKnown));
      await Promise.all(
        unknown.map((offers) => {
          // Nobody is offered what the host itself was told, but for the guarded tools.
          const offered = offers.server.name === GUARDED_TOOLS;
          return offers.ready(profileAt(offers.server, profileOf(hello)), hello, offered);
        }),
      );
      claim();
      started = true;
      const clash = clashes.find(({ kind }) => kind === 'tools');
      if (clash) throw new ConfigError('tool_name_twice', clashWords(clash));
      reportClashes();
    },

    refresh(server) {
      const offers = servers.get(server);
      if (!offers || closed) return;
      const { hello } = options;
      offers.refresh({ profile: profileAt(offers.server, profileOf(hello)), hello });
    },

    noticed(server, hello, offering) {
      const offers = servers.get(server);
      if (!offers || closed) return;
      void offers.take(profileAt(offers.server, profileOf(hello)), hello, offering);
    },

    tagsOf(server, tool) {
      const offers = servers.get(server);
      if (!offers) return [];
      const lists = offers.all().map(({ came, pinned }) => came ?? pinned);
      const listed = lists.findLast((list) => list?.tools.some((each) => each.tool === tool));
      return tagsOf(offers.server, tool, definitionIn(listed, tool));
    },

    state: () => all.map(stateOf),

    close() {
      closed = true;
      views.close();
      for (const offers of all) offers.close();
    },
  };
}

/** What a client can do decides what servers offer it. */
function profileOf({ capabilities }: ClientHello): string {
  try {
    return digestOf(capabilities);
  } catch {
    // Canonical JSON has no half of a surrogate pair; a client that sends one has a profile all the same.
    return sha256(JSON.stringify(capabilities));
  }
}

function profileAt(server: ServerConfig, profile: string): string {
  return server.name === GUARDED_TOOLS ? ANY_CLIENT : profile;
}

function isKnown({ came, pinned }: ProfileState): boolean {
  return (came ?? pinned) !== undefined;
}

function definitionIn(
  list: KeptOffer | undefined,
  tool: string,
): KeptOffer['tools'][number]['definition'] | undefined {
  return list?.tools.find((each) => each.tool === tool)?.definition;
}
