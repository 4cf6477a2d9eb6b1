import { timestamp } from '../core/clock.ts';
import type { Draft } from '../core/entry.ts';
import { DownstreamError, messageOf } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { isOver, type Request } from '../core/request.ts';
import { Verbatim } from '../core/verbatim.ts';
import { policyAt } from './believed.ts';
import type { Contents, Outcome } from './contents.ts';
import type { GuardContext } from './context.ts';
import { RpcError, type OfferedTool, type Target } from './ports.ts';
import { obstacleTo, type Obstacle } from './standing.ts';
import type { Streams } from './streams.ts';

/**
 * What a claim says of itself to hosts that share a journal. Within one data folder its lock decides: whoever
 * holds that knows that the claimer is dead, and takes over at once.
 */
const LEASE_MS = 60_000;
const RETRY_MS = { first: 1000, most: 60_000 };

/** Carries out approved requests, each at most once. */
export interface Executor {
  /** Starts on the request unless it is under way here already. Failures are journalled or tried again. */
  start(requestId: string): void;
  /** Tries at once again what waits for its downstream to come back. */
  readonly wake: () => void;
  /** How many calls are at their downstream right now. */
  readonly running: () => number;
  /** Takes up nothing new, and resolves when everything that was sent has been answered and journalled. */
  drain(): Promise<void>;
}

export interface ExecutorParts {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
  /** The tags of a tool as they are now. */
  readonly tagsOf: (server: string, tool: string) => OfferedTool['tags'];
}

