import type { EntryOf } from './entry.ts';
import { TransitionError } from './errors.ts';
import type { OpenCall } from './ledger-state.ts';

/** A call that was just requested. */
export function openCall({
  call_id,
  action_digest,
  args_commit,
  args_at,
}: EntryOf<'call.requested'>): OpenCall {
  return {
    call_id,
    action_digest,
    args_commit,
    state: 'requested',
    ...(args_at !== undefined && { args_at }),
  };
}

/** The same once its verdict stands. */
export function allowed(call: OpenCall): OpenCall {
  const { call_id, action_digest, args_commit, args_at } = call;
  return { call_id, action_digest, args_commit, state: 'allowed', ...(args_at !== undefined && { args_at }) };
}

/** @throws TransitionError where a request is about another action than its call */
export function mustMatchCall(entry: EntryOf<'approval.requested'>, call: OpenCall): void {
  if (call.action_digest !== entry.action_digest || call.args_commit !== entry.args_commit) {
    throw callError(entry.call_id, 'asked for another action than the one to approve');
  }
}

/** What is illegal about a call. */
export function callError(callId: string, what: string): TransitionError {
  return new TransitionError('illegal_call', `The call ${callId} ${what}.`);
}
