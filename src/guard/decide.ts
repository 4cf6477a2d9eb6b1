import { timestamp } from '../core/clock.ts';
import type { Draft } from '../core/entry.ts';
import { DecisionError, TransitionError } from '../core/errors.ts';
import { linkDigest } from '../core/link.ts';
import { sameHuman, type Person } from '../core/person.ts';
import { approvers, resolve } from '../core/quorum.ts';
import { isOver, type Request } from '../core/request.ts';
import { satisfies } from '../core/verification.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import type { DecisionInput, Reviews, ReviewView } from './ports.ts';
import type { Streams } from './streams.ts';

/** How a person proves who they are by a link: possession of it, and a typed confirmation. */
const VERIFICATION = 'link';

/** How long the first opening of a page is remembered. */
const OPENED_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

interface Found {
  readonly request: Request;
  readonly reviewer: Person;
}

/** The reviewer's side: what stands behind a link, and the decision made there. */
export function createReviews(parts: {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
}): Reviews {
  const { context, contents, streams } = parts;
  const { clock, ledger } = context;
  const opened = new Map<string, string>();

  function find(token: string): Found & { readonly link: string } {
    const link = linkDigest(token);
    const request = ledger.requestOfLink(link);
    const mine = request?.links.find((each) => each.sha256 === link);
    if (request && mine) return { request, reviewer: personOf(mine.reviewer), link };
    throw new DecisionError(
      'link_unknown',
      'This link is not known: it was mistyped or cut, or its request is long over. Open the link in the newest mail about the request.',
    );
  }

  function personOf(id: string): Person {
    const known = context.policy().people.people.find((person) => person.id === id);
    return known ?? { id, name: id, emails: [] };
  }

  function firstOpened(link: string): string {
    for (const [known, at] of opened) {
      if (Date.parse(at) < clock.now() - OPENED_KEPT_MS) opened.delete(known);
      else break;
    }
    const at = opened.get(link) ?? timestamp(clock);
    opened.set(link, at);
    return at;
  }

  async function viewOf({ request, reviewer }: Found, openedAt: string): Promise<ReviewView> {
    const { phase } = request;
    const decided = request.decisions.some((decision) => decision.reviewer === reviewer.id);
    const over = phase.kind !== 'pending' || isOver(request, timestamp(clock));
    return {
      request,
      card: await contents.card(request),
      args: await contents.args(request),
      reviewer,
      progress: request.terms.map((terms) => ({
        rule: terms.rule,
        approvals: approvers(terms, request.decisions).size,
        quorum: terms.quorum,
      })),
      decisions: request.decisions.map((decision) => ({
        ...decision,
        name: personOf(decision.reviewer).name,
      })),
      state: over ? 'over' : decided ? 'decided' : 'open',
      reason: needsReason(request, reviewer) ? 'required' : 'optional',
      opened_at: openedAt,
    };
  }

  async function decide(input: DecisionInput): Promise<ReviewView> {
    const found = find(input.token);
    const { id } = found.request;
    await contents.args(found.request);
    const card = await contents.card(found.request);
    let refusal: DecisionError | undefined;
    try {
      await streams.update(id, (request) => {
        refusal = undefined;
        const now = { ...found, request };
        mustBeOpen(request, found.reviewer);
        mustBeConfirmed(input, [card.tool_name, card.tool]);
        const selfApproval = selfApprovalOf(now);
        if (selfApproval) {
          refusal = selfApproval;
          return [
            {
              type: 'self_approval.refused',
              request_id: id,
              reviewer: found.reviewer.id,
              reason: selfApproval.message,
            },
          ];
        }
        mustBeEligible(now);
        mustFitTerms(input, now);
        return draftsOf(input, now);
      });
    } catch (error) {
      throw error instanceof TransitionError ? asDecisionError(error) : error;
    }
    if (refusal) throw refusal;
    return viewOf(find(input.token), input.opened_at);
  }

  function selfApprovalOf({ request, reviewer }: Found): DecisionError | undefined {
    const { people, agents } = context.policy().people;
    const owners = [request.owner, agents.find((agent) => agent.id === request.agent)?.owner];
    const isOwner = owners.some((id) => {
      const owner = people.find((person) => person.id === id);
      return reviewer.id === id || (owner !== undefined && sameHuman(reviewer, owner));
    });
    if (!isOwner) return undefined;
    return new DecisionError(
      'self_approval',
      'The agent acts for you, so you cannot decide on its call, under any of your addresses. Somebody else who was asked has to.',
    );
  }

  function mustBeListed(reviewer: Person): void {
    if (context.policy().people.people.some((person) => person.id === reviewer.id)) return;
    throw new DecisionError('not_eligible', 'You are no longer listed among the people of this workspace.');
  }

  function mustBeEligible({ request, reviewer }: Found): void {
    mustBeListed(reviewer);
    const { people } = context.policy().people;
    const others = people.filter((person) =>
      request.decisions.some((decision) => decision.reviewer === person.id && person.id !== reviewer.id),
    );
    if (others.some((other) => sameHuman(other, reviewer))) {
      throw new DecisionError('already_decided', 'You have already decided on this under another address.');
    }
  }

  function draftsOf(input: DecisionInput, { request, reviewer }: Found): readonly Draft[] {
    const reason = input.reason.trim();
    const changed = changeSince(request);
    if (changed !== undefined) {
      return [{ type: 'approval.resolved', request_id: request.id, resolution: 'voided', reason: changed }];
    }
    const vote = {
      reviewer: reviewer.id,
      decision: input.decision,
      verification: VERIFICATION,
      ...(reason === '' ? {} : { reason }),
    } as const;
    const resolution = resolve(request.terms, [...request.decisions, vote]);
    return [
      {
        type: 'approval.decided',
        request_id: request.id,
        ...vote,
        opened_at: input.opened_at,
        action_digest: request.action_digest,
        card_digest: input.card_digest,
      },
      ...(resolution === undefined
        ? []
        : [
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
            } as const,
          ]),
    ];
  }

  /** What became of the action since it was shown, as far as the catalogue has noticed; dispatch asks the live tool. */
  function changeSince(request: Request): string | undefined {
    const definition = ledger.definition(request.server, request.tool);
    return definition !== undefined && definition !== request.definition_sha256
      ? "The tool's definition changed after the request was made."
      : undefined;
  }

  return {
    async view(token) {
      const found = find(token);
      mustBeListed(found.reviewer);
      return viewOf(found, firstOpened(found.link));
    },
    decide,
  };
}

