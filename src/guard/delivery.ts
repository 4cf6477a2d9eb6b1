import { CallError, messageOf } from '../core/errors.ts';
import { isSettled, type Request } from '../core/request.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import { findRequest } from './find-request.ts';
import { answerFor } from './outcome.ts';
import type { Answer } from './ports.ts';
import type { Repeats } from './repeats.ts';
import type { Streams } from './streams.ts';

/** Hands the state of requests to their agents and journals when an outcome was handed over. */
export interface Delivery {
  /** @param tool the name by which the agent called it */
  answer(requestId: string, tool: string): Promise<Answer>;
  /**
   * The request, open or long closed.
   *
   * @throws CallError `unknown_approval` when this agent has none of that id
   */
  find(agent: string, requestId: string): Promise<Request>;
  answerOf(request: Request): Promise<Answer>;
  /** The same, but the agent is not thereby given it. */
  look(request: Request): Promise<Answer>;
}

export interface DeliveryParts {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
  readonly repeats: Repeats;
}

export function createDelivery({ context, contents, streams, repeats }: DeliveryParts): Delivery {
  async function answerOf(request: Request, tool?: string): Promise<Answer> {
    const answer = await answerFor(request, contents, tool);
    if (isSettled(request) && !request.delivered) {
      repeats.forget(request.id);
      void delivered(request.id);
    }
    return answer;
  }

  /** Journalled while the answer is on its way: a crash in between hands it out once more, and loses nothing. */
  async function delivered(requestId: string): Promise<void> {
    try {
      await streams.update(requestId, (request) =>
        isSettled(request) && !request.delivered
          ? [
              {
                type: 'call.completed',
                call_id: request.call_id,
                request_id: requestId,
                outcome: 'delivered',
              },
            ]
          : undefined,
      );
    } catch (error) {
      // The outcome itself is durable; it is only told once more than needed.
      context.log(`The delivery of ${requestId} could not be journalled: ${messageOf(error)}`);
    }
  }

  return {
    answerOf: (request) => answerOf(request),
    look: (request) => answerFor(request, contents),

    async answer(requestId, tool) {
      const request = context.ledger.request(requestId);
      if (!request) throw unknown(requestId);
      return answerOf(request, tool);
    },

    async find(agent, requestId) {
      const request = await findRequest(context, requestId);
      if (request?.agent !== agent) throw unknown(requestId);
      return request;
    },
  };
}

function unknown(requestId: string): CallError {
  return new CallError(
    'unknown_approval',
    `No approval request of this agent has the id ${JSON.stringify(requestId.slice(0, 64))}.`,
  );
}
