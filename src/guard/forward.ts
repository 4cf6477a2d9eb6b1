import { DownstreamError, messageOf } from '../core/errors.ts';
import type { Drafts } from '../core/entry.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import { RpcError, type Answer, type IncomingCall } from './ports.ts';

/** How long an allowed call may stay unanswered. */
const ALLOWED_TIMEOUT_MS = 5 * 60 * 1000;

/** Sends an allowed call and journals how it ended. */
export type Forward = (call: IncomingCall, callId: string) => Promise<Answer>;

export function createForward(context: GuardContext, contents: Contents): Forward {
  async function completed(callId: string, end: Omit<Drafts['call.completed'], 'call_id'>): Promise<void> {
    await context.journal.append([{ type: 'call.completed', call_id: callId, ...end }], {
      durability: 'behind',
    });
  }

  /** The call is over and its answer must not be lost: trouble with the journal is told in the log. */
  function note(
    callId: string,
    value: unknown,
    outcome: 'succeeded' | 'failed' | 'unknown',
    detail?: string,
  ): void {
    const end = { outcome, ...(detail === undefined ? {} : { detail }) };
    const noted =
      value === undefined
        ? completed(callId, end)
        : contents.keep(value, 'written').then((kept) =>
            completed(callId, {
              ...end,
              result_commit: kept.commit,
              ...(kept.at === undefined ? {} : { result_at: kept.at }),
            }),
          );
    noted.catch((error: unknown) =>
      context.log(`The outcome of ${callId} could not be journalled: ${messageOf(error)}`),
    );
  }

  return async (call, callId) => {
    try {
      const target = await context.reach(call.tool.server, call.caller.session, call.caller.agent);
      const result = await target.send({
        tool: call.tool.tool,
        args: Verbatim.of(call.args),
        timeout_ms: ALLOWED_TIMEOUT_MS,
        signal: call.signal,
        ...(call.meta === undefined ? {} : { meta: call.meta }),
        ...(call.task === undefined ? {} : { task: call.task }),
        ...(call.message_id === undefined ? {} : { message_id: call.message_id }),
        ...(call.onProgress === undefined ? {} : { onProgress: call.onProgress }),
      });
      note(callId, { result: result.value }, result.value.isError === true ? 'failed' : 'succeeded');
      return { kind: 'result', result };
    } catch (error) {
      if (error instanceof RpcError) {
        note(callId, { error: error.error }, 'failed', 'The server answered with an error.');
        return { kind: 'rpc_error', error: error.error };
      }
      const unsent = error instanceof DownstreamError && error.code === 'downstream_unavailable';
      note(callId, undefined, unsent ? 'failed' : 'unknown', messageOf(error));
      if (!(error instanceof DownstreamError)) throw error;
      return {
        kind: 'refused',
        code: error.code,
        message: unsent
          ? `Not executed. ${error.message}`
          : `Allowed and sent, but nobody knows how it ended. ${error.message} It may have happened.`,
      };
    }
  };
}
