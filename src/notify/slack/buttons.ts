import type { DecisionKind } from '../../core/entry.ts';
import type { Request } from '../../core/request.ts';
import { BUTTON_MAX, plain, type Button } from './blocks.ts';

/** Leads to a page; what is told of its being pressed means nothing. */
export const REVIEW = 'placet_review';
export const LINK = 'placet_link';

const DECIDE: Readonly<Record<string, DecisionKind>> = { placet_approve: 'approve', placet_reject: 'reject' };

export function reviewButton(url: string): Button {
  return { type: 'button', action_id: REVIEW, text: plain('Review', BUTTON_MAX), url };
}

export function pageButton(action: string, label: string, url: string): Button {
  return { type: 'button', action_id: action, text: plain(label, BUTTON_MAX), url };
}

/** Where every rule of the request lets it be decided in Slack, and none else, two more buttons stand beside the first. */
export function decideButtons(request: Pick<Request, 'id' | 'terms' | 'phase'>): readonly Button[] {
  if (!isDecidedInSlack(request)) return [];
  const { id: value } = request;
  const of = { type: 'button', value } as const;
  return [
    { ...of, action_id: 'placet_approve', text: plain('Approve', BUTTON_MAX), style: 'primary' },
    { ...of, action_id: 'placet_reject', text: plain('Reject', BUTTON_MAX), style: 'danger' },
  ];
}

export function isDecidedInSlack({ terms, phase }: Pick<Request, 'terms' | 'phase'>): boolean {
  return (
    phase.kind === 'pending' && terms.length > 0 && terms.every(({ admits = [] }) => admits.includes('slack'))
  );
}

/** What a pressed button decides, once the person has confirmed it; nothing where it only leads to a page. */
export function decisionOfAction(actionId: string): DecisionKind | undefined {
  return Object.hasOwn(DECIDE, actionId) ? DECIDE[actionId] : undefined;
}
