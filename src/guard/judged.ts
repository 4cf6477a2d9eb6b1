import { actionDigest, type Action } from '../core/action.ts';
import type { Draft, PolicyRef } from '../core/entry.ts';
import type { Agent } from '../core/person.ts';
import type { Policy, Verdict } from '../core/policy.ts';
import type { PayloadRef } from '../journal/payloads.ts';
import type { Verbatim } from '../core/verbatim.ts';
import type { Hidden } from './masking.ts';
import type { IncomingCall } from './ports.ts';

/** A call whose agent is known and whose arguments can be judged. */
export interface Judged {
  readonly call: IncomingCall;
  /** The arguments of the call, written anew once: this is what is sent. */
  readonly args: Verbatim;
  /** What is kept of them. */
  readonly hidden: Hidden;
  readonly agent: Agent;
  readonly policy: Policy;
  readonly callId: string;
}

export type AllowVerdict = Extract<Verdict, { readonly kind: 'allow' }>;
export type ReviewVerdict = Extract<Verdict, { readonly kind: 'review' }>;

export function actionOf({ call: { tool }, agent }: Judged, args: PayloadRef): Action {
  return {
    agent: agent.id,
    owner: agent.owner,
    server: tool.server,
    tool: tool.tool,
    definition_sha256: tool.definition_sha256,
    args_commit: args.commit,
  };
}

/** The entry that says what the agent asked for. */
export function requested(judged: Judged, args: PayloadRef): Draft {
  const action = actionOf(judged, args);
  return {
    type: 'call.requested',
    call_id: judged.callId,
    action_digest: actionDigest(action),
    ...at('args_at', args),
    ...action,
  };
}

export function policyRef({ policy }: Judged, rule: string): PolicyRef {
  return { rule, version: policy.version };
}

/** A payload's place as a member of an entry, where it has one. */
export function at<K extends string>(key: K, payload: PayloadRef): { readonly [P in K]?: string } {
  return payload.at === undefined ? {} : ({ [key]: payload.at } as { readonly [P in K]?: string });
}
