import { waitingIn } from '../core/definitions.ts';
import { digestOf } from '../core/digest.ts';
import { DecisionError } from '../core/errors.ts';
import type { ChangedDefinition } from './acceptance.ts';
import type { GuardContext } from './context.ts';

/** The definitions that wait for a person's word, as the journal tells of them. */
export interface ChangedDefinitions {
  count(): number;
  /** By server and tool; of one tool, the one that came last first. */
  all(): readonly ChangedDefinition[];
  /** @throws DecisionError `not_waiting` */
  find(id: string): ChangedDefinition;
}

export function createChangedDefinitions({
  ledger,
}: {
  readonly ledger: Pick<GuardContext['ledger'], 'definitions'>;
}): ChangedDefinitions {
  function all(): readonly ChangedDefinition[] {
    const found = [...ledger.definitions.all()].flatMap((state) =>
      waitingIn(state).map((sha256): ChangedDefinition => {
        const { server, tool } = state;
        return {
          id: digestOf([server, tool, sha256]),
          server,
          tool,
          definition_sha256: sha256,
          kind: state.accepted.length === 0 ? 'new' : 'changed',
          ...(sha256 === state.current ? { since: state.since } : {}),
          brought: state.identity !== undefined,
        };
      }),
    );
    return found.sort((a, b) => compare(a.server, b.server) || compare(a.tool, b.tool));
  }

  return {
    count: () => [...ledger.definitions.all()].reduce((sum, state) => sum + waitingIn(state).length, 0),
    all,
    find(id) {
      const found = all().find((each) => each.id === id);
      if (found) return found;
      throw new DecisionError(
        'not_waiting',
        'This definition does not wait any more: somebody has accepted it, or the server has given another one since.',
      );
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
