import { diffDefinitions, type DefinitionDifference } from '../core/definition-diff.ts';
import { scanDefinition, type HiddenText } from '../core/definition-scan.ts';
import type { GuardContext } from './context.ts';
import type { OfferedTool } from './ports.ts';

/** A tool as it is defined. */
export type DefinedTool = Pick<OfferedTool, 'server' | 'tool' | 'definition' | 'definition_sha256'>;

/** What people are shown of a tool's definition. */
export interface DefinitionNews {
  /** Against what was accepted before; nothing where the definition is accepted. */
  difference(tool: DefinedTool): DefinitionDifference | undefined;
  hidden(tool: Pick<DefinedTool, 'definition' | 'definition_sha256'>): readonly HiddenText[];
}

const SCANS_KEPT = 1000;

export function createDefinitionNews({
  ledger,
  definitions,
}: Pick<GuardContext, 'ledger' | 'definitions'>): DefinitionNews {
  /** By the definition's digest: to look through a large one takes a while. */
  const scans = new Map<string, readonly HiddenText[]>();

  return {
    difference({ server, tool, definition, definition_sha256: sha256 }) {
      if (!ledger.definitions.isChanged(server, tool, sha256)) return undefined;
      const state = ledger.definitions.find(server, tool, sha256);
      const since = state?.current === sha256 ? { since: state.since } : {};
      const accepted = state?.accepted.at(-1);
      if (accepted === undefined) return { kind: 'new', ...since, ...diffDefinitions({}, definition) };
      const before = definitions.read(accepted);
      return {
        kind: 'changed',
        ...since,
        ...(before === undefined ? { lost: true } : {}),
        ...diffDefinitions(before ?? {}, definition),
      };
    },

    hidden({ definition, definition_sha256: sha256 }) {
      const known = scans.get(sha256);
      if (known) return known;
      const found = scanDefinition(definition);
      const [oldest] = scans.keys();
      if (scans.size >= SCANS_KEPT && oldest !== undefined) scans.delete(oldest);
      scans.set(sha256, found);
      return found;
    },
  };
}
