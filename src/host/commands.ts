import type { Socket } from 'node:net';
import type { AgentKeyDesk } from './agent-key-desk.ts';
import type { Hello } from './hello.ts';
import type { Clients } from './clients.ts';
import type { CustodyDesk } from './custody-desk.ts';
import type { ReviewDesk } from './review-desk.ts';
import type { PeopleDesk } from './people-desk.ts';
import type { HostStatus } from './status.ts';

/** What whoever attaches is answered, and what is done with the socket that stays. */
export interface Accepted {
  readonly data?: unknown;
  readonly hold?: (socket: Socket) => void;
}

/** Answers the first line of whoever attaches. @throws PlacetError whose sentence is sent back */
export function createCommands(parts: {
  readonly clients: Clients;
  readonly desk: PeopleDesk;
  readonly agentKeys: AgentKeyDesk;
  readonly custody: CustodyDesk;
  readonly evidence: ReviewDesk;
  readonly status: () => HostStatus;
  readonly stop: () => Promise<void>;
}): (hello: Hello) => Promise<Accepted> {
  const { clients, desk, agentKeys, custody, evidence, status, stop } = parts;
  return async (hello) => {
    switch (hello.op) {
      case 'stdio':
      case 'wrap':
        return { hold: clients.welcome(hello) };
      case 'status':
        return { data: status() };
      case 'invite':
        return { data: await desk.invite(hello.person) };
      case 'passkeys':
        return { data: desk.passkeys() };
      case 'revoke':
        return { data: await desk.revoke(hello.person, hello.credential_id) };
      case 'revoke_reviewer_key':
        return { data: await desk.revokeKey(hello.person, hello.key_id) };
      case 'issue_agent_key':
        return { data: await agentKeys.issue(hello.agent, hello.lasts_ms) };
      case 'agent_keys':
        return { data: agentKeys.list() };
      case 'revoke_agent_key':
        return { data: await agentKeys.revoke(hello.agent, hello.key_id) };
      case 'erase':
        return { data: await custody.erase(hello.id, hello.reason) };
      case 'hold':
        return { data: await custody.hold(hello.id, hello.reason) };
      case 'release':
        return { data: await custody.release(hello.hold_id, hello.reason) };
      case 'holds':
        return { data: custody.holds() };
      case 'retain':
        return { data: await custody.retain(hello) };
      case 'evidence_review': {
        const { from, to, person, after, wait_ms } = hello;
        return { data: await evidence.ask({ period: { from, to }, person, after, wait_ms }) };
      }
      case 'rotate_key':
        return { data: await custody.rotateKey(hello.reason) };
      case 'checkpoint':
        return { data: await custody.checkpoint() };
      case 'stop':
        return { hold: (socket) => void stop().then(() => socket.end()) };
    }
  };
}
