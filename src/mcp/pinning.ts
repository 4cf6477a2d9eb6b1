import type { Draft } from '../core/entry.ts';
import { DEFINITIONS_KEPT } from '../core/definitions.ts';
import type { DefinitionsView } from '../core/ledger.ts';
import type { ServerConfig } from './servers.ts';
import type { ListedTool } from './tool-list.ts';

export interface PinningOptions {
  /** Durable when it resolves. @throws JournalError, TransitionError */
  readonly append: (drafts: readonly Draft[]) => Promise<unknown>;
  /** What stands in the journal. */
  readonly definitions: Pick<DefinitionsView, 'get' | 'count'>;
}

/** A list that a server gave. */
export interface GivenList {
  readonly server: PinnedServer;
  readonly tools: readonly ListedTool[];
  /** What it gave such clients before. */
  readonly before: readonly ListedTool[];
  /** Whether other clients are given another definition of this tool, as far as is known. */
  readonly givesOthers: (tool: ListedTool) => boolean;
}

export type PinnedServer = Pick<ServerConfig, 'name' | 'identity' | 'runs'>;

export interface PinnedList {
  /** Those whose definitions stand in the journal. */
  readonly tools: readonly ListedTool[];
  /** One sentence for each kind that was left out. */
  readonly trouble: readonly string[];
}

/** Sees to it that what is offered stands in the journal first: what is unknown there counts as changed. */
export interface Pinning {
  /** The list as it can be offered at once; nothing when something has to be journalled before. */
  standing(given: GivenList): PinnedList | undefined;
  /** Journals what is new of the list. @throws JournalError, TransitionError */
  pin(given: GivenList): Promise<PinnedList>;
}

/** A server that invents names all the time must not fill the journal. */
const MAX_TOOLS = 5000;

export function createPinning({ append, definitions }: PinningOptions): Pinning {
  /** Lists of servers of one name are judged one after the other, each on what stands then. */
  const turns = new Map<string, Promise<unknown>>();

  function judge({ server, tools, before, givesOthers }: GivenList): PinnedList & { drafts: Draft[] } {
    const identity = identityOf(server);
    const of = { server: server.name, ...(identity === undefined ? {} : { identity }) };
    const earlier = new Map(before.map((each) => [each.tool, each.definition_sha256]));
    let count = definitions.count(server.name, identity);
    const late = count > 0;
    const drafts: Draft[] = [];
    const trouble: string[] = [];
    const pinned = tools.filter((each) => {
      const { tool, definition_sha256 } = each;
      const state = definitions.get(server.name, tool, identity);
      if (!state) {
        if (count >= MAX_TOOLS) {
          trouble.push(
            `The server ${server.name} has listed more than ${MAX_TOOLS} different tools; what is new is left out.`,
          );
          return false;
        }
        count += 1;
        drafts.push({
          type: 'tool.registered',
          ...of,
          tool,
          definition_sha256,
          ...(late ? { late: true } : {}),
        });
        return true;
      }
      if (state.accepted.includes(definition_sha256)) return true;
      const isKnown = state.changed.includes(definition_sha256);
      if (!isKnown && state.changed.length >= DEFINITIONS_KEPT) {
        trouble.push(
          `The tool ${JSON.stringify(tool.slice(0, 128))} of the server ${server.name} has changed ${DEFINITIONS_KEPT} times since a person looked; it is left out until somebody accepts it.`,
        );
        return false;
      }
      const previous = earlier.get(tool);
      const gone =
        previous !== undefined && previous !== definition_sha256
          ? previous
          : isKnown || givesOthers(each)
            ? undefined
            : state.current;
      if (isKnown && (gone === undefined || state.replaced.some((one) => one.definition_sha256 === gone))) {
        return true;
      }
      drafts.push({
        type: 'tool.definition_changed',
        ...of,
        tool,
        definition_sha256,
        previous_sha256: gone ?? state.current,
        ...(gone === undefined ? { beside: true } : {}),
      });
      return true;
    });
    return { tools: pinned, trouble: [...new Set(trouble)], drafts };
  }

  async function pinNow(given: GivenList): Promise<PinnedList> {
    const { drafts, ...pinned } = judge(given);
    if (drafts.length > 0) await append(drafts);
    return pinned;
  }

  return {
    standing(given) {
      if (turns.has(given.server.name)) return undefined;
      const { drafts, ...pinned } = judge(given);
      return drafts.length === 0 ? pinned : undefined;
    },

    pin(given) {
      const { name } = given.server;
      const before = turns.get(name) ?? Promise.resolve();
      const mine = before.catch(() => undefined).then(() => pinNow(given));
      turns.set(name, mine);
      return mine.finally(() => {
        if (turns.get(name) === mine) turns.delete(name);
      });
    },
  };
}

/** What tells servers of one name apart: none where the workspace names what runs. */
function identityOf({ identity, runs }: PinnedServer): string | undefined {
  return runs === undefined ? undefined : identity;
}
