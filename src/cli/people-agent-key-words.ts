import { revealedLine } from '../core/reveal.ts';
import type { IssuedAgentKey, KeysOfAgents, RevokedAgentKey } from '../host/people-ops.ts';

/** The key, alone on the first line, and what to do with it. */
export function renderIssuedKey({ agent, key, key_id, expires_at, mcp_url }: IssuedAgentKey): string {
  const until = expires_at === undefined ? 'until it is revoked' : `until ${expires_at}`;
  return [
    key,
    '',
    `This is a key of the agent ${agent}, good ${until}. It is shown here once and kept nowhere; its id is ${key_id}.`,
    `Over stdio: set PLACET_AGENT_KEY to it in the environment in which the client starts "placet stdio". From now on ${agent} is let in with a key only.`,
    `Over HTTP: let the client send it to ${mcp_url} as "Authorization: Bearer …".`,
  ].join('\n');
}

export function renderAgentKeys(agents: KeysOfAgents): string {
  if (agents.length === 0) return 'policies/people.yaml names no agent.';
  return agents
    .flatMap(({ agent, known, keys }) => [
      `${revealedLine(agent)}${known ? '' : '  is not in people.yaml, so its keys open nothing'}`,
      ...(keys.length === 0 ? ['  no key'] : keys.map(keyLine)),
    ])
    .join('\n');
}

export function renderRevokedKey({ agent, key_id, left }: RevokedAgentKey): string {
  const rest =
    left === 0
      ? `${agent} has no other key that holds.`
      : `${agent} has ${left} other ${left === 1 ? 'key that holds' : 'keys that hold'}.`;
  return `Revoked the key ${key_id} of ${agent}, and ended the sessions that it opened. ${rest}`;
}

function keyLine(key: KeysOfAgents[number]['keys'][number]): string {
  const state = {
    good: key.expires_at === undefined ? 'good until it is revoked' : `good until ${key.expires_at}`,
    expired: `EXPIRED ${key.expires_at ?? ''}`,
    revoked: `REVOKED ${key.revoked_at ?? ''}`,
  }[key.state];
  return `  key ${key.key_id}, issued ${key.issued_at}, ${state}`;
}
