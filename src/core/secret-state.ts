import type { EntryOf, SecretsRef } from './entry.ts';
import { TransitionError } from './errors.ts';
import { isFresh } from './quorum.ts';
import { isSettled, type Request } from './request.ts';
import { satisfies } from './verification.ts';

/** What is kept of a request's secrets; nothing once all of it is erased. */
export interface Secrets {
  readonly secrets?: Request['secrets'] | undefined;
}

/** To show them more often than so serves nobody, and fills the journal. */
const REVEALS_MOST = 5;

/** A result that is kept masked stands as it came beside it until the agent was given it. */
export function resultSecrets({ secrets }: Request, { secrets_commit: result }: SecretsRef): Secrets {
  return result === undefined ? {} : { secrets: { ...secrets, result } };
}

/** @throws TransitionError `not_secret`, `not_settled` */
export function secretsErased(request: Request, entry: EntryOf<'secret.erased'>): Secrets {
  const { args, result } = request.secrets ?? {};
  const commit = entry.secrets_commit;
  if (commit !== args && commit !== result) throw illegal('not_secret', request, 'keeps no such secrets');
  if (!isSettled(request)) throw illegal('not_settled', request, 'still needs its secrets');
  const left = {
    ...(args === undefined || args === commit ? {} : { args }),
    ...(result === undefined || result === commit ? {} : { result }),
  };
  return { secrets: Object.keys(left).length === 0 ? undefined : left };
}

/**
 * Secrets are shown to who may decide and has not, where every rule of the request allows it, by the proof that an
 * approval takes.
 *
 * @throws TransitionError
 */
export function revealed(request: Request, entry: EntryOf<'secret.revealed'>): Pick<Request, 'reveals'> {
  const { reviewer, verification, receipt, time } = entry;
  const { reveals = [], terms, decisions } = request;
  if (request.secrets?.args === undefined) throw illegal('not_secret', request, 'keeps no secrets');
  if (!terms.every((each) => each.reveal))
    throw illegal('reveal_refused', request, 'shows its secrets to nobody, as its rules say');
  if (reviewer === request.owner || terms.some((each) => each.solo))
    throw illegal('self_approval', request, "is for the owner's own agent");
  if (decisions.some((decision) => decision.reviewer === reviewer))
    throw illegal('already_decided', request, 'was already decided by this reviewer');
  if (reveals.filter((each) => each.reviewer === reviewer).length >= REVEALS_MOST)
    throw illegal('revealed_enough', request, `was shown to ${reviewer} ${REVEALS_MOST} times`);
  if ((receipt?.kind ?? 'link') !== verification)
    throw illegal('no_proof', request, `was revealed by ${verification} without a receipt of it`);
  const strong = terms.filter((each) => each.reviewers.includes(reviewer) && satisfies(verification, each));
  if (strong.length === 0)
    throw illegal('verification_too_weak', request, 'asks for a stronger verification');
  const age =
    receipt?.kind === 'sso'
      ? { sign_on_age_ms: Math.max(0, Date.parse(time) - Date.parse(receipt.auth_time)) }
      : {};
  if (!strong.some((each) => isFresh({ verification, ...age }, each)))
    throw illegal('sign_on_stale', request, 'asks for a more recent sign-on');
  return { reveals: [...reveals, { reviewer, at: time }] };
}

function illegal(code: string, request: Request, what: string): TransitionError {
  return new TransitionError(code, `The request ${request.id} ${what}.`);
}
