import { CallError, JournalError } from '../core/errors.ts';
import { isOver, isSettled } from '../core/request.ts';
import { timestamp } from '../core/clock.ts';
import type { GuardContext } from './context.ts';
import type { Delivery } from './delivery.ts';
import type { Answer, Caller, Intercept } from './ports.ts';
import type { Streams } from './streams.ts';
import type { Waiting } from './waiting.ts';

/** What an agent may ask about its own requests: how one stands, and to cancel one that is pending. */
export function createAgentQuestions(parts: {
  readonly context: GuardContext;
  readonly streams: Streams;
  readonly delivery: Delivery;
  readonly waiting: Waiting;
}): Pick<Intercept, 'status' | 'look' | 'cancel'> {
  const { context, streams, delivery, waiting } = parts;

  async function told(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question();
    } catch (error) {
      if (error instanceof CallError || error instanceof JournalError) {
        return { kind: 'refused', code: error.code, message: error.message };
      }
      throw error;
    }
  }

  function mustBeKnown(caller: Caller): void {
    if (context.policy().people.agents.some((agent) => agent.id === caller.agent)) return;
    throw new CallError(
      'unknown_agent',
      `This workspace does not know the agent ${JSON.stringify(caller.agent)}; a person has to name it in policies/people.yaml.`,
    );
  }

  return {
    status: (caller, approvalId, wait_ms, signal) =>
      told(async () => {
        mustBeKnown(caller);
        const request = await delivery.find(caller.agent, approvalId);
        if (isSettled(request)) return delivery.answerOf(request);
        await waiting.until(approvalId, (now) => !now || isSettled(now), { ms: wait_ms, signal });
        return delivery.answerOf(await delivery.find(caller.agent, approvalId));
      }),

    look: (caller, approvalId) =>
      told(async () => {
        mustBeKnown(caller);
        return delivery.look(await delivery.find(caller.agent, approvalId));
      }),

    cancel: (caller, approvalId) =>
      told(async () => {
        mustBeKnown(caller);
        await delivery.find(caller.agent, approvalId);
        await streams.update(approvalId, (request) =>
          request.phase.kind === 'pending' && !isOver(request, timestamp(context.clock))
            ? [
                {
                  type: 'approval.resolved',
                  request_id: approvalId,
                  resolution: 'cancelled',
                  reason: 'The agent cancelled its request.',
                },
              ]
            : undefined,
        );
        return delivery.answerOf(await delivery.find(caller.agent, approvalId));
      }),
  };
}
