import { DecisionError, JournalError } from '../core/errors.ts';

/** A refusal as it leaves the site: RFC 9457 for programs, a page for people. */
export interface Problem {
  readonly status: 400 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 421 | 422 | 500 | 503;
  /** Stable, for programs. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

const DECISIONS: Readonly<Record<string, readonly [Problem['status'], string]>> = {
  link_unknown: [404, 'This link opens nothing'],
  already_decided: [409, 'You have decided already'],
  already_resolved: [409, 'This request is over'],
  card_changed: [409, 'The request has changed'],
  expired: [410, 'This request has expired'],
  self_approval: [403, 'This is your own agent'],
  not_eligible: [403, 'You may no longer decide this'],
  verification_too_weak: [403, 'A link is not enough here'],
  confirm_mismatch: [422, 'The name does not match'],
  reason_required: [422, 'A reason is needed'],
};

/** What anything thrown by the guard means for the person who asked. Unknown failures say nothing of themselves. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof DecisionError) {
    const [status, title] = DECISIONS[thrown.code] ?? [400, 'This is not possible'];
    return { status, code: thrown.code, title, detail: thrown.message };
  }
  if (thrown instanceof JournalError && thrown.code === 'payload_erased') {
    return {
      status: 410,
      code: thrown.code,
      title: 'This request was erased',
      detail: 'What the request was about has been erased, so it can neither be shown nor decided.',
    };
  }
  if (thrown instanceof JournalError) {
    return {
      status: 503,
      code: 'journal_trouble',
      title: 'Nothing can be recorded',
      detail:
        'Placet cannot read or write its journal just now, and what cannot be recorded does not run. Open the link again in a while to see where the request stands.',
    };
  }
  return {
    status: 500,
    code: 'internal',
    title: 'Something went wrong',
    detail:
      'Placet met a mistake of its own; the log of the host says more. Open the link again to see where the request stands.',
  };
}

export const LINK_UNKNOWN: Problem = {
  status: 404,
  code: 'link_unknown',
  title: 'This link opens nothing',
  detail: 'No request has this link. Open the link from the newest mail, whole and unchanged.',
};

export const FORGED: Problem = {
  status: 403,
  code: 'forged',
  title: 'This form was not served here',
  detail: 'The form did not come from the page of this link, so nothing was decided. Decide on this page.',
};

export const CROSS_ORIGIN: Problem = {
  status: 403,
  code: 'cross_origin',
  title: 'This came from another site',
  detail:
    'A decision is taken only from a page of this site, so nothing was decided. Open the link from your mail.',
};

export const WRONG_HOST: Problem = {
  status: 421,
  code: 'wrong_host',
  title: 'This is not the address of this site',
  detail: 'The address that was asked for is not one of this site. Use the link from your mail.',
};

export const TOO_LARGE: Problem = {
  status: 413,
  code: 'too_large',
  title: 'This is too long',
  detail: 'A decision may have 64 kB at most, so nothing was decided. Shorten the reason.',
};

export const NOT_A_FORM: Problem = {
  status: 415,
  code: 'not_a_form',
  title: 'This is not a form',
  detail: 'A decision is taken only as application/x-www-form-urlencoded, so nothing was decided.',
};

export const NOT_FOUND: Problem = {
  status: 404,
  code: 'not_found',
  title: 'There is no such page',
  detail: 'This site has a page for each link that it mails, and none at this address.',
};

export const METHOD_NOT_ALLOWED: Problem = {
  status: 405,
  code: 'method_not_allowed',
  title: 'This cannot be done here',
  detail: 'This address does not take requests of this kind.',
};
