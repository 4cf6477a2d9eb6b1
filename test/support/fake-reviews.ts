import { timestamp, type Clock } from '../../src/core/clock.ts';
import { DecisionError } from '../../src/core/errors.ts';
import type { Random } from '../../src/core/ids.ts';
import { approvers, resolve } from '../../src/core/quorum.ts';
import { isOver, type Request } from '../../src/core/request.ts';
import type { DecisionInput, Reviews, ReviewView } from '../../src/guard/ports.ts';
import { linkDigest, mintLink } from '../../src/core/link.ts';
import { PEOPLE, type MemoryRequests } from './memory-requests.ts';

/** A fake of the guard's reviewer side, as strict as the port says, over requests in memory. */
export function createFakeReviews(memory: MemoryRequests, clock: Clock, random: Random) {
  const opened = new Map<string, string>();
  const decided: DecisionInput[] = [];

  const find = (token: string): { request: Request; reviewer: string } => {
    const digest = linkDigest(token);
    for (const request of memory.requests()) {
      const link = request.links.find((each) => each.sha256 === digest);
      if (link) return { request, reviewer: link.reviewer };
    }
    throw new DecisionError('link_unknown', 'No request has this link.');
  };

  const view = async (token: string): Promise<ReviewView> => {
    const { request, reviewer } = find(token);
    const person = PEOPLE.people.find((each) => each.id === reviewer);
    if (!person) throw new Error(`no person ${reviewer}`);
    const opened_at = opened.get(token) ?? timestamp(clock);
    opened.set(token, opened_at);
    const own = request.decisions.some((decision) => decision.reviewer === reviewer);
    const open = request.phase.kind === 'pending' && !isOver(request, timestamp(clock));
    return {
      request,
      ...(await memory.content(request)),
      reviewer: person,
      progress: request.terms.map((terms) => ({
        rule: terms.rule,
        approvals: approvers(terms, request.decisions).size,
        quorum: terms.quorum,
      })),
      decisions: request.decisions.map((decision) => ({
        ...decision,
        name: PEOPLE.people.find((each) => each.id === decision.reviewer)?.name ?? decision.reviewer,
      })),
      state: own ? 'decided' : open ? 'open' : 'over',
      reason: request.terms.some((terms) => terms.reason === 'required') ? 'required' : 'optional',
      opened_at,
    };
  };

  const decide = async (input: DecisionInput): Promise<ReviewView> => {
    const { request, reviewer } = find(input.token);
    if (request.decisions.some((decision) => decision.reviewer === reviewer)) {
      throw new DecisionError('already_decided', 'You decided this before.');
    }
    if (request.phase.kind !== 'pending') {
      throw new DecisionError('already_resolved', `This request is already ${request.phase.kind}.`);
    }
    if (isOver(request, timestamp(clock))) {
      throw new DecisionError('expired', `This request expired at ${request.expires_at}.`);
    }
    const { card } = await memory.content(request);
    if (input.card_digest !== request.card_digest) throw new DecisionError('card_changed', 'It has changed.');
    if (input.confirm.trim() !== card.tool_name) {
      throw new DecisionError('confirm_mismatch', `Type ${card.tool_name} to confirm.`);
    }
    if (input.reason === '' && request.terms.some((terms) => terms.reason === 'required')) {
      throw new DecisionError('reason_required', 'Say why: a rule asks every decision for a reason.');
    }
    decided.push(input);
    memory.append([
      {
        type: 'approval.decided',
        request_id: request.id,
        reviewer,
        verification: 'link',
        decision: input.decision,
        ...(input.reason === '' ? {} : { reason: input.reason }),
        opened_at: input.opened_at,
        action_digest: request.action_digest,
        card_digest: request.card_digest,
      },
    ]);
    const resolution = resolve(request.terms, memory.get(request.id).decisions);
    if (resolution) {
      const reason = resolution === 'approved' ? 'Quorum reached.' : 'Rejected by a reviewer.';
      memory.append([{ type: 'approval.resolved', request_id: request.id, resolution, reason }]);
    }
    return view(input.token);
  };

  /** Issues a link as the outbox would. */
  const issue = (requestId: string, reviewer = 'alice'): string => {
    const { token, sha256 } = mintLink(random);
    memory.append([{ type: 'link.issued', request_id: requestId, reviewer, link_sha256: sha256 }]);
    return token;
  };

  const reviews: { view: Reviews['view']; decide: Reviews['decide'] } = { view, decide };
  return { reviews, issue, decided };
}
