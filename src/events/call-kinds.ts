import type { EntryOf, EntryType, Resolution } from '../core/entry.ts';
import type { CallKind, Control, Disposition, Outcome, Severity } from './reading.ts';

/** What happens to a call. Every other entry is about something that is managed. */
export type CallEntryType = Extract<
  EntryType,
  | `${'call' | 'approval' | 'execution' | 'notice' | 'link' | 'secret'}.${string}`
  | 'verification.refused'
  | 'self_approval.refused'
>;

type CallKinds = { readonly [T in CallEntryType]: (entry: EntryOf<T>) => CallKind };

const LOGGED = {
  severity: 'informational',
  outcome: 'success',
  control: 'unknown',
  disposition: 'logged',
} as const;
const ALLOWED = {
  severity: 'informational',
  outcome: 'success',
  control: 'allowed',
  disposition: 'allowed',
} as const;
const HELD = {
  severity: 'informational',
  outcome: 'pending',
  control: 'unknown',
  disposition: 'delayed',
} as const;
const DENIED = { severity: 'low', outcome: 'failure', control: 'denied', disposition: 'blocked' } as const;
const REFUSED = {
  severity: 'medium',
  outcome: 'failure',
  control: 'denied',
  disposition: 'unauthorized',
  alert: true,
} as const;

const RESOLVED: Readonly<
  Record<
    Resolution,
    {
      readonly outcome: Outcome;
      readonly control: Control;
      readonly disposition: Disposition;
      readonly severity: Severity;
    }
  >
> = {
  approved: { ...ALLOWED, disposition: 'approved' },
  rejected: { ...DENIED, disposition: 'rejected' },
  expired: DENIED,
  cancelled: { ...DENIED, severity: 'informational', disposition: 'dropped' },
  voided: { ...DENIED, severity: 'medium', disposition: 'access_revoked' },
};

/**
 * What happened to calls. A member that decides what is told may be redacted: then the neutral words are told, and
 * neither of the others.
 */
export const CALL_KINDS: CallKinds = {
  'call.requested': () => call('Call requested', 'agent', { ...LOGGED, outcome: 'pending' }),
  'call.allowed': () => call('Call allowed', 'placet', ALLOWED),
  'call.denied': ({ reason }) => call('Call denied', 'placet', DENIED, reason),
  'call.completed': ({ outcome, detail }) => {
    switch (outcome) {
      case 'succeeded':
        return call('Call succeeded', 'placet', ALLOWED, detail);
      case 'failed':
        return call('Call failed', 'placet', { ...ALLOWED, severity: 'low', outcome: 'failure' }, detail);
      case 'unknown':
        return call(
          'Outcome of call unknown',
          'placet',
          { ...ALLOWED, severity: 'medium', outcome: 'unknown' },
          detail,
        );
      case 'delivered':
        return call('Outcome delivered', 'placet', LOGGED, detail);
      default:
        return call('Call completed', 'placet', { ...LOGGED, outcome: 'unknown' }, detail);
    }
  },
  'approval.requested': () => call('Approval requested', 'placet', HELD),
  'approval.escalated': () => call('Approval escalated', 'placet', { ...HELD, severity: 'low' }),
  'approval.decided': ({ reviewer, decision, reason, solo }) => {
    const by = { person: reviewer };
    // One approval of several allows nothing yet.
    if (decision === 'approve')
      return solo === true
        ? call(
            'Approved by the owner alone',
            by,
            { ...LOGGED, severity: 'medium', disposition: 'approved' },
            reason,
          )
        : call('Approved by a reviewer', by, { ...LOGGED, disposition: 'approved' }, reason);
    if (decision === 'reject')
      return call(
        'Rejected by a reviewer',
        by,
        { ...DENIED, outcome: 'success', disposition: 'rejected' },
        reason,
      );
    return call('Decided by a reviewer', by, LOGGED, reason);
  },
  'verification.refused': ({ reviewer, reason }) =>
    call('Reviewer not verified', { person: reviewer }, REFUSED, reason),
  'self_approval.refused': ({ reviewer, reason }) =>
    call('Self-approval refused', { person: reviewer }, { ...REFUSED, severity: 'high' }, reason),
  'secret.revealed': ({ reviewer }) =>
    call('Secrets shown to a reviewer', { person: reviewer }, { ...LOGGED, severity: 'medium' }),
  'secret.erased': () => call('Secrets erased', 'placet', LOGGED),
  'approval.resolved': ({ resolution, reason }) =>
    Object.hasOwn(RESOLVED, resolution)
      ? call(`Request ${resolution}`, 'placet', RESOLVED[resolution], reason)
      : call('Request resolved', 'placet', { ...LOGGED, outcome: 'unknown' }, reason),
  'link.issued': () => call('Link issued', 'placet', LOGGED),
  'notice.sent': () => call('Notice sent', 'placet', LOGGED),
  'notice.failed': ({ detail }) =>
    call(
      'Notice failed',
      'placet',
      { ...LOGGED, severity: 'medium', outcome: 'failure', disposition: 'error' },
      detail,
    ),
  'execution.claimed': () => call('Execution claimed', 'placet', { ...LOGGED, control: 'allowed' }),
  'execution.started': () => call('Execution started', 'placet', ALLOWED),
  'execution.succeeded': () => call('Execution succeeded', 'placet', ALLOWED),
  'execution.failed': ({ detail }) =>
    call('Execution failed', 'placet', { ...ALLOWED, severity: 'low', outcome: 'failure' }, detail),
  'execution.outcome_unknown': ({ detail }) =>
    call(
      'Outcome of execution unknown',
      'placet',
      { ...ALLOWED, severity: 'high', outcome: 'unknown', alert: true },
      detail,
    ),
  'execution.reconciled': ({ reviewer, outcome, reason }) => {
    const told = outcome === 'done' ? ': done' : outcome === 'not_done' ? ': not done' : '';
    return call(
      `Execution reconciled${told}`,
      { person: reviewer },
      { ...LOGGED, control: 'allowed' },
      reason,
    );
  },
};

function call(
  name: string,
  by: CallKind['by'],
  told: Pick<CallKind, 'severity' | 'outcome' | 'control' | 'disposition' | 'alert'>,
  detail?: string,
): CallKind {
  return { about: 'call', name, by, ...told, ...(detail ? { detail } : {}) };
}
