import { asked, isSettled, type Request } from '../core/request.ts';
import { refOf, unlessErased, type Contents } from './contents.ts';
import type { Answer, Approval, ApprovalStatus } from './ports.ts';

const ERASED = {
  succeeded:
    'It was carried out, and its result has been erased: nobody can give it any more. Do not repeat the call to see it.',
  failed: 'What the server answered has been erased: nobody can give it any more.',
} as const;

/**
 * What the agent is told about its request as it stands.
 *
 * @param name by which the agent called the tool; where it is not known, it is read off the card
 */
export async function answerFor(request: Request, contents: Contents, name?: string): Promise<Answer> {
  const tool = name ?? (await unlessErased(contents.card(request)))?.tool;
  const approval: Approval = {
    status: statusOf(request),
    approval_id: request.id,
    // The name by which the agent called it went with the card.
    tool: tool ?? request.tool,
    expires_at: request.expires_at,
    reviewers_asked: asked(request).length,
  };
  const { phase } = request;
  if (!isSettled(request)) return { kind: 'pending', approval };
  if ((phase.kind === 'succeeded' || phase.kind === 'failed') && phase.result.result_commit !== undefined) {
    const { result_commit: commit, result_at: at } = phase.result;
    const kept = await unlessErased(contents.outcome(refOf(commit, at)));
    const whole = request.secrets?.result;
    const outcome = kept && whole !== undefined ? ((await contents.wholeOutcome(whole)) ?? kept) : kept;
    if (outcome === undefined) return { kind: 'ended', approval, message: ERASED[phase.kind] };
    return 'result' in outcome
      ? { kind: 'result', result: outcome.result, approval }
      : { kind: 'rpc_error', error: outcome.error, approval };
  }
  return { kind: 'ended', approval, message: endingOf(request) };
}

function statusOf(request: Request): ApprovalStatus {
  switch (request.phase.kind) {
    case 'pending':
      return 'pending_approval';
    case 'approved':
    case 'claimed':
      return 'approved';
    case 'started':
      return 'executing';
    case 'reconciled_done':
      return 'succeeded';
    case 'reconciled_not_done':
      return 'failed';
    case 'succeeded':
    case 'failed':
    case 'outcome_unknown':
    case 'rejected':
    case 'expired':
    case 'cancelled':
    case 'voided':
      return request.phase.kind;
  }
}

function endingOf(request: Request): string {
  const { phase } = request;
  switch (phase.kind) {
    case 'rejected':
      return `Not executed. A reviewer rejected this call. ${phase.reason} Do not repeat it unchanged; ask the person you act for how to go on.`;
    case 'expired':
      return `Not executed. The request expired: ${phase.reason} This is not a refusal. You may make the call again, which asks the reviewers anew.`;
    case 'cancelled':
      return 'Not executed. The request was cancelled by the agent that made it. You may make the call again.';
    case 'voided':
      return `Not executed. The approval no longer holds: ${phase.reason} You may make the call again, which asks the reviewers anew.`;
    case 'outcome_unknown':
      return `Approved and started, but nobody knows how it ended: ${phase.detail} It may have happened. Do not repeat it blindly; find out first, or ask the person you act for.`;
    case 'failed':
      return `Approved, but it failed: ${phase.detail} You may make the call again, which asks the reviewers anew.`;
    case 'reconciled_done':
      return `A person found out that the call was carried out: ${phase.reason} Do not repeat it.`;
    case 'reconciled_not_done':
      return `A person found out that the call was not carried out: ${phase.reason} You may make it again.`;
    case 'succeeded':
      return 'Approved and executed; its result was not kept.';
    case 'pending':
    case 'approved':
    case 'claimed':
    case 'started':
      return 'Still under way.';
  }
}
