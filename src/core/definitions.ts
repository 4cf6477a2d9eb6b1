import type { EntryOf } from './entry.ts';
import { TransitionError } from './errors.ts';

export type DefinitionEntry = EntryOf<
  'tool.registered' | 'tool.definition_changed' | 'tool.definition_accepted'
>;

/** What stands of one tool's definitions. Digests are `definition_sha256`. */
export interface DefinitionState {
  readonly server: string;
  readonly tool: string;
  /** As the server gave it last. */
  readonly current: string;
  /** First seen, or accepted by a person since; the latest last. */
  readonly accepted: readonly string[];
  /** When it became what it is now. RFC 3339, UTC. */
  readonly since: string;
}

/** A tool whose definition goes to and fro keeps so many that people have accepted. */
const ACCEPTED_KEPT = 16;

/** The pinned definitions of tools: a fold over the journal. */
export class Definitions {
  readonly #states = new Map<string, DefinitionState>();

  get(server: string, tool: string): DefinitionState | undefined {
    return this.#states.get(keyOf(server, tool));
  }

  all(): IterableIterator<DefinitionState> {
    return this.#states.values();
  }

  /** Whether this definition was neither there when its server was first seen nor accepted since. */
  isChanged(server: string, tool: string, sha256: string): boolean {
    return !(this.get(server, tool)?.accepted.includes(sha256) ?? false);
  }

  /** @throws TransitionError `definition_unknown`: what is accepted must be what the server gives now */
  apply(entry: DefinitionEntry): void {
    const { server, tool, definition_sha256: current, time } = entry;
    const accepted = this.get(server, tool)?.accepted ?? [];
    switch (entry.type) {
      case 'tool.registered':
        this.#set({
          server,
          tool,
          current,
          accepted: entry.late ? accepted : plus(accepted, current),
          since: time,
        });
        return;
      case 'tool.definition_changed':
        this.#set({ server, tool, current, accepted, since: time });
        return;
      case 'tool.definition_accepted': {
        const state = this.get(server, tool);
        if (state?.current !== current)
          throw new TransitionError(
            'definition_unknown',
            `This is not the definition that the tool ${tool} of ${server} has now.`,
          );
        this.#set({ ...state, accepted: plus(accepted, current) });
      }
    }
  }

  save(): readonly DefinitionState[] {
    return [...this.#states.values()];
  }

  load(states: readonly DefinitionState[]): void {
    this.#states.clear();
    for (const state of states) this.#set(state);
  }

  #set(state: DefinitionState): void {
    this.#states.set(keyOf(state.server, state.tool), state);
  }
}

export function isDefinitionEntry(entry: { readonly type: string }): entry is DefinitionEntry {
  return (
    entry.type === 'tool.registered' ||
    entry.type === 'tool.definition_changed' ||
    entry.type === 'tool.definition_accepted'
  );
}

function keyOf(server: string, tool: string): string {
  return `${server}\n${tool}`;
}

function plus(accepted: readonly string[], sha256: string): readonly string[] {
  return [...accepted.filter((each) => each !== sha256), sha256].slice(-ACCEPTED_KEPT);
}
