import { isOver, type AgentKey } from '../core/agent-keys.ts';
import type { Clock } from '../core/clock.ts';
import type { AgentKeysView } from '../core/ledger.ts';
import type { People } from '../core/person.ts';
import type { AgentKeyCases } from '../guard/agent-keys.ts';
import type { IssuedAgentKey, KeysOfAgents, RevokedAgentKey } from './people-ops.ts';

/** What `placet people agent-key` asks of the host, in the operator's name. */
export interface AgentKeyDesk {
  issue(agent: string, lastsMs: number | undefined): Promise<IssuedAgentKey>;
  list(): KeysOfAgents;
  revoke(agent: string, keyId: string): Promise<RevokedAgentKey>;
}

const OPERATOR = 'operator';

export function createAgentKeyDesk(options: {
  readonly cases: Pick<AgentKeyCases, 'issue' | 'revoke'>;
  readonly keys: () => AgentKeysView;
  readonly people: () => People;
  readonly publicUrl: string;
  readonly clock: Clock;
}): AgentKeyDesk {
  const { cases, keys, people, publicUrl, clock } = options;
  const keysOf = (agent: string): readonly AgentKey[] =>
    [...keys().all()].filter((key) => key.agent === agent);
  const state = (key: AgentKey): 'good' | 'expired' | 'revoked' => {
    if (key.revoked_at !== undefined) return 'revoked';
    return isOver(key.expires_at, clock.now()) ? 'expired' : 'good';
  };

  return {
    async issue(agent, lastsMs) {
      const issued = await cases.issue(agent, {
        by: OPERATOR,
        ...(lastsMs === undefined ? {} : { lasts_ms: lastsMs }),
      });
      return { ...issued, mcp_url: `${publicUrl}/mcp` };
    },

    list() {
      const named = new Set(people().agents.map(({ id }) => id));
      // Who is no longer in people.yaml may still have keys, which somebody should revoke.
      const agents = new Set([...named, ...[...keys().all()].map(({ agent }) => agent)]);
      return [...agents].map((agent) => ({
        agent,
        known: named.has(agent),
        keys: keysOf(agent).map((key) => ({
          key_id: key.key_id,
          issued_at: key.issued_at,
          state: state(key),
          ...(key.expires_at === undefined ? {} : { expires_at: key.expires_at }),
          ...(key.revoked_at === undefined ? {} : { revoked_at: key.revoked_at }),
        })),
      }));
    },

    async revoke(agent, keyId) {
      await cases.revoke(agent, keyId, {
        by: OPERATOR,
        reason: 'Revoked with "placet people agent-key revoke".',
      });
      return { agent, key_id: keyId, left: keysOf(agent).filter((key) => state(key) === 'good').length };
    },
  };
}
