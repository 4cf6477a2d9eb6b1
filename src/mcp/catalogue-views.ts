import type { OfferedTool } from '../guard/ports.ts';
import type { ClientHello } from './client-side.ts';
import type { OfferKind, OfferView, ServerOffer } from './offers.ts';

/** All that clients of one profile are offered. */
export interface Shown {
  readonly tools: readonly OfferedTool[];
  readonly offers: readonly ServerOffer[];
}

/** What each client sees of a catalogue, and who of them is told when it changes. */
export interface CatalogueViews {
  viewOf(profile: string, hello: ClientHello): OfferView;
  /** Whether a client of this profile is there. */
  isUsed(profile: string): boolean;
  /** Something is another: those who see a difference are told. */
  changed(): void;
  close(): void;
}

interface Seen extends Shown {
  readonly byName: ReadonlyMap<string, OfferedTool>;
}

type Listener = (what: OfferKind) => void;

export function createCatalogueViews(options: {
  readonly show: (profile: string) => Shown;
  readonly ready: (profile: string, hello: ClientHello) => Promise<unknown>;
}): CatalogueViews {
  const seen = new Map<string, Seen>();
  const listeners = new Map<string, Set<Listener>>();
  /** What those who listen have been shown; nothing before they were shown anything. */
  const told = new Map<string, Seen>();

  function see(profile: string): Seen {
    const known = seen.get(profile);
    if (known) return known;
    const shown = options.show(profile);
    const made = { ...shown, byName: new Map(shown.tools.map((tool) => [tool.name, tool])) };
    seen.set(profile, made);
    return made;
  }

  return {
    viewOf(profile, hello) {
      let readied = false;
      return {
        tools: () => see(profile).tools,
        find: (name) => see(profile).byName.get(name),
        offers: () => see(profile).offers,

        async ready() {
          await options.ready(profile, hello);
          readied = true;
          if (listeners.has(profile) && !told.has(profile)) told.set(profile, see(profile));
        },

        onChange(listener) {
          const own = listeners.get(profile) ?? new Set();
          listeners.set(profile, own);
          own.add(listener);
          if (readied && !told.has(profile)) told.set(profile, see(profile));
          return () => {
            own.delete(listener);
            if (own.size > 0 || listeners.get(profile) !== own) return;
            listeners.delete(profile);
            told.delete(profile);
          };
        },
      };
    },

    isUsed: (profile) => listeners.has(profile),

    changed() {
      seen.clear();
      for (const [profile, before] of told) {
        const now = see(profile);
        const kinds = differences(before, now);
        if (kinds.length === 0) continue;
        told.set(profile, now);
        for (const listener of listeners.get(profile) ?? []) for (const kind of kinds) listener(kind);
      }
    },

    close() {
      listeners.clear();
      told.clear();
    },
  };
}

function differences(before: Shown, now: Shown): readonly OfferKind[] {
  const texts = ({ tools, offers }: Shown): Readonly<Record<OfferKind, string>> => ({
    tools: JSON.stringify(
      tools.map(({ name, server, definition_sha256 }) => [name, server, definition_sha256]),
    ),
    prompts: JSON.stringify(offers.map(({ prompts }) => prompts)),
    resources: JSON.stringify(offers.map(({ resources, templates }) => [resources, templates])),
  });
  const [a, b] = [texts(before), texts(now)];
  return (['tools', 'prompts', 'resources'] as const).filter((kind) => a[kind] !== b[kind]);
}
