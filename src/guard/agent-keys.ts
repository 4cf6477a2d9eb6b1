import { isOver, type AgentKey } from '../core/agent-keys.ts';
import { timestamp, type Clock } from '../core/clock.ts';
import { sha256 } from '../core/digest.ts';
import { CallError, IdentityError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { AgentKeysView } from '../core/ledger.ts';
import type { People } from '../core/person.ts';
import { REVIEWER_KEY_PREFIX } from '../core/reviewer-access.ts';
import type { Journal } from '../journal/journal.ts';

/** A key that was just issued. `key` is told here and nowhere else. */
export interface IssuedKey {
  readonly agent: string;
  readonly key_id: string;
  readonly key: string;
  readonly expires_at?: string;
}

export interface AgentKeyCases {
  /** @throws IdentityError `unknown_agent`; JournalError */
  issue(agent: string, options: { readonly by: string; readonly lasts_ms?: number }): Promise<IssuedKey>;
  /** @throws IdentityError `unknown_agent_key`, `revoked_agent_key`; JournalError */
  revoke(agent: string, keyId: string, word: { readonly by: string; readonly reason: string }): Promise<void>;
  /**
   * Whose key this is. The key is looked up by its digest, so that no comparison takes longer the more of it is right.
   *
   * @throws CallError `agent_key_refused`; nothing of the key stands in its sentence
   */
  readonly authenticate: (key: string) => AgentKey;
}

/** What begins a key, so that those who look for leaked secrets know one. */
export const AGENT_KEY_PREFIX = 'plk_';
const SHAPE = /^plk_[0-9a-hjkmnp-tv-z]{12}_[A-Za-z0-9_-]{43}$/;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 12;
const SECRET_BYTES = 32;

/** Issues and revokes the keys by which agents prove who they are. */
export function createAgentKeys(options: {
  readonly journal: Pick<Journal, 'append'>;
  readonly keys: () => AgentKeysView;
  readonly people: () => People;
  readonly clock: Clock;
  readonly random: Random;
}): AgentKeyCases {
  const { journal, keys, people, clock, random } = options;

  return {
    async issue(agent, { by, lasts_ms }) {
      if (!people().agents.some((each) => each.id === agent)) {
        throw new IdentityError(
          'unknown_agent',
          `policies/people.yaml names no agent ${JSON.stringify(agent.slice(0, 64))}: add it there first, with its owner.`,
        );
      }
      const keyId = [...random(ID_LENGTH)].map((byte) => ALPHABET.charAt(byte % 32)).join('');
      const key = `${AGENT_KEY_PREFIX}${keyId}_${Buffer.from(random(SECRET_BYTES)).toString('base64url')}`;
      const expires = lasts_ms === undefined ? {} : { expires_at: timestamp(clock, lasts_ms) };
      await journal.append([
        { type: 'agent.key_issued', agent, key_id: keyId, key_sha256: sha256(key), by, ...expires },
      ]);
      return { agent, key_id: keyId, key, ...expires };
    },

    async revoke(agent, keyId, { by, reason }) {
      const key = [...keys().all()].find((each) => each.agent === agent && each.key_id === keyId);
      if (!key || key.revoked_at !== undefined) {
        throw new IdentityError(
          key ? 'revoked_agent_key' : 'unknown_agent_key',
          `${JSON.stringify(agent.slice(0, 64))} has no key ${JSON.stringify(keyId.slice(0, 64))} that could be revoked; "placet people agent-key list" shows them.`,
        );
      }
      await journal.append([{ type: 'agent.key_revoked', agent, key_id: keyId, by, reason }]);
    },

    authenticate(text) {
      if (text.startsWith(REVIEWER_KEY_PREFIX))
        throw refused("This is a reviewer's key, which opens nothing for an agent");
      const key = SHAPE.test(text) ? keys().find(sha256(text)) : undefined;
      if (!key) throw refused('This is no key that this workspace issued');
      if (key.revoked_at !== undefined) throw refused(`The key ${key.key_id} was revoked`);
      if (isOver(key.expires_at, clock.now())) throw refused(`The key ${key.key_id} has expired`);
      return key;
    },
  };
}

function refused(why: string): CallError {
  return new CallError(
    'agent_key_refused',
    `${why}: have another issued with "placet people agent-key issue AGENT".`,
  );
}
