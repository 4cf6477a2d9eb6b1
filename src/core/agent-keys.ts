import type { EntryOf } from './entry.ts';
import { TransitionError } from './errors.ts';

export type AgentKeyEntry = EntryOf<'agent.key_issued' | 'agent.key_revoked'>;

/** A bearer key by which an agent proves who it is. Times are RFC 3339, UTC. */
export interface AgentKey {
  readonly agent: string;
  readonly key_id: string;
  /** Over the key, of which nothing else is kept. */
  readonly key_sha256: string;
  readonly issued_at: string;
  /** Absent where it does not expire. */
  readonly expires_at?: string;
  readonly revoked_at?: string;
}

export type AgentKeysState = readonly AgentKey[];

export const NO_AGENT_KEYS: AgentKeysState = [];

/** Of each agent so many keys stay known that were revoked, for lists and for clear refusals. */
const REVOKED_KEPT = 32;

/** The keys of agents: a fold over the journal. */
export class AgentKeys {
  /** By digest, oldest first. */
  readonly #keys = new Map<string, AgentKey>();

  /** The key with this digest, whether or not it still holds. */
  find(sha256: string): AgentKey | undefined {
    return this.#keys.get(sha256);
  }

  /** Oldest first, revoked ones among them. */
  all(): IterableIterator<AgentKey> {
    return this.#keys.values();
  }

  /**
   * Whether this agent has to prove who it is: it has a key that nobody revoked. One that has expired counts, as the
   * mere passing of time must not make a claim good enough.
   */
  mustProve(agent: string): boolean {
    for (const key of this.#keys.values())
      if (key.agent === agent && key.revoked_at === undefined) return true;
    return false;
  }

  /** @throws TransitionError `agent_key_exists`, `agent_key_expired`, `unknown_agent_key`, `revoked_agent_key` */
  apply(entry: AgentKeyEntry): void {
    const { agent, key_id, time } = entry;
    if (entry.type === 'agent.key_issued') {
      const { key_sha256, expires_at } = entry;
      if (this.#keys.has(key_sha256) || this.#named(agent, key_id) !== undefined)
        throw refused('agent_key_exists', agent, key_id, 'was issued before');
      if (isOver(expires_at, Date.parse(time)))
        throw refused('agent_key_expired', agent, key_id, 'would have expired before it is issued');
      this.#keys.set(key_sha256, {
        agent,
        key_id,
        key_sha256,
        issued_at: time,
        ...(expires_at === undefined ? {} : { expires_at }),
      });
      return;
    }
    const key = this.#named(agent, key_id);
    if (!key) throw refused('unknown_agent_key', agent, key_id, 'was never issued');
    if (key.revoked_at !== undefined) throw refused('revoked_agent_key', agent, key_id, 'was revoked before');
    this.#keys.set(key.key_sha256, { ...key, revoked_at: time });
    this.#forget(agent);
  }

  save(): AgentKeysState {
    return [...this.#keys.values()];
  }

  load(state: AgentKeysState): void {
    this.#keys.clear();
    for (const key of state) this.#keys.set(key.key_sha256, key);
  }

  #named(agent: string, keyId: string): AgentKey | undefined {
    for (const key of this.#keys.values()) if (key.agent === agent && key.key_id === keyId) return key;
    return undefined;
  }

  #forget(agent: string): void {
    const revoked = [...this.#keys.values()].filter((key) => key.agent === agent && key.revoked_at);
    for (const key of revoked.slice(0, -REVOKED_KEPT)) this.#keys.delete(key.key_sha256);
  }
}

/** @param now milliseconds since the epoch */
export function isOver(expiresAt: string | undefined, now: number): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now;
}

export function isAgentKeyEntry(entry: { readonly type: string }): entry is AgentKeyEntry {
  return entry.type === 'agent.key_issued' || entry.type === 'agent.key_revoked';
}

function refused(code: string, agent: string, keyId: string, what: string): TransitionError {
  return new TransitionError(code, `The key ${keyId} of the agent ${agent} ${what}.`);
}
