import type { Draft } from '../core/entry.ts';
import { resolve } from '../core/quorum.ts';
import type { Request } from '../core/request.ts';
import type { GuardContext } from './context.ts';
import type { Escalator } from './escalate.ts';
import type { Executor } from './execute.ts';
import type { Expiry } from './expire.ts';
import type { Streams } from './streams.ts';
import type { ChangeWatch } from './void-changed.ts';

/**
 * Takes up what an earlier host left: what was started has an unknown outcome and is never started again, what
 * was approved is carried out, what is pending waits on, and calls without an end get one.
 */
export async function recover(
  { journal, ledger }: GuardContext,
  parts: {
    readonly streams: Streams;
    readonly executor: Executor;
    readonly expiry: Expiry;
    readonly escalator: Escalator;
    readonly watch: ChangeWatch;
  },
): Promise<void> {
  const calls = [...ledger.openCalls()].map(
    (call): Draft =>
      call.state === 'requested'
        ? {
            type: 'call.denied',
            call_id: call.call_id,
            policy: { rule: 'interrupted', version: ledger.policyVersion ?? '' },
            reason: 'Placet was interrupted before the call was judged; it was not carried out.',
          }
        : {
            type: 'call.completed',
            call_id: call.call_id,
            outcome: 'unknown',
            detail: 'Placet was interrupted while the call was under way.',
          },
  );
  if (calls.length > 0) await journal.append(calls);

  for (const { id } of Array.from(ledger.requests())) {
    const left = await parts.streams.update(id, leftOver);
    if (left) await parts.watch.check(left);
    const request = ledger.request(id);
    if (request?.phase.kind === 'approved' || request?.phase.kind === 'claimed') parts.executor.start(id);
    if (request?.phase.kind === 'pending' || request?.phase.kind === 'approved') parts.expiry.watch(request);
    if (request?.phase.kind === 'pending') parts.escalator.watch(request);
  }
}

function leftOver(request: Request): readonly Draft[] | undefined {
  const { phase } = request;
  if (phase.kind === 'started') {
    return [
      {
        type: 'execution.outcome_unknown',
        request_id: request.id,
        fence: phase.fence,
        detail: 'Placet was interrupted while the call was under way.',
      },
    ];
  }
  const resolution = phase.kind === 'pending' ? resolve(request.terms, request.decisions) : undefined;
  return resolution === undefined
    ? undefined
    : [
        {
          type: 'approval.resolved',
          request_id: request.id,
          resolution,
          reason: resolution === 'approved' ? 'The quorum was reached.' : 'A reviewer rejected it.',
        },
      ];
}
