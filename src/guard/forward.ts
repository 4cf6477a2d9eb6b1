import { DownstreamError, messageOf } from '../core/errors.ts';
import type { Drafts } from '../core/entry.ts';
import type { Contents, Outcome } from './contents.ts';
import type { GuardContext } from './context.ts';
import { at, type Judged } from './judged.ts';
import { withoutSecrets, type Masking } from './masking.ts';
import { RpcError, type Answer } from './ports.ts';
import type { Target } from './target.ts';

/** How long an allowed call may stay unanswered. */
const ALLOWED_TIMEOUT_MS = 5 * 60 * 1000;

/** Sends allowed calls and journals how they ended. */
export interface Forward {
  /** @param target the way to its server, where it is known already */
  send(judged: Judged, target?: Target): Promise<Answer>;
  /** Resolves when the ends of all calls that were answered are in the journal, or cannot be. */
  settled(): Promise<void>;
}

/** A call that was answered. */
interface Ended {
  readonly judged: Judged;
  readonly outcome: Drafts['call.completed']['outcome'];
  readonly value?: Outcome;
  readonly detail?: string;
}

export function createForward(context: GuardContext, contents: Contents, masking: Masking): Forward {
  const noting = new Set<Promise<void>>();
  let ended: Ended[] = [];

  /** The call is over and its answer must not be lost: trouble with the journal is told in the log. */
  async function note({ judged, outcome, value, detail }: Ended): Promise<void> {
    const { call, hidden, callId: call_id } = judged;
    const { outputSchema } = call.tool.definition;
    try {
      const masked = value && masking.outcome(value, { ...hidden, outputSchema });
      const kept = masked === undefined ? undefined : await contents.keepOutcome(masked, 'written');
      await context.journal.append(
        [
          {
            type: 'call.completed',
            call_id,
            outcome,
            ...(kept && { result_commit: kept.commit, ...at('result_at', kept) }),
            ...(detail === undefined ? undefined : { detail: withoutSecrets(detail, hidden.secrets) }),
          },
        ],
        { durability: 'behind' },
      );
    } catch (error) {
      context.log(`The outcome of ${call_id} could not be journalled: ${messageOf(error)}`);
    }
  }

  function noteAll(): void {
    const all = ended;
    ended = [];
    for (const each of all) {
      const noted = note(each).finally(() => noting.delete(noted));
      noting.add(noted);
    }
  }

  /** In the next turn, so that the answer leaves first; those that came in one turn share their writes. */
  function end(each: Ended): void {
    if (ended.length === 0) setImmediate(noteAll);
    ended.push(each);
  }

  async function send(judged: Judged, known?: Target): Promise<Answer> {
    const { call, args } = judged;
    try {
      const { server } = call.tool;
      const target = known ?? (await context.reach(server, call.caller.session, call.caller.agent));
      const result = await target.send({
        tool: call.tool.tool,
        args,
        timeout_ms: ALLOWED_TIMEOUT_MS,
        signal: call.signal,
        ...(call.meta === undefined ? {} : { meta: call.meta }),
        ...(call.task === undefined ? {} : { task: call.task }),
        ...(call.message_id === undefined ? {} : { message_id: call.message_id }),
        ...(call.onProgress === undefined ? {} : { onProgress: call.onProgress }),
      });
      const outcome = result.value.isError === true ? 'failed' : 'succeeded';
      end({ judged, outcome, value: { result } });
      return { kind: 'result', result };
    } catch (error) {
      if (error instanceof RpcError) {
        const value = { error: error.error };
        end({ judged, outcome: 'failed', value, detail: 'The server answered with an error.' });
        return { kind: 'rpc_error', error: error.error };
      }
      const unsent = error instanceof DownstreamError && error.code === 'downstream_unavailable';
      end({ judged, outcome: unsent ? 'failed' : 'unknown', detail: messageOf(error) });
      if (!(error instanceof DownstreamError)) throw error;
      return {
        kind: 'refused',
        code: error.code,
        message: unsent
          ? `Not executed. ${error.message}`
          : `Allowed and sent, but nobody knows how it ended. ${error.message} It may have happened.`,
      };
    }
  }

  return {
    send,
    async settled() {
      noteAll();
      await Promise.all(noting);
    },
  };
}
