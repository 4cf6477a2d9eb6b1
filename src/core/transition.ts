import { escalated } from './escalation.ts';
import type { Draft, Entry, EntryOf, ResultRef, Terms } from './entry.ts';
import { TransitionError } from './errors.ts';
import { noticeState } from './notice-state.ts';
import { isFresh, resolve } from './quorum.ts';
import { asked, isOver, isSettled, type Decision, type Phase, type Request } from './request.ts';
import { resultSecrets, revealed, secretsErased, type Secrets } from './secret-state.ts';
import { isAdmitted, satisfies } from './verification.ts';

/**
 * The one function that owns what is legal: the request after `entry`, where `request` is the request before
 * it, or nothing when `entry` opens one.
 *
 * @throws TransitionError whose code says which rule was broken and whose message names the resolution
 * that stands.
 */
export function transition(request: Request | undefined, entry: Entry): Request {
  if (entry.type === 'approval.requested') {
    if (request) throw illegal('already_requested', request, 'was requested before');
    return open(entry);
  }
  if (!request) throw new TransitionError('unknown_request', `No request is open for this ${entry.type}.`);
  const { secrets, ...after } = { ...request, ...change(request, entry), version: entry.seq };
  return secrets === undefined ? after : { ...after, secrets };
}

function open(entry: EntryOf<'approval.requested'>): Request {
  if (entry.terms.length === 0) throw new TransitionError('no_terms', 'A request needs at least one rule.');
  return {
    id: entry.request_id,
    version: entry.seq,
    call_id: entry.call_id,
    agent: entry.agent,
    owner: entry.owner,
    server: entry.server,
    tool: entry.tool,
    definition_sha256: entry.definition_sha256,
    action_digest: entry.action_digest,
    args_commit: entry.args_commit,
    ...(entry.args_at === undefined ? {} : { args_at: entry.args_at }),
    card_digest: entry.card_digest,
    ...(entry.card_at === undefined ? {} : { card_at: entry.card_at }),
    ...(entry.secrets_commit === undefined ? {} : { secrets: { args: entry.secrets_commit } }),
    ...(entry.owner_channels === undefined ? {} : { owner_channels: entry.owner_channels }),
    policy: entry.policy,
    terms: entry.terms,
    requested_at: entry.time,
    expires_at: entry.expires_at,
    timeout_ms: entry.timeout_ms,
    session: entry.session,
    phase: { kind: 'pending' },
    decisions: [],
    links: [],
    notices: [],
    fence: 0,
    delivered: false,
  };
}

function change(request: Request, entry: Entry): Partial<Omit<Request, 'secrets'>> & Secrets {
  switch (entry.type) {
    case 'link.issued':
      inPhase(request, entry, 'pending');
      mustBeAsked(request, entry.reviewer);
      return { links: [...request.links, { reviewer: entry.reviewer, sha256: entry.link_sha256 }] };
    case 'notice.sent':
    case 'notice.failed':
      return { notices: [...request.notices, noticeState(request, entry)] };
    case 'approval.escalated':
      inPhase(request, entry, 'pending');
      mustBeInTime(request, entry);
      return escalated(request, entry);
    case 'self_approval.refused':
      return {};
    case 'verification.refused':
      mustBeAsked(request, entry.reviewer);
      return {};
    case 'approval.decided':
      return { decisions: [...request.decisions, decided(request, entry)] };
    case 'approval.resolved':
      return { phase: resolved(request, entry) };
    case 'execution.claimed':
      inPhase(request, entry, 'approved', 'claimed');
      if (entry.fence !== request.fence + 1) {
        throw illegal('stale_fence', request, `expects fence ${request.fence + 1}, not ${entry.fence}`);
      }
      return {
        fence: entry.fence,
        phase: { kind: 'claimed', fence: entry.fence, lease_until: entry.lease_until, node: entry.node },
      };
    case 'execution.started':
      return { phase: started(request, entry) };
    case 'execution.succeeded':
      mustHoldFence(request, entry);
      return {
        ...resultSecrets(request, entry),
        phase: { kind: 'succeeded', at: entry.time, result: resultOf(entry) },
      };
    case 'execution.failed':
      mustHoldFence(request, entry);
      return {
        ...resultSecrets(request, entry),
        phase: { kind: 'failed', at: entry.time, result: resultOf(entry), detail: entry.detail },
      };
    case 'execution.outcome_unknown':
      mustHoldFence(request, entry);
      return { phase: { kind: 'outcome_unknown', at: entry.time, detail: entry.detail } };
    case 'execution.reconciled':
      inPhase(request, entry, 'outcome_unknown');
      return { phase: { kind: `reconciled_${entry.outcome}`, at: entry.time, reason: entry.reason } };
    case 'secret.revealed':
      inPhase(request, entry, 'pending');
      mustBeAsked(request, entry.reviewer);
      mustBeInTime(request, entry);
      return revealed(request, entry);
    case 'secret.erased':
      return secretsErased(request, entry);
    case 'call.completed':
      if (!isSettled(request)) throw illegal('not_settled', request, 'has no outcome to deliver yet');
      return { delivered: true };
    case 'account.linked':
    case 'account.unlinked':
    case 'reviewer.key_issued':
    case 'reviewer.key_revoked':
    case 'agent.key_issued':
    case 'agent.key_revoked':
    case 'tool.definition_accepted':
    case 'approval.requested':
    case 'call.allowed':
    case 'call.denied':
    case 'call.requested':
    case 'evidence.reviewed':
    case 'hold.placed':
    case 'hold.released':
    case 'log.key':
    case 'payload.erased':
    case 'payload.erasure_ordered':
    case 'log.opened':
    case 'log.recovered':
    case 'passkey.enrolled':
    case 'passkey.invitation_approved':
    case 'passkey.invitation_linked':
    case 'passkey.invitation_sent':
    case 'passkey.invitation_withdrawn':
    case 'passkey.invited':
    case 'passkey.revoked':
    case 'people.changed':
    case 'policy.loaded':
    case 'session.closed':
    case 'session.opened':
    case 'tool.definition_changed':
    case 'tool.registered':
      throw illegal('not_of_a_request', request, `cannot be changed by ${entry.type}`);
  }
}

