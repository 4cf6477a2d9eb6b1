import type { Card } from '../core/card.ts';
import { DecisionError, JournalError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Request } from '../core/request.ts';
import type { Secret } from '../core/secret.ts';
import { utc } from '../core/time-words.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';

/** What a decision is about. */
export interface Shown {
  readonly card: Card;
  /** With marks in the place of secrets. */
  readonly args: JsonObject;
  /** What rules are to judge: with their secrets while they are kept. */
  readonly judged: JsonObject;
  /** Those secrets; none where there are none, or they are kept no more. */
  readonly secrets: readonly Secret[];
}

/**
 * Card and arguments of a request, for people who may see it.
 *
 * @throws DecisionError `erased`, with since when and why as far as the history knows
 */
export function createShown(
  { history }: Pick<GuardContext, 'history'>,
  contents: Pick<Contents, 'card' | 'args' | 'whole'>,
): (request: Request) => Promise<Shown> {
  /** What cannot be put together again is never sent, so that it does no harm to judge what is left of it. */
  async function whole(request: Request, args: JsonObject): Promise<Pick<Shown, 'judged' | 'secrets'>> {
    const masked = { judged: args, secrets: [] };
    if (request.secrets?.args === undefined) return masked;
    try {
      const { args: judged, secrets } = await contents.whole(request);
      return { judged, secrets };
    } catch (error) {
      if (error instanceof JournalError && error.code === 'secrets_lost') return masked;
      throw error;
    }
  }

  return async (request) => {
    const { erased } = history.item(request.id) ?? {};
    // What is ordered to be erased is shown no more, even while the disk keeps it from being done.
    if (erased) {
      throw new DecisionError('erased', `${what(request)} was erased on ${utc(erased.at)}: ${erased.reason}`);
    }
    try {
      const args = await contents.args(request);
      return { card: await contents.card(request), args, ...(await whole(request, args)) };
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'payload_erased') throw error;
      throw new DecisionError('erased', `${what(request)} has been erased.`, { cause: error });
    }
  };
}

function what({ tool, server, agent }: Request): string {
  return `What ${agent} asked ${tool} on ${server} to do`;
}
