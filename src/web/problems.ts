import {
  DecisionError,
  EvidenceError,
  IdentityError,
  JournalError,
  LimitError,
  TransitionError,
} from '../core/errors.ts';

/** A refusal as it leaves the site: RFC 9457 for programs, a page for people. */
export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 421 | 422 | 429 | 500 | 503;
  /** Stable, for programs. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** Seconds after which it may be tried again. */
  readonly retry_after?: number;
}

const DECISIONS: Readonly<Record<string, readonly [Problem['status'], string]>> = {
  link_unknown: [404, 'This link opens nothing'],
  auditor: [403, 'You are an auditor'],
  already_decided: [409, 'You have decided already'],
  already_resolved: [409, 'This request is over'],
  card_changed: [409, 'The request has changed'],
  expired: [410, 'This request has expired'],
  self_approval: [403, 'This is your own agent'],
  not_eligible: [403, 'You may no longer decide this'],
  verification_too_weak: [403, 'A link is not enough here'],
  confirm_mismatch: [422, 'The name does not match'],
  reason_required: [422, 'A reason is needed'],
  reveal_refused: [403, 'These secrets are not shown'],
  no_secrets: [410, 'There is nothing to show'],
  revealed_enough: [409, 'You have seen this often enough'],
  not_read: [422, 'Something has not been read'],
  not_found: [404, 'There is no such request'],
  erased: [410, 'This request was erased'],
  evidence_changed: [409, 'The exceptions have changed'],
  not_waiting: [409, 'This waits for nobody any more'],
  not_shown: [409, 'This cannot be shown'],
  not_unknown: [409, 'What became of it is known'],
  passkey_refused: [403, 'The passkey was not accepted'],
  passkey_cloned: [403, 'This passkey was refused'],
  sign_on_stale: [403, 'The sign-on is too old'],
  sign_on_other: [403, 'This was somebody else’s sign-on'],
  key_refused: [403, 'The key was not accepted'],
  key_reads: [403, 'This key only reads'],
  unknown_reviewer_key: [403, 'The key was not accepted'],
  revoked_reviewer_key: [403, 'The key was not accepted'],
  reviewer_key_expired: [403, 'The key was not accepted'],
};

const IDENTITIES: Readonly<Record<string, readonly [Problem['status'], string]>> = {
  link_unknown: [404, 'This link opens nothing'],
  invitation_over: [410, 'This invitation is over'],
  unknown_invitation: [404, 'There is no such invitation'],
  auditor: [403, 'You are an auditor'],
  unknown_person: [404, 'There is no such person'],
  unknown_passkey: [404, 'There is no such passkey'],
  revoked_passkey: [403, 'This passkey was revoked'],
  unknown_session: [404, 'There is no such session'],
  unknown_reviewer_key: [404, 'There is no such key'],
  revoked_reviewer_key: [409, 'This key was revoked before'],
  too_many_keys: [409, 'You have too many keys'],
  code_wrong: [422, 'The code is not right'],
  self_approval: [403, 'This is your own invitation'],
  needs_approval: [403, 'A second person has to approve'],
  approval_not_needed: [409, 'This was approved before'],
  replayed: [409, 'This was used before'],
  passkey_cloned: [403, 'This passkey was refused'],
  passkey_refused: [403, 'The passkey was not accepted'],
  enrolled_twice: [409, 'This passkey is enrolled already'],
  sign_on_stale: [403, 'The sign-on is too old'],
  sign_on_other: [403, 'This was somebody else’s sign-on'],
  account_linked: [409, 'This account is linked already'],
  account_of_another: [403, 'This account is not yours'],
  unknown_account: [404, 'There is no such account'],
  link_over: [410, 'This link is too old'],
  not_invited: [403, 'There is no invitation for this'],
  sso_refused: [403, 'The sign-on was not accepted'],
  sso_unavailable: [503, 'The sign-on service does not answer'],
};

