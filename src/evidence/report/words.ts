import { duration } from '../../core/time-words.ts';
import type { CallOutcome, ExceptionKind } from '../../core/evidence.ts';

/** What a call came to, for people. */
export const OUTCOMES: Readonly<Record<CallOutcome, string>> = {
  succeeded: 'Succeeded',
  failed: 'Failed',
  outcome_unknown: 'Outcome unknown',
  reconciled_done: 'Unknown at first; a person found it done',
  reconciled_not_done: 'Unknown at first; a person found it not done',
  denied: 'Denied',
  rejected: 'Rejected by a person',
  expired: 'Expired without a decision',
  cancelled: 'Cancelled',
  voided: 'Approval voided before it was used',
  pending: 'Still waiting for people',
  under_way: 'Still under way',
};

/** The word for the outcome in a table. */
export function outcomeWords(outcome: string): string {
  return outcome in OUTCOMES ? OUTCOMES[outcome as CallOutcome] : outcome;
}

/** A duration, by seconds where they count. */
export function briefly(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : duration(ms);
}

export interface ExceptionWords {
  readonly title: string;
  /** What it means, and why somebody would look at it. */
  readonly meaning: string;
}

export const EXCEPTION_WORDS: Readonly<Record<ExceptionKind, ExceptionWords>> = {
  denied: {
    title: 'Denied',
    meaning:
      'A rule refused the call, or its arguments did not fit the tool. It was not sent, and nobody was asked.',
  },
  expired: {
    title: 'Expired',
    meaning: 'Nobody decided in time. The call was not sent.',
  },
  voided: {
    title: 'Approval voided',
    meaning:
      'It was approved, and then the tool, the rules or who may approve changed. The call was not sent.',
  },
  outcome_unknown: {
    title: 'Outcome unknown',
    meaning:
      'The call was sent, and no answer came. It may have happened or not, and it is not tried again by itself.',
  },
  reconciled: {
    title: 'Unknown outcome settled by a person',
    meaning: 'Somebody looked and said what had become of a call whose outcome was unknown.',
  },
  solo_approval: {
    title: 'Approved by the agent’s own owner',
    meaning:
      'The workspace declares that it has one person only, who may then approve their own agent’s calls.',
  },
  self_approval_refused: {
    title: 'Own approval refused',
    meaning: 'The person for whom the agent acts was kept from deciding on its call.',
  },
  verification_refused: {
    title: 'Verification refused',
    meaning: 'Somebody who may decide tried to, and did not prove who they are. It did not count.',
  },
  notice_failed: {
    title: 'Notice failed',
    meaning: 'A person or a place could not be told of a request or its outcome.',
  },
  escalated: {
    title: 'More people asked',
    meaning: 'Nobody had decided in time, or nobody could be reached, and so more people were asked.',
  },
  policy_changed: {
    title: 'Rules changed',
    meaning: 'Other rules were in force from here on.',
  },
  people_changed: {
    title: 'People changed',
    meaning: 'People, groups or agents were added, changed or removed.',
  },
  definition_changed: {
    title: 'Tool changed',
    meaning:
      'A server gave another definition of a tool than before. Calls of it need a person’s look first.',
  },
  definition_accepted: {
    title: 'Changed tool accepted',
    meaning: 'A person looked at what had changed in a tool and took it as it is.',
  },
  key_changed: {
    title: 'Log’s key changed',
    meaning: 'The journal was signed with another key from here on.',
  },
  log_recovered: {
    title: 'Journal mended after a crash',
    meaning:
      'An unfinished last line was set aside when Placet started again. No finished entry is lost by it.',
  },
  payload_erased: {
    title: 'Contents erased',
    meaning:
      'Arguments, results or cards of a call were destroyed on somebody’s order. The entries of the call remain.',
  },
  hold: {
    title: 'Hold on erasure',
    meaning: 'Contents were protected from erasure, or the protection ended.',
  },
  secret_revealed: {
    title: 'Secret shown to a person',
    meaning: 'A person looked at a value that is masked everywhere else.',
  },
  agent_key: {
    title: 'Agent’s key',
    meaning: 'A key by which an agent proves who it is was issued or revoked.',
  },
  reviewer_key: {
    title: 'Person’s key or account',
    meaning: 'Something by which a person proves who they are was added or revoked.',
  },
};