export function createExecutor({ context, contents, streams, tagsOf }: ExecutorParts): Executor {
  const { clock, ledger, log } = context;
  const underWay = new Map<string, Promise<void>>();
  const retries = new Map<string, () => void>();
  let draining = false;

  function start(requestId: string, delay = RETRY_MS.first): void {
    if (draining || underWay.has(requestId)) return;
    retries.get(requestId)?.();
    retries.delete(requestId);
    const run = execute(requestId)
      .catch((error: unknown) => {
        log(`${requestId} was not started, and is tried again: ${messageOf(error)}`);
        return 'later' as const;
      })
      .then((next) => {
        underWay.delete(requestId);
        if (next === 'later' && !draining) retryLater(requestId, delay);
      });
    underWay.set(requestId, run);
  }

  function retryLater(requestId: string, delay: number): void {
    const next = Math.min(delay * 2, RETRY_MS.most);
    retries.set(
      requestId,
      clock.after(delay, () => start(requestId, next)),
    );
  }

  async function execute(requestId: string): Promise<'done' | 'later'> {
    const request = ledger.request(requestId);
    if (!request || !awaitsStart(request)) return 'done';
    if (isOver(request, timestamp(clock))) {
      return end(requestId, { resolution: 'expired', reason: 'It expired before it could be started.' });
    }
    let target: Target;
    try {
      target = await context.reach(request.server, request.session, request.agent);
    } catch (error) {
      if (!(error instanceof DownstreamError)) throw error;
      log(`${requestId} is approved and waits for the server ${request.server}: ${error.message}`);
      return 'later';
    }
    const claimed = await claim(requestId);
    if (claimed?.phase.kind !== 'claimed') return 'done';
    const args = await contents.args(claimed);
    const definition = await target.definition(claimed.tool);
    if (definition !== claimed.definition_sha256) {
      return end(requestId, {
        resolution: 'voided',
        reason:
          definition === undefined
            ? 'The tool is no longer offered by its server.'
            : "The tool's definition changed after the request was made.",
      });
    }
    const { tags } = await contents.card(claimed);
    const started = await begin(requestId, claimed.phase.fence, { args, tags });
    if (started?.phase.kind !== 'started') return 'done';
    const { fence } = started.phase;
    const outcome = await send(target, started, args);
    await settle(requestId, fence, outcome);
    return 'done';
  }

  function claim(requestId: string): Promise<Request | undefined> {
    return streams.update(requestId, (request) =>
      awaitsStart(request)
        ? [
            {
              type: 'execution.claimed',
              request_id: requestId,
              fence: request.fence + 1,
              lease_until: timestamp(clock, LEASE_MS),
            },
          ]
        : undefined,
    );
  }

  /** Repeats the checks on the request as it stands now and, if they hold, makes the start durable. */
  function begin(
    requestId: string,
    fence: number,
    { args, tags }: { readonly args: JsonObject; readonly tags: readonly string[] },
  ): Promise<Request | undefined> {
    return streams.update(requestId, (request) => {
      if (request.phase.kind !== 'claimed' || request.phase.fence !== fence) return undefined;
      const obstacle = obstacleTo({
        request,
        args,
        // Those of the request stay: a catalogue that lost sight of the tool must not loosen anything.
        tags: [...new Set([...tags, ...tagsOf(request.server, request.tool)])],
        policy: policyAt(context, firstDecisionOf(request)),
        identities: ledger.identities,
        reviewerAccess: ledger.reviewerAccess,
        definitions: ledger.definitions,
        clock,
      });
      if (obstacle) return [resolutionOf(requestId, obstacle)];
      return [
        { type: 'execution.started', request_id: requestId, fence, action_digest: request.action_digest },
      ];
    });
  }

  async function end(requestId: string, obstacle: Obstacle): Promise<'done'> {
    await streams.update(requestId, (request) =>
      awaitsStart(request) ? [resolutionOf(requestId, obstacle)] : undefined,
    );
    return 'done';
  }

  async function send(target: Target, request: Request, args: JsonObject): Promise<Ending> {
    try {
      const result = await target.send({
        tool: request.tool,
        args: Verbatim.of(args),
        timeout_ms: request.timeout_ms,
      });
      return result.value.isError === true
        ? { kind: 'failed', value: { result }, detail: 'The tool answered with an error.' }
        : { kind: 'succeeded', value: { result } };
    } catch (error) {
      if (error instanceof RpcError) {
        return {
          kind: 'failed',
          value: { error: error.error },
          detail: 'The server answered with an error.',
        };
      }
      if (error instanceof DownstreamError && error.code === 'downstream_unavailable') {
        return { kind: 'failed', detail: `Nothing was sent: ${error.message}` };
      }
      return { kind: 'outcome_unknown', detail: messageOf(error) };
    }
  }

  /** The action has happened: its end is journalled however long the journal takes to come back. */
  async function settle(requestId: string, fence: number, ending: Ending): Promise<void> {
    let kept: Draft | undefined;
    for (let delay = RETRY_MS.first; ; delay = Math.min(delay * 2, RETRY_MS.most)) {
      try {
        // Kept once: a copy that no entry names could never be erased.
        const draft = (kept ??= await endingDraft(requestId, fence, ending));
        await streams.update(requestId, (request) =>
          request.phase.kind === 'started' && request.phase.fence === fence ? [draft] : undefined,
        );
        return;
      } catch (error) {
        log(`The end of ${requestId} could not be journalled, and is tried again: ${messageOf(error)}`);
        if (draining) return;
        await new Promise<void>((resolve) => {
          clock.after(delay, resolve);
        });
      }
    }
  }

  async function endingDraft(requestId: string, fence: number, ending: Ending): Promise<Draft> {
    if (ending.kind === 'outcome_unknown') {
      return { type: 'execution.outcome_unknown', request_id: requestId, fence, detail: ending.detail };
    }
    const kept = ending.value === undefined ? undefined : await contents.keepOutcome(ending.value, 'synced');
    const result = {
      ...(kept === undefined ? {} : { result_commit: kept.commit }),
      ...(kept?.at === undefined ? {} : { result_at: kept.at }),
    };
    return ending.kind === 'succeeded'
      ? { type: 'execution.succeeded', request_id: requestId, fence, ...result }
      : { type: 'execution.failed', request_id: requestId, fence, ...result, detail: ending.detail };
  }

  return {
    start: (requestId) => start(requestId),
    wake() {
      for (const requestId of retries.keys()) start(requestId);
    },
    running: () => underWay.size,
    async drain() {
      draining = true;
      for (const cancel of retries.values()) cancel();
      retries.clear();
      await Promise.all(underWay.values());
    },
  };
}

type Ending =
  | { readonly kind: 'succeeded'; readonly value: Outcome }
  | { readonly kind: 'failed'; readonly value?: Outcome; readonly detail: string }
  | { readonly kind: 'outcome_unknown'; readonly detail: string };

/** Groups are believed as they were for those who decided, unless a later sign-on says otherwise. */
function firstDecisionOf({ decisions, requested_at }: Request): number {
  return Date.parse(decisions[0]?.at ?? requested_at);
}

function awaitsStart(request: Request): boolean {
  return request.phase.kind === 'approved' || request.phase.kind === 'claimed';
}

function resolutionOf(requestId: string, obstacle: Obstacle): Draft {
  return { type: 'approval.resolved', request_id: requestId, ...obstacle };
}
