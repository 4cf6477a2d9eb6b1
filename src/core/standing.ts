import type { Request } from './request.ts';

/** Where a request stands, for people. */
export interface Standing {
  /** A few words. */
  readonly title: string;
  /** One sentence. It may quote reviewers and downstreams, so it is shown through `reveal`. */
  readonly sentence: string;
  readonly tone: 'waiting' | 'good' | 'bad' | 'unsure';
}

/** What has become of a request, said the same on the page and in a mail. */
export function standing(request: Pick<Request, 'phase'>): Standing {
  const { phase } = request;
  switch (phase.kind) {
    case 'pending':
      return { title: 'Waiting', sentence: 'Nothing has run. It waits for a decision.', tone: 'waiting' };
    case 'approved':
    case 'claimed':
      return { title: 'Approved', sentence: 'It is about to run.', tone: 'good' };
    case 'started':
      return { title: 'Running', sentence: 'It was approved and is running now.', tone: 'good' };
    case 'succeeded':
      return { title: 'Done', sentence: 'It was approved and carried out.', tone: 'good' };
    case 'failed':
      return {
        title: 'Failed',
        sentence: `It was approved, but the tool failed. ${phase.detail}`,
        tone: 'bad',
      };
    case 'outcome_unknown':
      return {
        title: 'Outcome unknown',
        sentence: `It was approved and sent, but nobody knows whether it was carried out. It is not tried again. ${phase.detail}`,
        tone: 'unsure',
      };
    case 'rejected':
      return { title: 'Rejected', sentence: ended('Nothing has run.', phase.reason), tone: 'bad' };
    case 'expired':
      return { title: 'Expired', sentence: ended('Nothing has run.', phase.reason), tone: 'unsure' };
    case 'cancelled':
      return {
        title: 'Cancelled',
        sentence: ended('Nothing has run.', phase.reason),
        tone: 'unsure',
      };
    case 'voided':
      return {
        title: 'Voided',
        sentence: ended('Nothing has run.', phase.reason),
        tone: 'unsure',
      };
    case 'reconciled_done':
      return {
        title: 'Done',
        sentence: ended('A person confirmed that it was carried out.', phase.reason),
        tone: 'good',
      };
    case 'reconciled_not_done':
      return {
        title: 'Not done',
        sentence: ended('A person confirmed that it was not carried out.', phase.reason),
        tone: 'bad',
      };
  }
}

function ended(sentence: string, reason: string): string {
  return reason === '' ? sentence : `${sentence} ${reason}`;
}
