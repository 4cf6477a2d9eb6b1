import { CallError, DownstreamError, JournalError, PlacetError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { canonicalJson } from '../core/json.ts';
import type { Agent } from '../core/person.ts';
import { judge, type Facts, type Policy } from '../core/policy.ts';
import { isSettled } from '../core/request.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import type { Delivery } from './delivery.ts';
import type { Forward } from './forward.ts';
import type { Masking } from './masking.ts';
import { policyRef, requested, type AllowVerdict, type Judged, type ReviewVerdict } from './judged.ts';
import { createOpenRequest } from './open-request.ts';
import type { Answer, IncomingCall, OfferedTool } from './ports.ts';
import { createPressure } from './pressure.ts';
import { RefusedCall } from './refused-call.ts';
import { repeatKey, type RepeatKey, type Repeats } from './repeats.ts';
import type { Streams } from './streams.ts';
import { summarise } from './summarise.ts';
import type { Target } from './target.ts';
import type { Waiting } from './waiting.ts';

const MAX_HELD_ARGS_BYTES = 1024 * 1024;

export interface InterceptParts {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
  readonly repeats: Repeats;
  readonly waiting: Waiting;
  readonly delivery: Delivery;
  readonly forward: Forward;
  readonly masking: Masking;
}

/** From a call to its answer: refused, forwarded, or held for review. */
export function createIntercept(parts: InterceptParts): (call: IncomingCall) => Promise<Answer> {
  const { context, contents, streams, repeats, waiting, delivery, forward, masking } = parts;
  const { clock, random } = context;
  const maxHeld = context.maxHeldArgsBytes ?? MAX_HELD_ARGS_BYTES;
  const openRequest = createOpenRequest({ context, contents, streams });
  const pressure = createPressure(context);

  async function intercept(call: IncomingCall): Promise<Answer> {
    try {
      return await answer(call);
    } catch (error) {
      if (error instanceof CallError) return { kind: 'refused', code: error.code, message: error.message };
      if (error instanceof JournalError) {
        context.log(`A call of ${call.tool.name} was refused: ${error.message}`);
        return {
          kind: 'refused',
          code: 'journal_unwritable',
          message: `Not executed. Placet cannot write its journal at the moment, so nothing is carried out: ${error.message} Try again later.`,
        };
      }
      throw error;
    }
  }

  async function answer(call: IncomingCall): Promise<Answer> {
    const policy = context.policy();
    const agent = knownAgent(policy, call);
    const args = Verbatim.of(call.args);
    mustBeCanonical(args);
    mustFit(args, context.maxArgsBytes, '');
    const facts: Facts = {
      agent: agent.id,
      owner: agent.owner,
      server: call.tool.server,
      tool: call.tool.tool,
      tags: call.tool.tags,
      args: call.args,
      now: new Date(clock.now()),
      changed: isChanged(call.tool),
    };
    const hidden = masking.args(args, facts, { policy, definition: call.tool.definition });
    const judged: Judged = { call, args, hidden, agent, policy, callId: newId('call', clock.now(), random) };
    const verdict = judge(facts, policy);
    if (verdict.kind === 'deny') {
      return refuse(
        judged,
        verdict.rule,
        new RefusedCall('denied_by_policy', `Not executed. Denied by policy. ${verdict.reason}`),
      );
    }
    if (verdict.kind === 'allow' && !repeats.mayKnow(agent.id, call.tool)) {
      return allow(judged, verdict, facts);
    }
    const key = repeatKey(agent.id, call.tool, call.args);
    const repeated = repeats.find(key);
    if (repeated) return heldAnswer(repeated.id, 0, call);
    if (verdict.kind === 'allow') return allow(judged, verdict, facts);
    mustFit(args, maxHeld, ' of a call that people are asked about');
    return hold(judged, verdict, key);
  }

  function isChanged({ server, tool, definition_sha256 }: OfferedTool): boolean {
    return context.ledger.definitions.isChanged(server, tool, definition_sha256);
  }

  async function allow(judged: Judged, verdict: AllowVerdict, facts: Facts): Promise<Answer> {
    const target = await reach(judged.call);
    if (target && !facts.changed && (await isGivenOtherwise(target, judged.call.tool))) {
      const unseen = judge({ ...facts, changed: true }, judged.policy);
      if (unseen.kind !== 'allow') return refuse(judged, unseen.rule, changedSince());
    }
    const before = verdict.durability === 'before';
    const args = await contents.keep(judged.hidden.args.text, 'written');
    const appended = context.journal.append(
      [
        requested(judged, args),
        { type: 'call.allowed', call_id: judged.callId, policy: policyRef(judged, verdict.rule) },
      ],
      { durability: before ? 'synced' : 'written' },
    );
    // At once: nothing is sent until both are on the disk, and a call that never went out misses no arguments.
    await (before ? Promise.all([appended, contents.sync()]) : appended);
    judged.call.onAllowed?.();
    return forward.send(judged, target);
  }

  /** Nothing where the server is not there: that nothing was sent is journalled like what was sent. */
  async function reach({ tool, caller }: IncomingCall): Promise<Target | undefined> {
    try {
      return await context.reach(tool.server, caller.session, caller.agent);
    } catch (error) {
      if (error instanceof DownstreamError) return undefined;
      throw error;
    }
  }

  async function refuse(
    judged: Judged,
    rule: string,
    { code, message, reason }: RefusedCall,
  ): Promise<Answer> {
    const args = await contents.keep(judged.hidden.args.text, 'written');
    await context.journal.append(
      [
        requested(judged, args),
        { type: 'call.denied', call_id: judged.callId, policy: policyRef(judged, rule), reason },
      ],
      { durability: 'written' },
    );
    return { kind: 'refused', code, message };
  }

  async function hold(judged: Judged, verdict: ReviewVerdict, key: RepeatKey): Promise<Answer> {
    try {
      const requestId = await repeats.findOrOpen(key, () => ask(judged, verdict));
      const wait = Math.min(...verdict.asked.map((each) => each.review.wait_ms));
      return await heldAnswer(requestId, wait, judged.call);
    } catch (error) {
      if (error instanceof RefusedCall) return refuse(judged, verdict.rule, error);
      throw error;
    }
  }

  /** @returns the id of the request @throws RefusedCall */
  async function ask(judged: Judged, verdict: ReviewVerdict): Promise<string> {
    const { call, agent } = judged;
    mustBeAnswerable(verdict);
    const leave = pressure.enter(agent, call.tool);
    try {
      const check = await context.checkInput(call.tool.definition.inputSchema, call.args);
      if (check.kind === 'invalid') {
        throw new RefusedCall(
          'invalid_arguments',
          `Not executed, and nobody was asked. The arguments do not fit the tool's input schema: ${check.message}`,
          "The arguments do not fit the tool's input schema.",
        );
      }
      const input_check = check.kind === 'valid' ? ('valid' as const) : { unchecked: check.why };
      return await openRequest(judged, verdict, { input_check, ...(await summarise(context, call)) });
    } finally {
      leave();
    }
  }

  async function heldAnswer(
    requestId: string,
    waitMs: number,
    { signal, tool }: IncomingCall,
  ): Promise<Answer> {
    if (waitMs > 0) {
      await waiting.until(requestId, (request) => !request || isSettled(request), { ms: waitMs, signal });
    }
    return delivery.answer(requestId, tool.name);
  }

  return intercept;
}

/** What runs may be another program than the one that was listed: it may have changed while nothing ran. */
async function isGivenOtherwise(target: Target, { tool, definition_sha256 }: OfferedTool): Promise<boolean> {
  try {
    return (await target.given(tool)) !== definition_sha256;
  } catch (error) {
    if (error instanceof DownstreamError) return true;
    throw error;
  }
}

function changedSince(): RefusedCall {
  return new RefusedCall(
    'definition_changed',
    'Not executed. The server gives this tool another definition than the one that was judged, or gives none any more, and a changed tool is not called before a person has looked at it. List the tools again; a call of the tool as it is now is judged anew.',
    "The tool's definition changed before the call was sent.",
  );
}

function mustBeAnswerable({ asked }: ReviewVerdict): void {
  const impossible = asked.find((each) => each.people.length < each.terms.quorum);
  if (!impossible) return;
  const { rule, quorum } = impossible.terms;
  throw new RefusedCall(
    'no_eligible_reviewers',
    `Not executed. The rule ${rule} asks ${quorum} ${quorum === 1 ? 'person' : 'people'} to approve, but only ${impossible.people.length} may review this agent's calls; tell the person you act for.`,
  );
}

function knownAgent(policy: Policy, call: IncomingCall): Agent {
  const agent = policy.people.agents.find((each) => each.id === call.caller.agent);
  if (agent) return agent;
  throw new CallError(
    'unknown_agent',
    `Not executed. This workspace does not know the agent ${JSON.stringify(call.caller.agent)}; a person has to name it in policies/people.yaml.`,
  );
}

/** Text that was judged strictly is; this catches a caller that did not judge. */
function mustBeCanonical({ value, text }: Verbatim): void {
  // Only what stands for half of a surrogate pair is escaped so, or is a text that speaks of one.
  if (!Buffer.from(text.buffer, text.byteOffset, text.length).includes('\\ud')) return;
  try {
    canonicalJson(value);
  } catch (error) {
    if (!(error instanceof PlacetError)) throw error;
    throw new CallError('arguments_not_canonical', `Not executed. ${error.message}`, { cause: error });
  }
}

/** @param whose such as ` of a call that…` */
function mustFit({ text }: Verbatim, most: number, whose: string): void {
  if (text.length <= most) return;
  throw new CallError(
    'arguments_too_large',
    `Not executed. The arguments measure ${text.length} bytes; those${whose} may measure at most ${most}.`,
  );
}
