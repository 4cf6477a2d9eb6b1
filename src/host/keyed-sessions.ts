import { isOver, type AgentKey } from '../core/agent-keys.ts';
import type { Clock } from '../core/clock.ts';
import type { AgentKeysView } from '../core/ledger.ts';
import type { Changes } from '../guard/context.ts';

/** The sessions that were opened with a key and end with it. */
export interface KeyedSessions {
  /**
   * @param end ends the session; called at most once, at once if the key holds no more
   * @returns to be called when the session has ended by itself
   */
  opened(key: AgentKey, end: () => void): () => void;
  close(): void;
}

/** A session outlives the expiry of its key by so much at most. */
const CHECK_MS = 30_000;

export function createKeyedSessions(options: {
  readonly keys: () => AgentKeysView;
  readonly changes: Changes;
  readonly clock: Clock;
}): KeyedSessions {
  const { keys, changes, clock } = options;
  const open = new Set<{ readonly key: AgentKey; readonly end: () => void }>();

  const unsubscribe = changes.subscribe((entry) => {
    if (entry.type === 'agent.key_revoked') endThoseOver();
  });
  let cancel = clock.after(CHECK_MS, look);

  function look(): void {
    endThoseOver();
    cancel = clock.after(CHECK_MS, look);
  }

  function endThoseOver(): void {
    for (const session of open) {
      if (holds(session.key)) continue;
      open.delete(session);
      session.end();
    }
  }

  function holds({ key_sha256 }: AgentKey): boolean {
    const key = keys().find(key_sha256);
    return key !== undefined && key.revoked_at === undefined && !isOver(key.expires_at, clock.now());
  }

  return {
    opened(key, end) {
      const session = { key, end };
      open.add(session);
      if (!holds(key)) endThoseOver();
      return () => void open.delete(session);
    },
    close() {
      unsubscribe();
      cancel();
    },
  };
}
