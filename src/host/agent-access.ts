import type { AgentKey } from '../core/agent-keys.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';
import type { AgentKeysView, Ledger } from '../core/ledger.ts';
import type { People } from '../core/person.ts';
import { createAgentKeys, type AgentKeyCases } from '../guard/agent-keys.ts';
import type { Changes } from '../guard/context.ts';
import type { Journal } from '../journal/journal.ts';
import { createAgentKeyDesk, type AgentKeyDesk } from './agent-key-desk.ts';
import { agentOf, type AgentClaim, type AttachedAgent } from './agents.ts';
import { createKeyedSessions, type KeyedSessions } from './keyed-sessions.ts';

/** How agents prove who they are in this workspace. */
export interface AgentAccess {
  /** Who attaches over a socket. @throws CallError */
  identify(claim: AgentClaim): AttachedAgent;
  readonly authenticate: AgentKeyCases['authenticate'];
  /** The key whose id this is, to end with it what was opened by it. */
  keyOf(keyId: string): AgentKey | undefined;
  readonly sessions: KeyedSessions;
  readonly desk: AgentKeyDesk;
  close(): void;
}

export function openAgentAccess(options: {
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly people: () => People;
  readonly changes: Changes;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: Random;
}): AgentAccess {
  const { journal, ledger, people, changes, publicUrl, clock, random } = options;
  const keys = (): AgentKeysView => ledger.agentKeys;
  const cases = createAgentKeys({ journal, keys, people, clock, random });
  const sessions = createKeyedSessions({ keys, changes, clock });
  return {
    identify: (claim) =>
      agentOf(claim, {
        people: people(),
        authenticate: cases.authenticate,
        mustProve: (agent) => keys().mustProve(agent),
      }),
    authenticate: cases.authenticate,
    keyOf: (keyId) => [...keys().all()].find(({ key_id }) => key_id === keyId),
    sessions,
    desk: createAgentKeyDesk({ cases, keys, people, publicUrl, clock }),
    close: () => sessions.close(),
  };
}
