import type { Receipt } from '../core/entry.ts';
import { DecisionError } from '../core/errors.ts';
import { sameHuman, type Person } from '../core/person.ts';
import type { Policy } from '../core/policy.ts';
import type { Found } from './access.ts';
import { policyAt } from './believed.ts';
import type { GuardContext } from './context.ts';
import type { TagsOf } from './review-view.ts';
import { rightsOf, type Rights } from './rights.ts';
import type { Shown } from './shown.ts';

/** The policy in force for this person, with what a fresh sign-on of theirs says of their groups. */
export function policyNow(context: GuardContext, reviewer: Person, receipt?: Receipt): Policy {
  const signOn = receipt?.kind === 'sso' ? { person: reviewer, receipt } : undefined;
  return policyAt(context, context.clock.now(), signOn);
}

/** What somebody may do about a request as it stands and as its card shows it. */
export function rightsNow(
  { context, tagsOf }: { readonly context: GuardContext; readonly tagsOf: TagsOf },
  { request, reviewer }: Found,
  { card, judged: args }: Pick<Shown, 'card' | 'judged'>,
  receipt?: Receipt,
): Rights {
  const { clock, ledger } = context;
  return rightsOf({
    request,
    reviewer,
    args,
    tags: [...new Set([...card.tags, ...tagsOf(request.server, request.tool)])],
    policy: policyNow(context, reviewer, receipt),
    identities: ledger.identities,
    definitions: ledger.definitions,
    now: clock.now(),
  });
}

/** @throws DecisionError where the same human has decided under another entry of the directory */
export function mustBeFirst({ request, reviewer }: Found, policy: Policy): void {
  const others = policy.people.people.filter((person) =>
    request.decisions.some((decision) => decision.reviewer === person.id && person.id !== reviewer.id),
  );
  if (others.some((other) => sameHuman(other, reviewer))) {
    throw new DecisionError('already_decided', 'You have already decided on this under another address.');
  }
}
