import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Changes } from '../guard/context.ts';
import type { Guard } from '../guard/guard.ts';
import type { Journal } from '../journal/journal.ts';
import { openAgentAccess, type AgentAccess } from './agent-access.ts';
import { createClients, type Clients } from './clients.ts';
import type { Downstreams } from './downstreams.ts';
import { createMcpSite, type McpSite } from './mcp-site.ts';
import type { PolicyInForce } from './policy-in-force.ts';

/** The ways by which agents come in: sockets and HTTP. */
export interface AgentDoors {
  readonly access: AgentAccess;
  readonly clients: Clients;
  readonly mcp: McpSite;
  /** What is under way is answered, within a limit; then all sessions end. */
  close(): Promise<void>;
}

export function openAgentDoors(options: {
  readonly settings: Settings;
  readonly policy: Pick<PolicyInForce, 'current'>;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly changes: Changes;
  readonly guard: Guard;
  readonly downstreams: Downstreams;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly software: string;
  /** Bytes of a message that a client may send. */
  readonly maxMessageBytes: number;
}): AgentDoors {
  const { settings, policy } = options;
  const people = () => policy.current().people;
  const access = openAgentAccess({ ...options, people });
  const clients = createClients({ ...options, agents: access, policy: () => policy.current() });
  const mcp = createMcpSite({
    ...options,
    issuer: settings.agentIssuer,
    access,
    clients,
    people,
    maxBytes: options.maxMessageBytes,
  });
  return {
    access,
    clients,
    mcp,
    async close() {
      await clients.close();
      await mcp.close();
      access.close();
    },
  };
}
