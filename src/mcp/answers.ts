import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError, type Answer, type Approval, type ApprovalStatus } from '../guard/ports.ts';
import { withoutOurMarks } from './own-marks.ts';

/** How soon it makes sense to ask again, in milliseconds. */
const POLL_AFTER_MS = 5000;

/** What stands before the guard's own words, so that no two endings read alike. */
export const STANDING: Readonly<Record<ApprovalStatus, string>> = {
  pending_approval: 'Pending: no human has decided yet.',
  approved: 'Approved: about to be executed.',
  executing: 'Executing: approved and sent, not answered yet.',
  succeeded: 'Succeeded: approved and executed.',
  failed: 'Failed: approved, but the execution failed.',
  outcome_unknown: 'Outcome unknown: approved and started, and nobody knows whether it was carried out.',
  rejected: 'Rejected: a human reviewer said no.',
  expired: 'Expired: its time ran out.',
  cancelled: 'Cancelled: the approval request was withdrawn.',
  voided: 'Voided: the approval no longer holds.',
};

/**
 * What the agent is sent for an answer: a CallToolResult. Only pending answers and the downstream's own results
 * carry `structuredContent`, as strict clients check it against the tool's output schema.
 *
 * @throws RpcError for a downstream's JSON-RPC error
 */
export function resultOf(answer: Answer): Verbatim {
  switch (answer.kind) {
    case 'result':
      return answer.approval ? withApproval(answer.result, answer.approval) : withoutOurMarks(answer.result);
    case 'rpc_error':
      if (!answer.approval) throw new RpcError(answer.error);
      return Verbatim.of(
        ended(answer.approval, `The server answered with an error: ${JSON.stringify(answer.error)}`),
      );
    case 'pending':
      return Verbatim.of(pending(answer.approval));
    case 'ended':
      return Verbatim.of(ended(answer.approval, answer.message));
    case 'refused':
      return Verbatim.of(refusal(answer.code, answer.message));
  }
}

/** A call that never became a request. */
export function refusal(code: string, message: string): JsonObject {
  return {
    content: [text({ status: 'refused', code }, message)],
    isError: true,
    _meta: { 'placet/refusal': { code, message } },
  };
}

function withApproval(given: Verbatim, approval: Approval): Verbatim {
  const own = { 'placet/approval': mark(approval) };
  const result = withoutOurMarks(given);
  const { _meta: meta } = result.value;
  if (meta === undefined) return result.with('_meta', own);
  return Verbatim.of({ ...result.value, _meta: { ...(isJsonObject(meta) ? meta : {}), ...own } });
}

function pending(approval: Approval): JsonObject {
  const { status, approval_id, tool, expires_at, reviewers_asked } = approval;
  const state = { status, approval_id, tool, expires_at, poll_after_ms: POLL_AFTER_MS, reviewers_asked };
  const words =
    status === 'pending_approval'
      ? 'Not executed. Waiting for human approval. Call placet_status with this approval_id; do not repeat with other arguments.'
      : `${STANDING[status]} Call placet_status with this approval_id for the result; do not repeat the call.`;
  return {
    content: [text(state, words)],
    structuredContent: state,
    _meta: { 'placet/approval': mark(approval) },
  };
}

function ended(approval: Approval, message: string): JsonObject {
  const { status, approval_id, tool } = approval;
  return {
    content: [text({ status, approval_id, tool }, `${STANDING[status]} ${message}`)],
    isError: true,
    _meta: { 'placet/approval': { ...mark(approval), message } },
  };
}

function mark({ status, approval_id }: Approval): { readonly status: string; readonly approval_id: string } {
  return { status, approval_id };
}

/** Some clients show the model nothing but text, so everything stands there too. */
function text(state: JsonObject, words: string): JsonObject {
  return { type: 'text', text: `${JSON.stringify(state)}\n${words}` };
}
