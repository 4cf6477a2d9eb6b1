import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AgentKey } from '../../src/core/agent-keys.ts';
import { CallError } from '../../src/core/errors.ts';
import { agentOf, type AgentClaim } from '../../src/host/agents.ts';
import { PEOPLE } from '../support/guard.ts';

const KEY: AgentKey = {
  agent: 'claude',
  key_id: 'one',
  key_sha256: 'a'.repeat(64),
  issued_at: '2026-11-23T10:00:00.000Z',
};

function known(agents: readonly string[], keys: Readonly<Record<string, AgentKey>> = {}) {
  return {
    people: { ...PEOPLE, agents: agents.map((id) => ({ id, owner: 'bob' })) },
    authenticate(key: string): AgentKey {
      const found = keys[key];
      if (!found) throw new CallError('agent_key_refused', 'This is no key.');
      return found;
    },
    mustProve: (agent: string) => Object.values(keys).some((key) => key.agent === agent),
  };
}

function refusal(claim: AgentClaim, at: ReturnType<typeof known>): string {
  try {
    agentOf(claim, at);
  } catch (error) {
    if (error instanceof CallError) return `${error.code}: ${error.message}`;
  }
  return 'let in';
}

test('an agent without a key is believed by its name, or because it is the only one', () => {
  assert.equal(agentOf({ agent: 'claude' }, known(['claude', 'other'])), {
    agent: 'claude',
    identity: 'claimed',
  });
  assert.is(agentOf({}, known(['claude'])).agent, 'claude');
});

test('a key says which agent it is, and authenticates it', () => {
  const at = known(['claude', 'other'], { secret: KEY });
  assert.equal(agentOf({ key: 'secret' }, at), { agent: 'claude', identity: 'authenticated', key: KEY });
  assert.is(agentOf({ agent: 'claude', key: 'secret' }, at).identity, 'authenticated');
});

test('an agent that has a key is not believed without it', () => {
  assert.is(
    refusal({ agent: 'claude' }, known(['claude', 'other'], { secret: KEY })),
    'agent_key_needed: The agent claude has to prove who it is: set PLACET_AGENT_KEY, in the environment of its client, to a key that was issued to it.',
  );
  assert.is(refusal({ agent: 'other' }, known(['claude', 'other'], { secret: KEY })), 'let in');
});

test("another agent's key is refused, and so is one that is none", () => {
  const at = known(['claude', 'other'], { secret: KEY });
  assert.match(
    refusal({ agent: 'other', key: 'secret' }, at),
    /^agent_key_refused: .* not one of the agent other:/,
  );
  assert.is(refusal({ agent: 'other', key: 'guess' }, at), 'agent_key_refused: This is no key.');
});

test('the key of an agent that people.yaml no longer names opens nothing', () => {
  assert.match(refusal({ key: 'secret' }, known(['other'], { secret: KEY })), /^unknown_agent: .*"claude"/);
});

test('who names nobody among several is asked to', () => {
  assert.match(refusal({}, known(['claude', 'other'])), /say which one this is with --agent NAME/);
  assert.match(refusal({}, known([])), /names no agent: add one/);
});

test.run();
