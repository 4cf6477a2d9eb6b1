import { requestIdOf } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { UNFETCHED_MS } from '../core/ledger.ts';
import { isSettled, type Request } from '../core/request.ts';
import type { GuardContext } from './context.ts';
import type { Streams } from './streams.ts';

const RETRY_MS = { first: 1000, most: 60_000 };

/**
 * Destroys what was kept of secrets as soon as it is not needed any more: those of arguments once the request is
 * settled, a result as it came once the agent was given it, or a week later. That it is settled stands in the journal
 * before, so that whatever breaks off is done again at the next start; that it is destroyed is journalled then.
 */
export interface SecretEraser {
  /** Erases what a crash left behind that no entry names. Call it before anything is put. */
  clear(): Promise<void>;
  /** Takes up what an earlier host left. */
  readonly resume: () => void;
  /** Tries nothing again, and resolves when what is under way is over. */
  close(): Promise<void>;
}

export function createSecretEraser(
  { changes, clock, history, ledger, log, secrets }: GuardContext,
  { update }: Pick<Streams, 'update'>,
): SecretEraser {
  const running = new Map<string, Promise<void>>();
  const timers = new Map<string, () => void>();
  /** Calls whose payloads were ordered to be erased while a result was kept for their agents. */
  const ordered = new Set<string>();
  let closed = false;

  function dueOf(request: Request): readonly string[] {
    const { args, result } = request.secrets ?? {};
    if (!isSettled(request)) return [];
    const over =
      request.delivered ||
      ordered.has(request.call_id) ||
      // Of one that was ordered before a crash the history knows.
      history.item(request.id)?.erased !== undefined ||
      settledAt(request) + UNFETCHED_MS <= clock.now();
    return [...(args === undefined ? [] : [args]), ...(result !== undefined && over ? [result] : [])];
  }

  async function erase(requestId: string): Promise<void> {
    for (;;) {
      const request = ledger.request(requestId);
      const [commit] = request ? dueOf(request) : [];
      if (commit === undefined) return;
      await secrets.erase(commit);
      await update(requestId, ({ secrets: kept }) =>
        kept?.args === commit || kept?.result === commit
          ? [{ type: 'secret.erased', request_id: requestId, secrets_commit: commit }]
          : undefined,
      );
    }
  }

  function check(requestId: string, delay = RETRY_MS.first): void {
    const request = ledger.request(requestId);
    if (closed || !request?.secrets || !isSettled(request) || running.has(requestId)) return;
    stop(requestId);
    if (dueOf(request).length === 0) {
      return wait(requestId, settledAt(request) + UNFETCHED_MS - clock.now(), () => check(requestId));
    }
    const run = erase(requestId).then(
      () => {
        running.delete(requestId);
        check(requestId);
      },
      (error: unknown) => {
        running.delete(requestId);
        log(`The secrets of ${requestId} are not erased yet, and it is tried again: ${messageOf(error)}`);
        if (!closed) wait(requestId, delay, () => check(requestId, Math.min(delay * 2, RETRY_MS.most)));
      },
    );
    running.set(requestId, run);
  }

  function wait(requestId: string, ms: number, then: () => void): void {
    timers.set(
      requestId,
      clock.after(ms, () => {
        timers.delete(requestId);
        then();
      }),
    );
  }

  function stop(requestId: string): void {
    timers.get(requestId)?.();
    timers.delete(requestId);
  }

  const unsubscribe = changes.subscribe((entry) => {
    if (entry.type === 'payload.erasure_ordered') {
      const request = [...ledger.requests()].find(({ call_id }) => call_id === entry.call_id);
      if (!request?.secrets) return;
      ordered.add(entry.call_id);
      return check(request.id);
    }
    const requestId = requestIdOf(entry);
    if (requestId !== undefined && entry.type !== 'secret.erased') check(requestId);
  });

  return {
    async clear() {
      const needed = [...ledger.requests()].flatMap((request) => Object.values(request.secrets ?? {}));
      await secrets.eraseOthers(new Set(needed));
    },
    resume() {
      for (const { id } of Array.from(ledger.requests())) check(id);
    },
    async close() {
      closed = true;
      unsubscribe();
      for (const cancel of timers.values()) cancel();
      timers.clear();
      await Promise.all(running.values());
    },
  };
}

/** Milliseconds since the epoch. */
function settledAt({ phase }: Request): number {
  return 'at' in phase ? Date.parse(phase.at) : 0;
}
