import { CallError } from '../core/errors.ts';
import type { People } from '../core/person.ts';

/**
 * The agent that attaches: the one it names, or the only one of the workspace.
 *
 * @throws CallError `unknown_agent`
 */
export function agentFor(named: string | undefined, people: People): string {
  if (named !== undefined) {
    if (people.agents.some((agent) => agent.id === named)) return named;
    throw new CallError(
      'unknown_agent',
      `This workspace does not know the agent ${JSON.stringify(named.slice(0, 64))}: name it in policies/people.yaml, with its owner.`,
    );
  }
  const [only, another] = people.agents;
  if (only && !another) return only.id;
  throw new CallError(
    'unknown_agent',
    people.agents.length === 0
      ? 'policies/people.yaml names no agent: add one, with its owner.'
      : 'policies/people.yaml names several agents: say which one this is with --agent NAME.',
  );
}
