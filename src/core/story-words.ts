import type { Entry, NoticeKind, Verification } from './entry.ts';

/** One thing that happened. The words may quote agents, reviewers and servers, so they are hostile. */
export interface Told {
  readonly what: string;
  /** Somebody's own words. */
  readonly quote?: string;
}

/** How somebody was verified, after "by". */
export const VERIFIED_BY: Readonly<Record<Verification, string>> = {
  link: 'link and typed name',
  sso: 'sign-on',
  passkey: 'passkey',
  slack: 'a button in Slack',
  api: 'a key at the API',
};

const NOTICED: Readonly<Record<NoticeKind, string>> = {
  ask: 'was asked',
  reminder: 'was reminded',
  outcome: 'was told the outcome',
  owner_outcome: 'was told the outcome, as the owner,',
};

function receiver({ reviewer }: { readonly reviewer?: string }, name: (id: string) => string): string {
  return reviewer === undefined ? 'The place' : name(reviewer);
}

/** What an entry of a call says, for people. @param name of a person, by their id */
export function tell(entry: Entry, name: (id: string) => string): Told {
  switch (entry.type) {
    case 'call.requested':
      return { what: `The agent ${entry.agent} asked to run ${entry.tool} on ${entry.server}.` };
    case 'call.allowed':
      return { what: 'The policy allowed it.' };
    case 'call.denied':
      return { what: 'It was denied.', quote: entry.reason };
    case 'call.completed':
      return {
        what:
          entry.outcome === 'delivered'
            ? 'The agent was given the outcome.'
            : `The call ended: ${entry.outcome}.`,
        ...(entry.detail === undefined ? {} : { quote: entry.detail }),
      };
    case 'approval.requested': {
      const asked = entry.terms.flatMap(({ reviewers, away = [] }) =>
        reviewers.filter((reviewer) => !away.includes(reviewer)),
      );
      const people = [...new Set(asked)].map(name).join(', ');
      return { what: `It was held for review by the rule ${entry.policy.rule}. Asked: ${people}.` };
    }
    case 'approval.decided':
      return {
        what: `${name(entry.reviewer)} ${entry.decision === 'approve' ? 'approved' : 'rejected'} it, verified by ${VERIFIED_BY[entry.verification]}${entry.solo ? ', as the only person here (solo)' : ''}.`,
        ...(entry.reason === undefined ? {} : { quote: entry.reason }),
      };
    case 'verification.refused':
      return {
        what: `${name(entry.reviewer)} tried to decide by ${VERIFIED_BY[entry.verification]} and was not verified.`,
        quote: entry.reason,
      };
    case 'self_approval.refused':
      return {
        what: `${name(entry.reviewer)} was kept from deciding: the agent acts for them.`,
        quote: entry.reason,
      };
    case 'secret.revealed':
      return {
        what: `The secrets of the call were shown to ${name(entry.reviewer)}, verified by ${VERIFIED_BY[entry.verification]}.`,
        ...(entry.paths.length === 0 ? {} : { quote: entry.paths.join(', ') }),
      };
    case 'secret.erased':
      return { what: 'What was kept of its secrets was erased.' };
    case 'approval.resolved':
      return { what: `The request was ${entry.resolution}.`, quote: entry.reason };
    case 'link.issued':
      return { what: `A link was made for ${name(entry.reviewer)}.` };
    case 'approval.escalated': {
      const people = entry.reviewers.map(name).join(', ');
      const why = entry.cause === 'time' ? 'Nobody had decided in time' : 'No channel had reached anybody';
      if (people === '') return { what: `${why}, so the rule ${entry.rule} tells more places.` };
      return { what: `${why}, so the rule ${entry.rule} asks more people: ${people}.` };
    }
    case 'notice.sent':
      return { what: `${receiver(entry, name)} ${NOTICED[entry.notice]} by ${entry.channel}.` };
    case 'notice.failed':
      return {
        what: `${receiver(entry, name)} could not be reached by ${entry.channel}.`,
        quote: entry.detail,
      };
    case 'execution.claimed':
      return { what: `The host ${entry.node} took the execution on (attempt ${entry.fence}).` };
    case 'execution.started':
      return { what: 'Everything was checked again, and the call was sent.' };
    case 'execution.succeeded':
      return { what: 'It was carried out.' };
    case 'execution.failed':
      return { what: 'The tool failed.', quote: entry.detail };
    case 'execution.outcome_unknown':
      return { what: 'Nobody knows whether it was carried out. It is not tried again.', quote: entry.detail };
    case 'execution.reconciled':
      return {
        what: `${name(entry.reviewer)} said that it was ${entry.outcome === 'done' ? '' : 'not '}done${entry.receipt ? `, verified by ${VERIFIED_BY[entry.receipt.kind]}` : ''}.`,
        quote: entry.reason,
      };
    default:
      return { what: 'Something else was recorded.' };
  }
}
