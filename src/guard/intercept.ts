import { actionDigest, type Action } from '../core/action.ts';
import type { Card } from '../core/card.ts';
import { timestamp } from '../core/clock.ts';
import type { Draft, PolicyRef } from '../core/entry.ts';
import { CallError, DownstreamError, JournalError, messageOf, PlacetError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { canonicalJson } from '../core/json.ts';
import type { Agent, Person } from '../core/person.ts';
import { judge, type Asked, type Policy, type Verdict } from '../core/policy.ts';
import { isSettled } from '../core/request.ts';
import type { PayloadRef } from '../journal/payloads.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import type { Delivery } from './delivery.ts';
import type { Forward } from './forward.ts';
import type { Answer, IncomingCall } from './ports.ts';
import { repeatKey, type Repeats } from './repeats.ts';
import type { Streams } from './streams.ts';
import type { Waiting } from './waiting.ts';

const SUMMARY_MS = 2000;

export interface InterceptParts {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
  readonly repeats: Repeats;
  readonly waiting: Waiting;
  readonly delivery: Delivery;
  readonly forward: Forward;
}

type Review = Extract<Verdict, { readonly kind: 'review' }>;

/** A call whose agent is known and whose arguments can be judged. */
interface Judged {
  readonly call: IncomingCall;
  readonly agent: Agent;
  readonly policy: Policy;
  readonly callId: string;
}

/** From a call to its answer: refused, forwarded, or held for review. */
export function createIntercept(parts: InterceptParts): (call: IncomingCall) => Promise<Answer> {
  const { context, contents, streams, repeats, waiting, delivery, forward } = parts;
  const { clock, random } = context;

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
    mustBeAcceptable(call, context.maxArgsBytes);
    const judged: Judged = { call, agent, policy, callId: newId('call', clock.now(), random) };
    const verdict = judge(
      {
        agent: agent.id,
        owner: agent.owner,
        server: call.tool.server,
        tool: call.tool.tool,
        tags: call.tool.tags,
        args: call.args,
        now: new Date(clock.now()),
      },
      policy,
    );
    if (verdict.kind === 'deny') {
      return refuse(
        judged,
        verdict.rule,
        'denied_by_policy',
        `Not executed. Denied by policy. ${verdict.reason}`,
      );
    }
    const key = repeatKey(agent.id, call.tool.server, call.tool.tool, call.args);
    const repeated = repeats.find(key);
    if (repeated) return heldAnswer(repeated.id, 0, call.signal);
    if (verdict.kind === 'allow') return allow(judged, verdict.rule);
    return hold(judged, verdict, key);
  }

  async function allow(judged: Judged, rule: string): Promise<Answer> {
    const args = await contents.keep(judged.call.args, 'written');
    await context.journal.append(
      [requested(judged, args), { type: 'call.allowed', call_id: judged.callId, policy: ref(judged, rule) }],
      { durability: 'written' },
    );
    return forward(judged.call, judged.callId);
  }

  async function refuse(judged: Judged, rule: string, code: string, message: string): Promise<Answer> {
    const args = await contents.keep(judged.call.args, 'written');
    await context.journal.append(
      [
        requested(judged, args),
        { type: 'call.denied', call_id: judged.callId, policy: ref(judged, rule), reason: message },
      ],
      { durability: 'written' },
    );
    return { kind: 'refused', code, message };
  }

  async function hold(judged: Judged, verdict: Review, key: string): Promise<Answer> {
    const { call } = judged;
    const unanswerable = verdict.asked.find((each) => each.people.length < each.terms.quorum);
    if (unanswerable) {
      return refuse(
        judged,
        verdict.rule,
        'no_eligible_reviewers',
        `Not executed. The rule ${unanswerable.terms.rule} asks ${unanswerable.terms.quorum} ${unanswerable.terms.quorum === 1 ? 'person' : 'people'} to approve, but only ${unanswerable.people.length} may review this agent's calls; tell the person you act for.`,
      );
    }
    const check = await context.checkInput(call.tool.definition.inputSchema, call.args);
    if (check.kind === 'invalid') {
      return refuse(
        judged,
        verdict.rule,
        'invalid_arguments',
        `Not executed, and nobody was asked. The arguments do not fit the tool's input schema: ${check.message}`,
      );
    }
    const inputCheck = check.kind === 'valid' ? 'valid' : { unchecked: check.why };
    const summary = call.tool.summarises ? await summarise(call) : {};

    const requestId = await repeats.findOrOpen(key, () =>
      request(judged, verdict, { input_check: inputCheck, ...summary }),
    );
    const wait = Math.min(...verdict.asked.map((each) => each.review.wait_ms));
    return heldAnswer(requestId, wait, call.signal);
  }

  async function request(
    judged: Judged,
    verdict: Review,
    found: Pick<Card, 'input_check' | 'summary' | 'summary_trouble'>,
  ): Promise<string> {
    const { call, agent, policy, callId } = judged;
    const requestId = newId('apr', clock.now(), random);
    const args = await contents.keep(call.args, 'synced');
    const action = actionOf(judged, args);
    const terms = verdict.asked.map((each) => each.terms);
    const expires = Math.min(...verdict.asked.map((each) => each.review.expires_ms));
    const timeout = Math.min(...verdict.asked.map((each) => each.review.timeout_ms));
    const card: Card = {
      v: 1,
      request_id: requestId,
      tool: call.tool.name,
      server: call.tool.server,
      tool_name: call.tool.tool,
      ...text('title', call.tool.definition.title),
      ...text('description', call.tool.definition.description),
      tags: call.tool.tags,
      agent: agent.id,
      owner: { id: agent.owner, name: nameOf(policy, agent.owner) },
      identity: call.caller.identity,
      ...text('client', call.caller.client),
      ...found,
      args_commit: action.args_commit,
      definition_sha256: action.definition_sha256,
      action_digest: actionDigest(action),
      terms,
      requested_at: timestamp(clock),
      expires_at: timestamp(clock, expires),
    };
    const kept = await contents.keep(card, 'synced');
    await streams.open(requestId, [
      requested(judged, args),
      {
        type: 'approval.requested',
        request_id: requestId,
        call_id: callId,
        ...action,
        ...at('args_at', args),
        action_digest: card.action_digest,
        card_digest: kept.commit,
        ...at('card_at', kept),
        policy: ref(judged, verdict.rule),
        terms,
        expires_at: card.expires_at,
        timeout_ms: timeout,
        session: call.caller.session,
      },
      ...refusedOwners(verdict.asked).map(
        (person): Draft => ({
          type: 'self_approval.refused',
          request_id: requestId,
          reviewer: person.id,
          reason: 'The agent acts for this person, who was therefore not asked.',
        }),
      ),
    ]);
    return requestId;
  }

  async function heldAnswer(requestId: string, waitMs: number, signal: AbortSignal): Promise<Answer> {
    if (waitMs > 0) {
      await waiting.until(requestId, (request) => !request || isSettled(request), { ms: waitMs, signal });
    }
    return delivery.answer(requestId);
  }

  async function summarise(call: IncomingCall): Promise<Pick<Card, 'summary' | 'summary_trouble'>> {
    let stop = (): void => undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        stop = clock.after(SUMMARY_MS, () =>
          reject(new DownstreamError('downstream_silent', `it gave none within ${SUMMARY_MS / 1000} s`)),
        );
      });
      const said = context
        .reach(call.tool.server, call.caller.session, call.caller.agent)
        .then((target) => target.summarise(call.tool.tool, call.args));
      return { summary: await Promise.race([said, late]) };
    } catch (error) {
      return { summary_trouble: messageOf(error) };
    } finally {
      stop();
    }
  }

  return intercept;
}