function decided(request: Request, entry: EntryOf<'approval.decided'>): Decision {
  inPhase(request, entry, 'pending');
  mustBeAsked(request, entry.reviewer);
  if (request.decisions.some((decision) => decision.reviewer === entry.reviewer)) {
    throw illegal('already_decided', request, 'was already decided by this reviewer');
  }
  if (entry.action_digest !== request.action_digest || entry.card_digest !== request.card_digest) {
    throw illegal('digest_mismatch', request, 'is not the action that was decided on');
  }
  mustBeInTime(request, entry);
  mustBeProven(request, entry);
  const own = request.terms.filter((terms) => terms.reviewers.includes(entry.reviewer));
  if (isAdmitted(entry.verification) && !own.some((terms) => satisfies(entry.verification, terms)))
    throw illegal('verification_too_weak', request, `admits no decision by ${entry.verification}`);
  const age = signOnAge(entry);
  if (entry.decision === 'approve') {
    const strong = own.filter((terms) => satisfies(entry.verification, terms));
    if (strong.length === 0) {
      throw illegal('verification_too_weak', request, 'asks for a stronger verification');
    }
    if (!strong.some((terms) => isFresh({ verification: entry.verification, ...age }, terms))) {
      throw illegal('sign_on_stale', request, 'asks for a more recent sign-on');
    }
  }
  if (own.some((terms) => terms.reason === 'required') && !entry.reason?.trim()) {
    throw illegal('reason_required', request, 'asks every decision for a reason');
  }
  mustBeOfAnother(request, entry, own);
  return {
    reviewer: entry.reviewer,
    decision: entry.decision,
    verification: entry.verification,
    ...(entry.reason === undefined ? {} : { reason: entry.reason }),
    at: entry.time,
    ...(entry.receipt?.kind === 'passkey' ? { credential_id: entry.receipt.credential_id } : {}),
    ...(entry.receipt?.kind === 'slack' || entry.receipt?.kind === 'api' ? { spoken: entry.receipt } : {}),
    ...age,
    ...(entry.solo === undefined ? {} : { solo: entry.solo }),
  };
}

/** Nobody decides for an agent of their own but the only human of a workspace, who approves with a passkey and is marked. */
function mustBeOfAnother(request: Request, entry: EntryOf<'approval.decided'>, own: readonly Terms[]): void {
  const solo = own.some((terms) => terms.solo);
  if (entry.reviewer === request.owner && !own.every((terms) => terms.solo)) {
    throw illegal('self_approval', request, "is for the owner's own agent");
  }
  if (entry.solo && !solo) {
    throw illegal('not_solo', request, 'was not made in a workspace of one person');
  }
  if (solo && entry.decision === 'approve' && (entry.verification !== 'passkey' || !entry.solo)) {
    throw illegal('verification_too_weak', request, 'can be approved by its owner with a passkey alone');
  }
}

