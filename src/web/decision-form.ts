import type { DecisionKind } from '../core/entry.ts';
import type { Problem } from './problems.ts';

/** What the form of the request page posts. */
export interface PostedForm {
  /** Nothing when neither button was pressed, or one that does not exist. */
  readonly decision: DecisionKind | undefined;
  readonly reason: string;
  readonly confirm: string;
  /** What `sealForm` made. */
  readonly proof: string;
}

const FIELDS = ['decision', 'reason', 'confirm', 'proof'] as const;

/** Longer reasons belong elsewhere: everyone who was asked reads them, and the journal keeps them. */
export const REASON_MAX = 4000;

/** The posted form, or nothing when a field stands in it twice: no two readers may see different ones. */
export function readForm(body: string): PostedForm | undefined {
  const fields = new URLSearchParams(body);
  if (FIELDS.some((name) => fields.getAll(name).length > 1)) return undefined;
  const decision = fields.get('decision');
  return {
    decision: decision === 'approve' || decision === 'reject' ? decision : undefined,
    reason: (fields.get('reason') ?? '').replaceAll('\r\n', '\n').trim(),
    confirm: fields.get('confirm') ?? '',
    proof: fields.get('proof') ?? '',
  };
}

export const AMBIGUOUS: Problem = {
  status: 400,
  code: 'ambiguous_form',
  title: 'This form says two things',
  detail: 'A field stands in the form twice, so nothing was decided. Decide on this page.',
};

/** Why a form cannot be put to the guard yet, if so. */
export function incomplete(form: PostedForm): Problem | undefined {
  if (form.decision === undefined) {
    return {
      status: 422,
      code: 'decision_missing',
      title: 'Nothing was decided',
      detail: 'Press Approve or Reject to decide.',
    };
  }
  if (form.reason.length > REASON_MAX) {
    return {
      status: 422,
      code: 'reason_too_long',
      title: 'The reason is too long',
      detail: `A reason may have ${REASON_MAX.toLocaleString('en')} characters at most; this one has ${form.reason.length.toLocaleString('en')}.`,
    };
  }
  return undefined;
}
