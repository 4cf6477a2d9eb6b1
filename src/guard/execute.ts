import { timestamp } from '../core/clock.ts';
import type { Draft } from '../core/entry.ts';
import { DownstreamError, JournalError, messageOf } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { secretPaths } from '../core/policy.ts';
import { isOver, type Request } from '../core/request.ts';
import { Verbatim } from '../core/verbatim.ts';
import { policyAt } from './believed.ts';
import type { Contents, Outcome, Whole } from './contents.ts';
import type { GuardContext } from './context.ts';
import { withoutSecrets, type Masking, type ResultSecrets } from './masking.ts';
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

/** How a call ended, and what is secret in that. */
interface Ended {
  readonly ending: Ending;
  readonly by: ResultSecrets;
}

export interface ExecutorParts {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
  readonly masking: Masking;
  /** The tags of a tool as they are now. */
  readonly tagsOf: (server: string, tool: string) => OfferedTool['tags'];
}

export function createExecutor({ context, contents, streams, masking, tagsOf }: ExecutorParts): Executor {
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
    const whole = await wholeOf(claimed);
    if (!whole) {
      return end(requestId, {
        resolution: 'voided',
        reason:
          'What is secret in its arguments is erased, or is not what was approved, so that it cannot be sent.',
      });
    }
    const { args } = whole;
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
    const outcome = await send(target, started, whole);
    await settle(requestId, fence, { ending: outcome, by: secretsOfResult(started, whole, { args, tags }) });
    return 'done';
  }

  async function wholeOf(request: Request): Promise<Whole | undefined> {
    try {
      return await contents.whole(request);
    } catch (error) {
      if (error instanceof JournalError && error.code === 'secrets_lost') return undefined;
      throw error;
    }
  }

  /** By what the secrets of its result are known: its own arguments, the rules in force, the tool as it was approved. */
  function secretsOfResult(
    request: Request,
    { secrets }: Whole,
    { args, tags }: { readonly args: JsonObject; readonly tags: readonly string[] },
  ): ResultSecrets {
    const { agent, owner, server, tool, definition_sha256 } = request;
    const facts = { agent, owner, server, tool, tags, args, now: new Date(clock.now()), changed: false };
    return {
      secrets,
      paths: secretPaths(facts, context.policy()).filter(({ of }) => of === 'result'),
      outputSchema: context.definitions.read(definition_sha256)?.['outputSchema'],
    };
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

  async function send(target: Target, request: Request, { args, secrets }: Whole): Promise<Ending> {
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
        return { kind: 'failed', detail: withoutSecrets(`Nothing was sent: ${error.message}`, secrets) };
      }
      return { kind: 'outcome_unknown', detail: withoutSecrets(messageOf(error), secrets) };
    }
  }

  /** The action has happened: its end is journalled however long the journal takes to come back. */
  async function settle(requestId: string, fence: number, ended: Ended): Promise<void> {
    let kept: Draft | undefined;
    for (let delay = RETRY_MS.first; ; delay = Math.min(delay * 2, RETRY_MS.most)) {
      try {
        // Kept once: a copy that no entry names could never be erased.
        const draft = (kept ??= await endingDraft(requestId, fence, ended));
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

  async function endingDraft(requestId: string, fence: number, { ending, by }: Ended): Promise<Draft> {
    if (ending.kind === 'outcome_unknown') {
      return { type: 'execution.outcome_unknown', request_id: requestId, fence, detail: ending.detail };
    }
    const masked = ending.value && masking.outcome(ending.value, by);
    const kept = masked && (await contents.keepOutcome(masked, 'synced'));
    const whole = masked === ending.value ? undefined : ending.value;
    const result = {
      ...(whole === undefined ? {} : { secrets_commit: await contents.keepWhole(whole) }),
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
