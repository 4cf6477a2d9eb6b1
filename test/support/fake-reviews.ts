import { challengeOf } from '../../src/core/challenge.ts';
import { timestamp, type Clock } from '../../src/core/clock.ts';
import type { Receipt } from '../../src/core/entry.ts';
import { DecisionError } from '../../src/core/errors.ts';
import type { Random } from '../../src/core/ids.ts';
import { linkDigest, mintLink } from '../../src/core/link.ts';
import { longArguments } from '../../src/core/long-arguments.ts';
import { approvers, resolve } from '../../src/core/quorum.ts';
import { isOver, type Request } from '../../src/core/request.ts';
import type { Access, DecisionInput, Reviews, ReviewView } from '../../src/guard/ports.ts';
import { fakeVerifyAssertion } from './fake-assertions.ts';
import { PEOPLE, type MemoryRequests } from './memory-requests.ts';

type Mutable<T> = { -readonly [K in keyof T]?: T[K] };

/** A fake of the guard's reviewer side, as strict as the port says, over requests in memory. */
export function createFakeReviews(memory: MemoryRequests, clock: Clock, random: Random) {
  const opened = new Map<string, string>();
  const decided: DecisionInput[] = [];
  /** What a test says of the view over what follows from the request. */
  const shown: Mutable<ReviewView> = {};

  const find = (access: Access): { request: Request; reviewer: string } => {
    if (access.kind === 'session') {
      const request = memory.requestWithId(access.request_id);
      if (request) return { request, reviewer: access.person };
      throw new DecisionError('not_found', 'You have no such request.');
    }
    const digest = linkDigest(access.token);
    for (const request of memory.requests()) {
      const link = request.links.find((each) => each.sha256 === digest);
      if (link) return { request, reviewer: link.reviewer };
    }
    throw new DecisionError('link_unknown', 'No request has this link.');
  };

  const view = async (access: Access): Promise<ReviewView> => {
    const { request, reviewer } = find(access);
    const person = PEOPLE.people.find((each) => each.id === reviewer);
    if (!person) throw new Error(`no person ${reviewer}`);
    const key = access.kind === 'link' ? access.token : `${access.person} ${access.request_id}`;
    const opened_at = opened.get(key) ?? timestamp(clock);
    opened.set(key, opened_at);
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
      methods: { approve: ['link'], reject: ['link'] },
      admits: [],
      demanded: 'link',
      max_age_ms: 300_000,
      passkeys: [],
      solo: false,
      reason: request.terms.some((terms) => terms.reason === 'required') ? 'required' : 'optional',
      opened_at,
      precedents: { approved: 0, rejected: 0, ended: 0, pending: 0 },
      ...shown,
    };
  };

  /** What proves the decision, if anything beyond the typed name does. */
  const verified = async (
    { proof, decision }: DecisionInput,
    seen: ReviewView,
  ): Promise<Receipt | undefined> => {
    const way = proof.kind === 'typed' ? 'link' : proof.kind;
    const possible =
      way === 'slack' || way === 'api' ? seen.admits.includes(way) : seen.methods[decision].includes(way);
    if (!possible) {
      throw new DecisionError('verification_too_weak', 'This cannot be decided in this way.');
    }
    if (proof.kind !== 'passkey') {
      if (proof.confirm.trim() !== seen.card.tool_name) {
        throw new DecisionError('confirm_mismatch', `Type ${seen.card.tool_name} to confirm.`);
      }
      if (proof.kind === 'typed') return undefined;
      return proof.kind === 'sso' ? proof.sign_on : proof.receipt;
    }
    const passkey = seen.passkeys.find((key) => key.id === proof.assertion['id']);
    if (!passkey) throw new DecisionError('passkey_refused', 'This passkey is not known.');
    const { id: request_id, action_digest, card_digest } = seen.request;
    return fakeVerifyAssertion({
      assertion: proof.assertion,
      challenge: challengeOf({
        act: 'decide',
        request_id,
        action_digest,
        card_digest,
        decision,
        reviewer: seen.reviewer.id,
        nonce: proof.nonce,
      }),
      nonce: proof.nonce,
      passkey,
    });
  };

  const decide = async (input: DecisionInput): Promise<ReviewView> => {
    const { request, reviewer } = find(input.access);
    if (request.decisions.some((decision) => decision.reviewer === reviewer)) {
      throw new DecisionError('already_decided', 'You decided this before.');
    }
    if (request.phase.kind !== 'pending') {
      throw new DecisionError('already_resolved', `This request is already ${request.phase.kind}.`);
    }
    if (isOver(request, timestamp(clock))) {
      throw new DecisionError('expired', `This request expired at ${request.expires_at}.`);
    }
    if (input.card_digest !== request.card_digest) throw new DecisionError('card_changed', 'It has changed.');
    const receipt = await verified(input, await view(input.access));
    const { args } = await memory.content(request);
    if (input.decision === 'approve' && longArguments(args).some((key) => !input.seen.includes(key))) {
      throw new DecisionError('not_read', 'Open every long value and read it before you approve.');
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
        verification: receipt?.kind ?? 'link',
        decision: input.decision,
        ...(input.reason === '' ? {} : { reason: input.reason }),
        opened_at: input.opened_at,
        action_digest: request.action_digest,
        card_digest: request.card_digest,
        ...(receipt ? { receipt } : {}),
      },
    ]);
    const resolution = resolve(request.terms, memory.get(request.id).decisions);
    if (resolution) {
      const reason = resolution === 'approved' ? 'Quorum reached.' : 'Rejected by a reviewer.';
      memory.append([{ type: 'approval.resolved', request_id: request.id, resolution, reason }]);
    }
    return view(input.access);
  };

  /** Issues a link as the outbox would. */
  const issue = (requestId: string, reviewer = 'alice'): string => {
    const { token, sha256 } = mintLink(random);
    memory.append([{ type: 'link.issued', request_id: requestId, reviewer, link_sha256: sha256 }]);
    return token;
  };

  const reviews: { -readonly [K in keyof Reviews]: Reviews[K] } = {
    view,
    decide,
    waiting: async () => [],
    story: async (_, requestId) =>
      memory.entries.filter((entry) => 'request_id' in entry && entry.request_id === requestId),
    reveal: async () => {
      throw new DecisionError('no_secrets', 'There is nothing secret in this call.');
    },
    reconcile: async () => {
      throw new DecisionError('not_unknown', 'What became of it is known.');
    },
  };
  return { reviews, issue, decided, shown };
}
