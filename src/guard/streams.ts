import type { Draft, Entry } from '../core/entry.ts';
import { JournalError } from '../core/errors.ts';
import type { Request } from '../core/request.ts';
import type { GuardContext } from './context.ts';

const ATTEMPTS = 20;

/** Changes of single requests: one after the other within this host, by compare-and-append against others. */
export interface Streams {
  /**
   * Decides on the request as it stands and appends what follows. `decide` may be called again when somebody
   * else was faster; it returns nothing when there is nothing to append.
   *
   * @returns the request afterwards, or nothing when it is not open
   */
  readonly update: (
    requestId: string,
    decide: (request: Request) => readonly Draft[] | undefined,
  ) => Promise<Request | undefined>;
  /** Appends the entries that open a request. */
  open(requestId: string, drafts: readonly Draft[]): Promise<readonly Entry[]>;
}

export function createStreams({ journal, ledger }: Pick<GuardContext, 'journal' | 'ledger'>): Streams {
  const tails = new Map<string, Promise<unknown>>();

  function inTurn<T>(requestId: string, task: () => Promise<T>): Promise<T> {
    const before = tails.get(requestId) ?? Promise.resolve();
    const mine = before.then(task, task);
    // Only the order matters here: whoever asked for the task is told of its failure.
    const tail = mine.then(
      () => undefined,
      () => undefined,
    );
    tails.set(requestId, tail);
    void tail.then(() => {
      if (tails.get(requestId) === tail) tails.delete(requestId);
    });
    return mine;
  }

  async function attempt(
    requestId: string,
    decide: (request: Request) => readonly Draft[] | undefined,
  ): Promise<Request | undefined> {
    for (let tries = 1; ; tries += 1) {
      const request = ledger.request(requestId);
      if (!request) return undefined;
      const drafts = decide(request);
      if (!drafts || drafts.length === 0) return request;
      try {
        await journal.append(drafts, { expect: { request_id: requestId, version: request.version } });
        return ledger.request(requestId);
      } catch (error) {
        if (!(error instanceof JournalError) || error.code !== 'conflict' || tries === ATTEMPTS) throw error;
      }
    }
  }

  return {
    update: (requestId, decide) => inTurn(requestId, () => attempt(requestId, decide)),
    open: (requestId, drafts) =>
      inTurn(requestId, () => journal.append(drafts, { expect: { request_id: requestId, version: null } })),
  };
}
