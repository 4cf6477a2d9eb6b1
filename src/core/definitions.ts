import type { EntryOf } from './entry.ts';
import { TransitionError } from './errors.ts';

export type DefinitionEntry = EntryOf<
  'tool.registered' | 'tool.definition_changed' | 'tool.definition_accepted'
>;

/** What stands of one tool's definitions. Digests are `definition_sha256`. */
export interface DefinitionState {
  readonly server: string;
  readonly tool: string;
  /** What runs, where a client and not the workspace says so. */
  readonly identity?: string;
  /** The one that came last and had not been there before. The server may give other clients another. */
  readonly current: string;
  /** First seen, or accepted by a person since; the latest last. */
  readonly accepted: readonly string[];
  /** Came since, and nobody has accepted it; the latest last. */
  readonly changed: readonly string[];
  /** Those that the server gave up for others, and when it last did so (RFC 3339, UTC); the latest last. */
  readonly replaced: readonly { readonly definition_sha256: string; readonly at: string }[];
  /** When `current` came. RFC 3339, UTC. */
  readonly since: string;
}

/** A tool whose definition goes to and fro keeps so many of each kind. */
export const DEFINITIONS_KEPT = 16;
/** So many servers of one name that clients brought along are told apart; the oldest are forgotten. */
const IDENTITIES_KEPT = 64;

type Tools = Map<string, DefinitionState>;

/** The pinned definitions of tools: a fold over the journal. */
export class Definitions {
  /** By server, by what runs (nothing for those of the workspace), by tool. */
  readonly #servers = new Map<string, Map<string | undefined, Tools>>();

  get(server: string, tool: string, identity?: string): DefinitionState | undefined {
    return this.#servers.get(server)?.get(identity)?.get(tool);
  }

  *all(): IterableIterator<DefinitionState> {
    for (const identities of this.#servers.values()) {
      for (const tools of identities.values()) yield* tools.values();
    }
  }

  /** How many tools of this server are registered; none of one that was never seen. */
  count(server: string, identity?: string): number {
    return this.#servers.get(server)?.get(identity)?.size ?? 0;
  }

  /** Whether this definition was neither there when its server was first seen nor accepted since. */
  isChanged(server: string, tool: string, sha256: string): boolean {
    return !this.#of(server, tool).some(({ accepted }) => accepted.includes(sha256));
  }

  /** What stands of the tool that has this definition, or had it lately. */
  find(server: string, tool: string, sha256: string): DefinitionState | undefined {
    return this.#of(server, tool).find(
      ({ current, changed, accepted }) =>
        current === sha256 || changed.includes(sha256) || accepted.includes(sha256),
    );
  }

  /** Whether it can be accepted: the journal tells of it, and nobody has. */
  isWaiting(server: string, tool: string, sha256: string): boolean {
    return this.#of(server, tool).some(({ changed }) => changed.includes(sha256));
  }

  /** Whether the server gave up this definition for another at this time or later (RFC 3339, UTC). */
  isReplaced(server: string, tool: string, sha256: string, since: string): boolean {
    return this.#of(server, tool).some(({ replaced }) =>
      replaced.some(({ definition_sha256, at }) => definition_sha256 === sha256 && at >= since),
    );
  }

  /** @throws TransitionError `definition_unknown`: what is accepted must be what the server gave since */
  apply(entry: DefinitionEntry): void {
    if (entry.type === 'tool.definition_accepted') this.#accept(entry);
    else this.#give(entry);
  }

  save(): readonly DefinitionState[] {
    return [...this.all()];
  }

  load(states: readonly DefinitionState[]): void {
    this.#servers.clear();
    for (const state of states) this.#set(state);
  }

  #give(entry: EntryOf<'tool.registered' | 'tool.definition_changed'>): void {
    const { server, tool, definition_sha256: current, time, identity } = entry;
    const before = this.get(server, tool, identity);
    const { accepted = [], changed = [], replaced = [] } = before ?? {};
    const first = entry.type === 'tool.registered' && entry.late !== true;
    const isAccepted = first || accepted.includes(current);
    const gone =
      entry.type === 'tool.definition_changed' && entry.beside !== true ? entry.previous_sha256 : undefined;
    this.#set({
      server,
      tool,
      ...(identity === undefined ? {} : { identity }),
      current,
      accepted: first ? plus(accepted, current) : accepted,
      changed: isAccepted ? changed.filter((each) => each !== current) : plus(changed, current),
      replaced:
        gone === undefined
          ? replaced
          : [
              ...replaced.filter((each) => each.definition_sha256 !== gone),
              { definition_sha256: gone, at: time },
            ].slice(-DEFINITIONS_KEPT),
      since: time,
    });
  }

  /** Who accepts one has seen what the server had given before it. */
  #accept({ server, tool, definition_sha256: sha256 }: EntryOf<'tool.definition_accepted'>): void {
    const state = this.#of(server, tool).find(
      ({ changed, current }) => changed.includes(sha256) || current === sha256,
    );
    if (!state) {
      throw new TransitionError(
        'definition_unknown',
        `This is not a definition that the tool ${tool} of ${server} has now.`,
      );
    }
    this.#set({
      ...state,
      accepted: plus(state.accepted, sha256),
      changed: state.changed.slice(state.changed.indexOf(sha256) + 1),
    });
  }

  #of(server: string, tool: string): readonly DefinitionState[] {
    return [...(this.#servers.get(server)?.values() ?? [])].flatMap((tools) => tools.get(tool) ?? []);
  }

  #set(state: DefinitionState): void {
    const { server, tool, identity } = state;
    let identities = this.#servers.get(server);
    if (!identities) this.#servers.set(server, (identities = new Map<string | undefined, Tools>()));
    let tools = identities.get(identity);
    if (!tools) identities.set(identity, (tools = new Map<string, DefinitionState>()));
    tools.set(tool, state);
    if (identities.size <= IDENTITIES_KEPT) return;
    const brought = [...identities.keys()].filter((each) => each !== undefined);
    if (brought.length > IDENTITIES_KEPT) identities.delete(brought[0]);
  }
}

/** Those that nobody has accepted and the server may still give, the one that came last first. */
export function waitingIn({ current, changed, replaced }: DefinitionState): readonly string[] {
  const gone = new Set(replaced.map(({ definition_sha256 }) => definition_sha256));
  return changed.filter((sha256) => sha256 === current || !gone.has(sha256)).reverse();
}

export function isDefinitionEntry(entry: { readonly type: string }): entry is DefinitionEntry {
  return (
    entry.type === 'tool.registered' ||
    entry.type === 'tool.definition_changed' ||
    entry.type === 'tool.definition_accepted'
  );
}

function plus(digests: readonly string[], sha256: string): readonly string[] {
  return [...digests.filter((each) => each !== sha256), sha256].slice(-DEFINITIONS_KEPT);
}
