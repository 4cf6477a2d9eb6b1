import type { Problem } from '../problems.ts';

export const NO_KEY: Problem = {
  status: 401,
  code: 'key_needed',
  title: 'A key is needed',
  detail:
    'Send a key of yours in the header Authorization: Bearer KEY. You make one in the console, on the page of yourself.',
};

export const AGENT_KEY: Problem = {
  status: 401,
  code: 'agent_key_here',
  title: 'This is an agent’s key',
  detail: 'The key of an agent opens nothing for reviewers. Send a key that a person made in the console.',
};

export const NOT_JSON: Problem = {
  status: 415,
  code: 'not_json',
  title: 'This is not JSON',
  detail: 'Only application/json is taken, so nothing was done.',
};

export const BODY_TOO_LARGE: Problem = {
  status: 413,
  code: 'too_large',
  title: 'This is too long',
  detail: 'A decision may have 64 kB at most, so nothing was done.',
};

export const NO_IDEMPOTENCY_KEY: Problem = {
  status: 400,
  code: 'idempotency_key_needed',
  title: 'An idempotency key is needed',
  detail:
    'Nothing was decided. Send the header Idempotency-Key with 1 to 255 visible characters, such as a random UUID: the same for a repetition of this decision, another one for any other.',
};

export const KEY_REUSED: Problem = {
  status: 422,
  code: 'idempotency_key_reused',
  title: 'This idempotency key was used before',
  detail: 'Nothing was decided. Another decision was sent with this Idempotency-Key; choose a new one.',
};

export const BAD_CURSOR: Problem = {
  status: 400,
  code: 'bad_cursor',
  title: 'This cursor opens no page',
  detail:
    'The cursor is not one that was given to you for this list, or is older than a day. Begin anew without one.',
};

export const BAD_EVENT_ID: Problem = {
  status: 400,
  code: 'bad_event_id',
  title: 'This is no id of an event',
  detail: 'Last-Event-ID is a number that came as the id of an event. Connect without it, and list anew.',
};

export const PROOF_MISSING: Problem = {
  status: 422,
  code: 'proof_missing',
  title: 'The proof is missing',
  detail:
    'Nothing was decided. An assertion goes with the proof that came with its challenge, and a proof with an assertion.',
};

export const PROOF_REFUSED: Problem = {
  status: 403,
  code: 'proof_refused',
  title: 'The proof was not accepted',
  detail:
    'Nothing was decided. The proof was not given to you for this request and this card, or is older than an hour. Read the request again, and sign what comes with it.',
};

export const KEY_READS: Problem = {
  status: 403,
  code: 'key_reads',
  title: 'This key only reads',
  detail:
    'Nothing was decided. This key may read and not decide: send an assertion by a passkey of yours, or use a key that may decide.',
};

export const TOO_MANY_STREAMS: Problem = {
  status: 429,
  code: 'too_many_streams',
  title: 'Too many streams are open',
  detail: 'Five streams are open with this key already. Close one of them.',
  retry_after: 60,
};

/** @param detail a sentence that names what is wrong */
export function badRequest(detail: string): Problem {
  return { status: 400, code: 'bad_request', title: 'This cannot be understood', detail };
}
