import type { AgentKey } from '../core/agent-keys.ts';
import { CallError } from '../core/errors.ts';
import type { People } from '../core/person.ts';

/** Who attaches, and how that is known. */
export interface AttachedAgent {
  readonly agent: string;
  readonly identity: 'claimed' | 'authenticated';
  /** By which it proved who it is. */
  readonly key?: AgentKey;
}

/** What a pipe says of its agent: its name, a key, both or neither. */
export interface AgentClaim {
  readonly agent?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * The agent that attaches: the one it names, the one whose key it has, or the only one of the workspace.
 *
 * @throws CallError `unknown_agent`, `agent_key_needed`, `agent_key_refused`
 */
export function agentOf(
  claim: AgentClaim,
  known: {
    readonly people: People;
    /** @throws CallError */
    readonly authenticate: (key: string) => AgentKey;
    readonly mustProve: (agent: string) => boolean;
  },
): AttachedAgent {
  const key = claim.key === undefined ? undefined : known.authenticate(claim.key);
  const agent = agentFor(claim.agent ?? key?.agent, known.people);
  if (key && key.agent !== agent) {
    throw new CallError(
      'agent_key_refused',
      `The key in PLACET_AGENT_KEY is not one of the agent ${agent}: leave --agent out, or use a key that was issued to it.`,
    );
  }
  if (key) return { agent, identity: 'authenticated', key };
  if (known.mustProve(agent)) {
    throw new CallError(
      'agent_key_needed',
      `The agent ${agent} has to prove who it is: set PLACET_AGENT_KEY, in the environment of its client, to a key that was issued to it.`,
    );
  }
  return { agent, identity: 'claimed' };
}

/** @throws CallError `unknown_agent` */
function agentFor(named: string | undefined, people: People): string {
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
