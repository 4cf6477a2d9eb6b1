import { timestamp } from '../core/clock.ts';
import type { VerificationLevel } from '../core/entry.ts';
import { approvers } from '../core/quorum.ts';
import { asked, isOver, type Request } from '../core/request.ts';
import { isAsStrong } from '../core/verification.ts';
import type { Doors, Found } from './access.ts';
import { policyAt } from './believed.ts';
import { refOf, type Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import type { Access, ReviewView } from './ports.ts';
import { rightsOf, type Rights } from './rights.ts';
import { createShown } from './shown.ts';

export interface ViewParts {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly doors: Doors;
  readonly tagsOf: TagsOf;
}

/** The tags of a tool as they are now. */
export type TagsOf = (server: string, tool: string) => readonly string[];

export type ShowRequest = (found: Found, access: Access, openedAt: string) => Promise<ReviewView>;

/** What one person is shown of a request, and what they may do about it. */
export function createShowRequest({ context, contents, doors, tagsOf }: ViewParts): ShowRequest {
  const { clock, history, ledger } = context;
  const shown = createShown(context, contents);

  return async ({ request, reviewer }, access, openedAt) => {
    const { agent, server, tool } = request;
    const { card, args, judged } = await shown(request);
    const policy = policyAt(context, clock.now());
    const { identities } = ledger;
    const rights = rightsOf({
      request,
      reviewer,
      args: judged,
      tags: [...new Set([...card.tags, ...tagsOf(server, tool)])],
      policy,
      identities,
      definitions: ledger.definitions,
      now: clock.now(),
    });
    const passkeys = identities.activePasskeysOf(reviewer.id);
    const state = stateOf(request, reviewer.id, rights, isOver(request, timestamp(clock)));
    const means = { link: access.kind === 'link', sso: rights.linked, passkey: passkeys.length > 0 };
    const claimed = Object.keys(policy.people.group_claims ?? {}).length > 0;
    const reconcile =
      access.kind === 'session' && mayReconcile(request, reviewer.id, rights) ? ways(means) : undefined;
    const precedents = history.precedents({ agent, server, tool, except: request.id }, clock.now());
    const last = precedents.last_approved;
    const lastArgs = last && (await contents.formerArgs(refOf(last.args_commit, last.args_at)));
    return {
      request,
      card,
      args,
      reviewer,
      progress: request.terms.map((terms) => ({
        rule: terms.rule,
        approvals: approvers(terms, request.decisions).size,
        quorum: terms.quorum,
      })),
      decisions: request.decisions.map((decision) => ({
        ...decision,
        name: doors.personOf(decision.reviewer).name,
      })),
      state,
      methods: {
        approve: state === 'open' ? waysToApprove(means, rights, claimed) : [],
        reject: state === 'open' ? ways(means) : [],
      },
      ...(reconcile === undefined ? {} : { reconcile: rights.solo ? only(reconcile, 'passkey') : reconcile }),
      ...(state === 'open' && mayReveal(request, rights)
        ? { reveal: waysToApprove(means, rights, claimed) }
        : {}),
      admits: state === 'open' ? rights.admits : [],
      demanded: rights.demanded,
      max_age_ms: rights.max_age_ms,
      passkeys,
      solo: rights.solo,
      reason: rights.reason,
      opened_at: openedAt,
      precedents,
      ...(lastArgs === undefined ? {} : { last_args: lastArgs }),
    };
  };
}

type Means = Readonly<Record<VerificationLevel, boolean>>;

function stateOf(request: Request, reviewer: string, rights: Rights, over: boolean): ReviewView['state'] {
  if (request.phase.kind !== 'pending' || over) return 'over';
  if (request.decisions.some((decision) => decision.reviewer === reviewer)) return 'decided';
  return rights.self || rights.auditor || !asked(request).includes(reviewer) ? 'watching' : 'open';
}

function mayReconcile(request: Request, reviewer: string, rights: Rights): boolean {
  const mayDecide = !rights.self && !rights.auditor;
  return request.phase.kind === 'outcome_unknown' && mayDecide && asked(request).includes(reviewer);
}

function mayReveal({ secrets }: Request, { reveal }: Rights): boolean {
  return reveal && secrets?.args !== undefined;
}

function ways(means: Means): readonly VerificationLevel[] {
  return (['link', 'sso', 'passkey'] as const).filter((each) => means[each]);
}

/** Where a provider names the members of a group, a fresh sign-on may show that somebody is one. */
function waysToApprove(means: Means, rights: Rights, claimed: boolean): readonly VerificationLevel[] {
  return ways(means).filter(
    (each) =>
      isAsStrong(each, rights.demanded) &&
      !(each === 'link' && rights.enrolled) &&
      (rights.eligible || rights.denied !== undefined || (each === 'sso' && claimed)),
  );
}

function only(given: readonly VerificationLevel[], one: VerificationLevel): readonly VerificationLevel[] {
  return given.filter((each) => each === one);
}
