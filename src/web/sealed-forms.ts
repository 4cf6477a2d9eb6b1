import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { Seals } from '../reviewers/seal.ts';

/** Forms of the site, other than that of a decision. */
export type FormName =
  | 'sign_in'
  | 'sign_out'
  | 'sso_continue'
  | 'enrolment'
  | 'approve_invitation'
  | 'accept_definition'
  | 'accept_sign_on'
  | 'review_evidence'
  | 'evidence_bundle'
  | 'add_passkey'
  | 'complete_passkey'
  | 'revoke_passkey'
  | 'link_account'
  | 'unlink_account'
  | 'revoke_session'
  | 'begin_key'
  | 'make_key'
  | 'revoke_key';

export interface SealedForms {
  /**
   * The hidden field against forgery.
   *
   * @param holder what the form is bound to: the hash of a session's token or of a link's, nothing before a sign-in
   * @param value what the page knew when it was served; it comes back unchanged and unread
   */
  seal(form: FormName, holder: string, value?: JsonObject): string;
  /** What was sealed, or nothing when it was not for this form and holder, or is too old. */
  open(form: FormName, holder: string, field: string | undefined): JsonObject | undefined;
  nonce(): string;
}

/** How long a page may stand open. Shorter than nonces are remembered, so that none is taken twice. */
const FORM_MS = 8 * 60 * 60 * 1000;
const FORM_MAX = 16_384;

export function createSealedForms(seals: Seals, clock: Clock, random: Random): SealedForms {
  return {
    seal: (form, holder, value = {}) => seals.seal('form', { form, holder, value }, clock.now() + FORM_MS),
    open(form, holder, field) {
      if (field === undefined || field === '' || field.length > FORM_MAX) return undefined;
      const opened = seals.open('form', field);
      if (typeof opened !== 'object' || opened === null || Array.isArray(opened)) return undefined;
      const { form: name, holder: bound, value } = opened as JsonObject;
      if (name !== form || bound !== holder) return undefined;
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as JsonObject)
        : undefined;
    },
    nonce: () => Buffer.from(random(16)).toString('base64url'),
  };
}

/** A text that was sealed into a form. */
export function textOf(value: JsonObject, name: string): string {
  const text = value[name];
  return typeof text === 'string' ? text : '';
}