function mustBeOpen(request: Request, reviewer: Person): void {
  if (request.decisions.some((decision) => decision.reviewer === reviewer.id)) {
    throw new DecisionError(
      'already_decided',
      'You have already decided on this; the first decision stands.',
    );
  }
  if (request.phase.kind !== 'pending') {
    throw new DecisionError(
      'already_resolved',
      `This comes too late: the request is already ${request.phase.kind.replaceAll('_', ' ')}.`,
    );
  }
}

function mustBeConfirmed(input: DecisionInput, names: readonly string[]): void {
  if (names.includes(input.confirm.trim())) return;
  throw new DecisionError(
    'confirm_mismatch',
    `Nothing was decided. To confirm, type the tool's name exactly as it stands on the page: ${names[0]}`,
  );
}

function mustFitTerms(input: DecisionInput, { request, reviewer }: Found): void {
  const own = request.terms.filter((terms) => terms.reviewers.includes(reviewer.id));
  if (input.decision === 'approve' && !own.some((terms) => satisfies(VERIFICATION, terms.verification))) {
    throw new DecisionError('verification_too_weak', 'This call cannot be approved by a link alone.');
  }
  if (needsReason(request, reviewer) && input.reason.trim() === '') {
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
}

function needsReason(request: Request, reviewer: Person): boolean {
  return request.terms.some((terms) => terms.reason === 'required' && terms.reviewers.includes(reviewer.id));
}

function asDecisionError(error: TransitionError): DecisionError {
  return error.code === 'expired'
    ? new DecisionError('expired', 'This comes too late: the request has expired.', { cause: error })
    : new DecisionError(error.code, `Nothing was decided. ${error.message}`, { cause: error });
}
