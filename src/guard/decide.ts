import { acceptedBy } from '../core/acceptance.ts';
import type { DecisionKind, Draft, Receipt } from '../core/entry.ts';
import { DecisionError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { longArguments } from '../core/long-arguments.ts';
import { resolve, type Vote } from '../core/quorum.ts';
import type { Request } from '../core/request.ts';
import { isAdmitted, isAsStrong } from '../core/verification.ts';
import type { Doors, Found } from './access.ts';
import { mustBeNoAuditor } from './auditor.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import { withoutSecrets } from './masking.ts';
import type { DecisionInput, ReviewView } from './ports.ts';
import { verificationOf, verifyProof } from './proof.ts';
import type { Refuse } from './refusals.ts';
import type { ShowRequest, TagsOf } from './review-view.ts';
import type { Rights } from './rights.ts';
import { mustBeFirst, policyNow, rightsNow } from './rights-now.ts';
import { createShown, type Shown } from './shown.ts';
import type { Streams } from './streams.ts';
import { CHANGED_SINCE } from './void-changed.ts';

export interface DecideParts {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
  readonly doors: Doors;
  readonly show: ShowRequest;
  readonly refuse: Refuse;
  readonly tagsOf: TagsOf;
}

/** One person's decision: checked, verified, checked again on the request as it then stands, and journalled. */
export function createDecide(parts: DecideParts): (input: DecisionInput) => Promise<ReviewView> {
  const { context, contents, streams, doors, show, refuse } = parts;
  const { clock, ledger } = context;
  const shownOf = createShown(context, contents);

  /** Everything but the proof itself. @throws DecisionError */
  function mustBePossible(input: DecisionInput, found: Found, shown: Shown, receipt?: Receipt): Rights {
    const { request, reviewer } = found;
    mustBeOpen(request, reviewer.id);
    const theirs = rightsNow(parts, found, shown, receipt);
    mustBeOfAnother(theirs);
    mustBeNoAuditor(reviewer, context.policy().people);
    mustBeAsked(theirs);
    mustBeFirst(found, context.policy());
    mustBeConfirmed(input, [shown.card.tool_name, shown.card.tool]);
    mustBeStrong(input, theirs);
    if (theirs.reason === 'required' && input.reason.trim() === '') {
      throw new DecisionError(
        'reason_required',
        'Nothing was decided. This rule asks every decision for a reason.',
      );
    }
    if (input.card_digest !== request.card_digest) {
      throw new DecisionError(
        'card_changed',
        'Nothing was decided. Open the link again: the page is another one.',
      );
    }
    if (input.decision === 'approve') mustBeRead(shown.args, input.seen);
    return theirs;
  }

  /** What became of the action since it was shown, as far as the catalogue has noticed; dispatch asks the live tool. */
  function changeSince(request: Request, { denied }: Rights, decision: DecisionKind): string | undefined {
    const { server, tool, definition_sha256, requested_at } = request;
    if (ledger.definitions.isReplaced(server, tool, definition_sha256, requested_at)) return CHANGED_SINCE;
    return denied === undefined || decision === 'reject'
      ? undefined
      : `The policy denies this call now: ${denied}`;
  }

  /** Whoever approves a call whose page showed what is new in the tool's definition accepts that, if they may. */
  function acceptance(
    { request, reviewer }: Found,
    { card }: Shown,
    votes: readonly Vote[],
    receipt?: Receipt,
  ) {
    const { server, tool, definition_sha256 } = request;
    const waits =
      card.difference !== undefined && ledger.definitions.isWaiting(server, tool, definition_sha256);
    const by = waits ? acceptedBy(votes, policyNow(context, reviewer, receipt)) : undefined;
    if (by === undefined) return [];
    const type = 'tool.definition_accepted' as const;
    return [{ type, server, tool, definition_sha256, reviewer: by, approval_id: request.id }];
  }

  function drafts(
    input: DecisionInput,
    found: Found,
    shown: Shown,
    theirs: Rights,
    receipt?: Receipt,
  ): readonly Draft[] {
    const { request, reviewer } = found;
    const changed = changeSince(request, theirs, input.decision);
    if (changed !== undefined) {
      return [{ type: 'approval.resolved', request_id: request.id, resolution: 'voided', reason: changed }];
    }
    if (input.decision === 'approve') mustBeEligible(theirs);
    const reason = withoutSecrets(input.reason.trim(), shown.secrets);
    const vote = {
      reviewer: reviewer.id,
      decision: input.decision,
      verification: verificationOf(input.proof),
      ...(reason === '' ? {} : { reason }),
    } as const;
    const age = receipt?.kind === 'sso' ? clock.now() - Date.parse(receipt.auth_time) : 0;
    const votes = [...request.decisions, { ...vote, sign_on_age_ms: Math.max(0, age) }];
    const resolution = resolve(request.terms, votes);
    const decided: Draft = {
      type: 'approval.decided',
      request_id: request.id,
      ...vote,
      opened_at: input.opened_at,
      action_digest: request.action_digest,
      card_digest: input.card_digest,
      ...(receipt === undefined ? {} : { receipt }),
      ...(theirs.solo && input.decision === 'approve' ? { solo: true } : {}),
    };
    if (resolution === undefined) return [decided];
    return [
      decided,
      {
        type: 'approval.resolved',
        request_id: request.id,
        resolution,
        reason:
          resolution === 'approved'
            ? 'The quorum was reached.'
            : reason === ''
              ? 'No reason was given.'
              : `The reason given: ${JSON.stringify(reason)}.`,
      },
      ...(resolution === 'approved' ? acceptance(found, shown, votes, receipt) : []),
    ];
  }

  async function verified(input: DecisionInput, found: Found, shown: Shown): Promise<Receipt | undefined> {
    const { request, reviewer } = found;
    const { proof, decision } = input;
    const offered = proof.kind === 'sso' ? proof.sign_on : undefined;
    const { max_age_ms: maxAgeMs } = mustBePossible(input, found, shown, offered);
    return verifyProof(context, {
      proof,
      reviewer,
      maxAgeMs,
      act: (nonce) => ({
        act: 'decide',
        request_id: request.id,
        action_digest: request.action_digest,
        card_digest: request.card_digest,
        decision,
        reviewer: reviewer.id,
        nonce,
      }),
    });
  }

  return async (input) => {
    const found = await doors.find(input.access);
    const shown = await shownOf(found.request);
    try {
      const receipt = await verified(input, found, shown);
      await streams.update(found.request.id, (request) => {
        const now = { ...found, request };
        return drafts(input, now, shown, mustBePossible(input, now, shown, receipt), receipt);
      });
    } catch (error) {
      throw await refuse(error, found, input.proof);
    }
    return show(await doors.find(input.access), input.access, input.opened_at);
  };
}

/** @throws DecisionError `self_approval` */
export function mustBeOfAnother({ self }: Rights): void {
  if (!self) return;
  throw new DecisionError(
    'self_approval',
    'The agent acts for you, so you cannot decide on its call, under any of your addresses. Somebody else who was asked has to.',
  );
}

/** @throws DecisionError `not_eligible` */
export function mustBeAsked({ own }: Rights): void {
  if (own.length > 0) return;
  throw new DecisionError('not_eligible', 'You were not asked about this request.');
}

/** @throws DecisionError `not_eligible` */
export function mustBeEligible({ eligible }: Rights): void {
  if (eligible) return;
  throw new DecisionError(
    'not_eligible',
    'Nothing was decided. You were asked, but under the rules as they are now you are no reviewer of this call any more.',
  );
}

function mustBeOpen(request: Request, reviewer: string): void {
  if (request.decisions.some((decision) => decision.reviewer === reviewer)) {
    throw new DecisionError(
      'already_decided',
      'You have already decided on this; the first decision stands.',
    );
  }
  if (request.phase.kind === 'pending') return;
  throw new DecisionError(
    'already_resolved',
    `This comes too late: the request is already ${request.phase.kind.replaceAll('_', ' ')}.`,
  );
}

function mustBeConfirmed({ proof }: DecisionInput, names: readonly string[]): void {
  if (proof.kind === 'passkey' || names.includes(proof.confirm.trim())) return;
  throw new DecisionError(
    'confirm_mismatch',
    `Nothing was decided. To confirm, type the tool's name exactly as it stands on the page: ${names[0]}`,
  );
}

function mustBeStrong({ access, decision, proof }: DecisionInput, theirs: Rights): void {
  if (proof.kind === 'typed' && access.kind !== 'link')
    throw tooWeak('Being signed in decides nothing: give a passkey, or sign in again for this.');
  const given = verificationOf(proof);
  if (isAdmitted(given)) {
    if (theirs.admits.includes(given)) return;
    throw tooWeak(NOT_ADMITTED[given]);
  }
  if (decision === 'reject') return;
  if (given === 'link' && theirs.enrolled)
    throw tooWeak('You have a passkey, so a mail no longer approves for you; use the passkey.');
  if (theirs.solo && given !== 'passkey')
    throw tooWeak('A call of your own agent is approved with a passkey alone.');
  if (!isAsStrong(given, theirs.demanded)) throw tooWeak(WEAK[theirs.demanded]);
}

const WEAK = {
  link: 'This call cannot be approved in this way.',
  sso: 'This call cannot be approved by a link alone: sign in for it, or use a passkey.',
  passkey: 'This call is approved with a passkey alone.',
} as const;

const NOT_ADMITTED = {
  slack: 'No rule lets this call be decided in Slack. Open the request by its link.',
  api: 'No rule lets this call be decided with a key at the API: sign it with a passkey, or open the request by its link.',
} as const;

function tooWeak(why: string): DecisionError {
  return new DecisionError('verification_too_weak', `Nothing was decided. ${why}`);
}

function mustBeRead(args: JsonObject, seen: readonly string[]): void {
  const unread = longArguments(args).filter((path) => !seen.includes(path));
  if (unread.length === 0) return;
  throw new DecisionError(
    'not_read',
    `Nothing was decided. ${unread.length === 1 ? 'One long value has' : `${unread.length} long values have`} not been read to the end: open each and say so.`,
  );
}
