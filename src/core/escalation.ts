import type { EntryOf, Terms } from './entry.ts';
import { TransitionError } from './errors.ts';
import type { Request } from './request.ts';

/** When the people of an escalation are asked, in milliseconds since the epoch. */
export function escalatesAt(request: Pick<Request, 'requested_at'>, terms: Terms): number | undefined {
  return terms.escalate && Date.parse(request.requested_at) + terms.escalate.after_ms;
}

/** Whether these terms have asked more people for this cause already. */
export function isEscalated(
  request: Pick<Request, 'escalations'>,
  terms: Pick<Terms, 'rule'>,
  cause: EntryOf<'approval.escalated'>['cause'],
): boolean {
  return (request.escalations ?? []).some((each) => each.rule === terms.rule && each.cause === cause);
}

/**
 * Terms in force, for a request that has asked more people: those whom it asked by an escalation, and whom the terms
 * name for that escalation still, may decide under them, once it is due under them, too.
 *
 * @param at when they decide, in milliseconds since the epoch
 */
export function asEscalated(
  terms: Terms,
  request: Pick<Request, 'requested_at' | 'escalations'>,
  at: number,
): Terms {
  const { escalate, fallback = [] } = terms;
  const due = at >= (escalatesAt(request, terms) ?? Infinity);
  const later = due ? (escalate?.reviewers ?? []) : [];
  const more = (request.escalations ?? [])
    .filter(({ rule }) => rule === terms.rule)
    .flatMap(({ cause, reviewers }) =>
      reviewers.filter((reviewer) => (cause === 'time' ? later : fallback).includes(reviewer)),
    );
  return more.length === 0 ? terms : { ...terms, reviewers: [...new Set([...terms.reviewers, ...more])] };
}

/** These terms with everybody among the reviewers whom they may ask at all, sooner or later. */
export function withEverybody(terms: Terms): Terms {
  const all = [...terms.reviewers, ...(terms.escalate?.reviewers ?? []), ...(terms.fallback ?? [])];
  return { ...terms, reviewers: [...new Set(all)] };
}

/**
 * The request's terms once more people are asked.
 *
 * @throws TransitionError `not_escalating`, `self_approval`, `too_early`, `was_reached`
 */
export function escalated(request: Request, entry: EntryOf<'approval.escalated'>): Partial<Request> {
  const terms = request.terms.find(({ rule }) => rule === entry.rule);
  const named = (entry.cause === 'time' ? terms?.escalate?.reviewers : terms?.fallback) ?? [];
  const unnamed = entry.reviewers.some((reviewer) => !named.includes(reviewer));
  if (!terms || entry.reviewers.length === 0 || unnamed || isEscalated(request, terms, entry.cause))
    throw illegal('not_escalating', request, `is not escalated so by the rule ${entry.rule}`);
  if (entry.reviewers.includes(request.owner))
    throw illegal('self_approval', request, "is for the owner's own agent, and asks them by no escalation");
  if (entry.cause === 'time' && Date.parse(entry.time) < (escalatesAt(request, terms) ?? Infinity))
    throw illegal('too_early', request, 'is not escalated before its time');
  if (entry.cause === 'unreachable' && request.notices.some(({ state }) => state === 'sent'))
    throw illegal('was_reached', request, 'did reach somebody');
  const { rule, cause, reviewers, time: at } = entry;
  return {
    terms: request.terms.map((each) =>
      each === terms ? { ...each, reviewers: [...new Set([...each.reviewers, ...reviewers])] } : each,
    ),
    escalations: [...(request.escalations ?? []), { rule, cause, reviewers, at }],
  };
}

function illegal(code: string, request: Request, what: string): TransitionError {
  return new TransitionError(code, `The request ${request.id} ${what}.`);
}
