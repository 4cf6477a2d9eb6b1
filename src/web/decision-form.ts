import type { DecisionKind } from '../core/entry.ts';
import type { JsonObject } from '../core/json.ts';
import { readJsonField } from './posted.ts';
import type { Problem } from './problems.ts';

/** What the forms of the request page post. */
export interface PostedForm {
  /** Which button was pressed. */
  readonly button: string;
  readonly reason: string;
  readonly confirm: string;
  /** What `FormProof.seal` made. */
  readonly proof: string;
  /** What `FormProof.sealSignOn` made; empty without a sign-on. */
  readonly sign_on: string;
  /** What a passkey signed, as AuthenticationResponseJSON. */
  readonly assertion?: JsonObject;
  /** The form was to be signed by a passkey. */
  readonly by_passkey: boolean;
  /** Keys of the long arguments that were ticked as read. */
  readonly seen: readonly string[];
}

const FIELDS = ['decision', 'outcome', 'reveal', 'reason', 'confirm', 'proof', 'sign_on', 'assertion'];

/** Failures to prove who decides, which are counted. */
export const UNPROVEN: ReadonlySet<string> = new Set([
  'confirm_mismatch',
  'passkey_refused',
  'passkey_cloned',
  'sign_on_other',
  'sign_on_stale',
]);

/** Longer reasons belong elsewhere: everyone who was asked reads them, and the journal keeps them. */
export const REASON_MAX = 4000;

/** The posted form, or nothing when a field stands in it twice: no two readers may see different ones. */
export function readForm(body: string): PostedForm | undefined {
  const fields = new URLSearchParams(body);
  if (FIELDS.some((name) => fields.getAll(name).length > 1)) return undefined;
  const assertion = readJsonField(fields.get('assertion') ?? '');
  return {
    button: fields.get('decision') ?? fields.get('outcome') ?? fields.get('reveal') ?? '',
    reason: (fields.get('reason') ?? '').replaceAll('\r\n', '\n').trim(),
    confirm: fields.get('confirm') ?? '',
    proof: fields.get('proof') ?? '',
    sign_on: fields.get('sign_on') ?? '',
    ...(assertion === undefined ? {} : { assertion }),
    by_passkey: fields.has('assertion'),
    seen: fields.getAll('seen'),
  };
}

export function decisionOf({ button }: PostedForm): DecisionKind | undefined {
  return button === 'approve' || button === 'reject' ? button : undefined;
}

export function outcomeOf({ button }: PostedForm): 'done' | 'not_done' | undefined {
  return button === 'done' || button === 'not_done' ? button : undefined;
}

export const AMBIGUOUS: Problem = {
  status: 400,
  code: 'ambiguous_form',
  title: 'This form says two things',
  detail: 'A field stands in the form twice, so nothing was decided. Decide on this page.',
};

export const NO_BUTTON: Problem = {
  status: 422,
  code: 'decision_missing',
  title: 'Nothing was decided',
  detail: 'Press Approve or Reject to decide.',
};

export const NO_OUTCOME: Problem = {
  status: 422,
  code: 'outcome_missing',
  title: 'Nothing was recorded',
  detail: 'Press one of the buttons to say what became of the call.',
};

export const NOT_ASKED: Problem = {
  status: 422,
  code: 'reveal_missing',
  title: 'Nothing was shown',
  detail: 'Press the button below the secrets to have them shown.',
};

export const UNSIGNED: Problem = {
  status: 422,
  code: 'passkey_missing',
  title: 'No passkey has signed this',
  detail:
    'Nothing was decided. A decision by passkey needs the script of this page and a browser that knows passkeys; use one that does.',
};

export const SIGN_ON_OVER: Problem = {
  status: 403,
  code: 'sign_on_stale',
  title: 'The sign-on is too old',
  detail: 'Nothing was decided. Sign on again, and decide right after it.',
};

/** Why a form cannot be put to the guard, whatever it says, if so. */
export function tooLong({ reason }: Pick<PostedForm, 'reason'>): Problem | undefined {
  if (reason.length <= REASON_MAX) return undefined;
  return {
    status: 422,
    code: 'reason_too_long',
    title: 'The reason is too long',
    detail: `A reason may have ${REASON_MAX.toLocaleString('en')} characters at most; this one has ${reason.length.toLocaleString('en')}.`,
  };
}
