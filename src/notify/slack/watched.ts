import type { Log } from '../../core/log.ts';
import type { SlackClient } from './client.ts';
import { SlackFailure } from './failure.ts';

/** A client that remembers what whoever set up the app has to mend, until a call succeeds. */
export interface WatchedClient extends SlackClient {
  problems(): readonly string[];
}

export function watched(client: SlackClient, log: Log): WatchedClient {
  let trouble: string | undefined;
  return {
    async call(method, args) {
      try {
        const answer = await client.call(method, args);
        trouble = undefined;
        return answer;
      } catch (thrown) {
        if (thrown instanceof SlackFailure && thrown.kind === 'operator' && trouble !== thrown.message) {
          trouble = thrown.message;
          log(`slack: ${trouble}`);
        }
        throw thrown;
      }
    },
    problems: () => (trouble === undefined ? [] : [trouble]),
    close: () => client.close(),
  };
}