/** How old the sign-on is that proves a decision; nothing where something else does. */
function signOnAge({ receipt, time }: EntryOf<'approval.decided'>): Pick<Decision, 'sign_on_age_ms'> {
  if (receipt?.kind !== 'sso') return {};
  return { sign_on_age_ms: Math.max(0, Date.parse(time) - Date.parse(receipt.auth_time)) };
}

function resolved(request: Request, entry: EntryOf<'approval.resolved'>): Phase {
  const { resolution, reason } = entry;
  switch (resolution) {
    case 'approved':
    case 'rejected':
      inPhase(request, entry, 'pending');
      if (resolve(request.terms, request.decisions) !== resolution) {
        throw illegal('no_quorum', request, `is not ${resolution} by the decisions that were made`);
      }
      return resolution === 'approved'
        ? { kind: 'approved', at: entry.time }
        : { kind: 'rejected', at: entry.time, reason };
    case 'expired':
      inPhase(request, entry, 'pending', 'approved', 'claimed');
      if (!isOver(request, entry.time)) throw illegal('not_expired', request, 'has not expired yet');
      return { kind: 'expired', at: entry.time, reason };
    case 'cancelled':
      inPhase(request, entry, 'pending');
      return { kind: 'cancelled', at: entry.time, reason };
    case 'voided':
      inPhase(request, entry, 'pending', 'approved', 'claimed');
      return { kind: 'voided', at: entry.time, reason };
  }
}

function started(request: Request, entry: EntryOf<'execution.started'>): Phase {
  inPhase(request, entry, 'claimed');
  mustHoldFence(request, entry);
  if (entry.action_digest !== request.action_digest) {
    throw illegal('digest_mismatch', request, 'is not the action that was started');
  }
  mustBeInTime(request, entry);
  return { kind: 'started', fence: entry.fence, at: entry.time };
}

/** The receipt has to be of the kind that the entry says; whether it holds is the fold's and the verifier's to check. */
function mustBeProven(request: Request, entry: EntryOf<'approval.decided'>): void {
  const proof = entry.receipt?.kind ?? 'link';
  if (proof !== entry.verification) {
    throw illegal('no_proof', request, `was decided by ${entry.verification} without a receipt of it`);
  }
}

function mustBeInTime(request: Request, entry: Entry): void {
  if (isOver(request, entry.time)) throw illegal('expired', request, `expired at ${request.expires_at}`);
}

function mustBeAsked(request: Request, reviewer: string): void {
  if (!asked(request).includes(reviewer)) throw illegal('not_asked', request, `did not ask ${reviewer}`);
}

function mustHoldFence(request: Request, entry: Extract<Entry, { readonly fence: number }>): void {
  const { phase } = request;
  if (phase.kind !== 'claimed' && phase.kind !== 'started') throw wrongPhase(request, entry);
  if (entry.type !== 'execution.started' && phase.kind !== 'started') throw wrongPhase(request, entry);
  if (entry.fence !== phase.fence) {
    throw illegal('stale_fence', request, `is held by fence ${phase.fence}, not ${entry.fence}`);
  }
}

function inPhase(request: Request, entry: Draft, ...kinds: readonly Phase['kind'][]): void {
  if (!kinds.includes(request.phase.kind)) throw wrongPhase(request, entry);
}

function wrongPhase(request: Request, entry: Draft): TransitionError {
  const standing = request.phase.kind.replaceAll('_', ' ');
  return isSettled(request) || request.phase.kind !== 'pending'
    ? illegal('already_resolved', request, `is already ${standing}, so ${entry.type} comes too late`)
    : illegal('wrong_phase', request, `is ${standing}, so ${entry.type} is not possible`);
}

function illegal(code: string, request: Request, what: string): TransitionError {
  return new TransitionError(code, `The request ${request.id} ${what}.`);
}

function resultOf(entry: ResultRef): ResultRef {
  return {
    ...(entry.result_commit === undefined ? {} : { result_commit: entry.result_commit }),
    ...(entry.result_at === undefined ? {} : { result_at: entry.result_at }),
  };
}