function knownAgent(policy: Policy, call: IncomingCall): Agent {
  const agent = policy.people.agents.find((each) => each.id === call.caller.agent);
  if (agent) return agent;
  throw new CallError(
    'unknown_agent',
    `Not executed. This workspace does not know the agent ${JSON.stringify(call.caller.agent)}; a person has to name it in policies/people.yaml.`,
  );
}

function mustBeAcceptable(call: IncomingCall, maxBytes: number): void {
  let bytes: number;
  try {
    bytes = Buffer.byteLength(canonicalJson(call.args));
  } catch (error) {
    if (!(error instanceof PlacetError)) throw error;
    throw new CallError('arguments_not_canonical', `Not executed. ${error.message}`, { cause: error });
  }
  if (bytes > maxBytes) {
    throw new CallError(
      'arguments_too_large',
      `Not executed. The arguments measure ${bytes} bytes; at most ${maxBytes} are accepted.`,
    );
  }
}

function actionOf({ call, agent }: Judged, args: PayloadRef): Action {
  return {
    agent: agent.id,
    owner: agent.owner,
    server: call.tool.server,
    tool: call.tool.tool,
    definition_sha256: call.tool.definition_sha256,
    args_commit: args.commit,
  };
}

function requested(judged: Judged, args: PayloadRef): Draft {
  const action = actionOf(judged, args);
  return {
    type: 'call.requested',
    call_id: judged.callId,
    ...action,
    ...at('args_at', args),
    action_digest: actionDigest(action),
  };
}

function ref({ policy }: Judged, rule: string): PolicyRef {
  return { rule, version: policy.version };
}

function at<K extends string>(key: K, payload: PayloadRef): { readonly [P in K]?: string } {
  return payload.at === undefined ? {} : ({ [key]: payload.at } as { readonly [P in K]?: string });
}

function text<K extends string>(key: K, value: unknown): { readonly [P in K]?: string } {
  return typeof value === 'string' && value !== ''
    ? ({ [key]: value } as { readonly [P in K]?: string })
    : {};
}

function nameOf(policy: Policy, id: string): string {
  return policy.people.people.find((person) => person.id === id)?.name ?? id;
}

function refusedOwners(asked: readonly Asked[]): readonly Person[] {
  return [...new Map(asked.flatMap((each) => each.refused).map((person) => [person.id, person])).values()];
}