/** What anything thrown by the guard means for the person who asked. Unknown failures say nothing of themselves. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof DecisionError) {
    const [status, title] = DECISIONS[thrown.code] ?? [400, 'This is not possible'];
    return { status, code: thrown.code, title, detail: thrown.message };
  }
  if (thrown instanceof IdentityError || thrown instanceof TransitionError) {
    const known = IDENTITIES[thrown.code];
    const { code, message: detail } = thrown;
    if (known) return { status: known[0], code, title: known[1], detail };
    if (thrown instanceof IdentityError) return { status: 400, code, title: 'This is not possible', detail };
  }
  if (thrown instanceof EvidenceError) {
    const { code, message: detail } = thrown;
    return code === 'evidence_busy'
      ? { status: 429, code, title: 'One at a time', detail, retry_after: 10 }
      : { status: 503, code, title: 'The evidence cannot be had just now', detail };
  }
  if (thrown instanceof LimitError) {
    return {
      status: 429,
      code: thrown.code,
      title: 'Too many tries',
      detail: thrown.message,
      retry_after: thrown.retry_after,
    };
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

export const STALE_FORM: Problem = {
  status: 403,
  code: 'forged',
  title: 'This form is not valid any more',
  detail: 'The form was not served to you, or too long ago, so nothing was done. Try again on this page.',
};

export const SIGNED_OUT: Problem = {
  status: 401,
  code: 'signed_out',
  title: 'You are not signed in',
  detail: 'This is seen by people who are signed in. Sign in, and ask again.',
};

export const CROSS_ORIGIN: Problem = {
  status: 403,
  code: 'cross_origin',
  title: 'This came from another site',
  detail:
    'Only what a page of this site sends is taken, so nothing was done. Open this site by its own address.',
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
  detail: 'A form may have 64 kB at most, so nothing was done. Shorten what you wrote.',
};

export const NOT_A_FORM: Problem = {
  status: 415,
  code: 'not_a_form',
  title: 'This is not a form',
  detail: 'Only application/x-www-form-urlencoded is taken, so nothing was done.',
};

export const NOT_FOUND: Problem = {
  status: 404,
  code: 'not_found',
  title: 'There is no such page',
  detail: 'There is no page at this address, or none that you may see.',
};

export const NO_CHECKPOINT: Problem = {
  status: 404,
  code: 'no_checkpoint',
  title: 'Nothing is signed yet',
  detail: 'There is no checkpoint yet: the first one is signed within seconds of the first entry.',
};

export const NO_TILE: Problem = {
  status: 404,
  code: 'no_tile',
  title: 'There is no such tile',
  detail: 'The newest checkpoint covers no tile of this name. Names are as C2SP tlog-tiles writes them.',
};

export const ENTRIES_CLOSED: Problem = {
  status: 403,
  code: 'entries_closed',
  title: 'Entries are not served here',
  detail: 'No credential opens the entries of this log: its operator has not set PLACET_MONITOR_TOKEN.',
};

export const NO_MONITOR: Problem = {
  status: 401,
  code: 'no_monitor',
  title: 'This is for monitors',
  detail:
    'Entries are given only to a monitor that sends the token of this log in the header Authorization: Bearer TOKEN.',
};

export const LOG_UNREADABLE: Problem = {
  status: 500,
  code: 'log_unreadable',
  title: 'The log cannot be read',
  detail: 'This part of the log cannot be read just now; the log of the host says why.',
};

export const NO_ENTRY: Problem = {
  status: 404,
  code: 'not_found',
  title: 'There is no such entry',
  detail: 'There is no such entry, or none that is proven to you: those of requests that you may see are.',
};

export const NOT_COVERED: Problem = {
  status: 503,
  code: 'not_covered',
  title: 'Not covered yet',
  detail: 'No signed checkpoint covers this entry yet. The next one does, within seconds: ask again.',
  retry_after: 3,
};

export const NO_EVIDENCE: Problem = {
  status: 403,
  code: 'no_evidence',
  title: 'This is not for you to see',
  detail:
    'Evidence is seen by auditors (role: auditor in people.yaml) and by the people whom the top-level review names, and you are none of them.',
};

export const METHOD_NOT_ALLOWED: Problem = {
  status: 405,
  code: 'method_not_allowed',
  title: 'This cannot be done here',
  detail: 'This address does not take requests of this kind.',
};
