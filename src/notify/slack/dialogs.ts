import type { DecisionKind } from '../../core/entry.ts';
import type { Letter } from '../letter.ts';
import { fitted, plain, section, type Block } from './blocks.ts';
import { LINK, pageButton, REVIEW } from './buttons.ts';
import { callBlocks } from './card.ts';

/** A dialog as Slack takes it. */
export interface Dialog {
  readonly type: 'modal';
  readonly callback_id?: string;
  readonly private_metadata?: string;
  readonly title: ReturnType<typeof plain>;
  readonly submit?: ReturnType<typeof plain>;
  readonly close: ReturnType<typeof plain>;
  readonly blocks: readonly Block[];
}

export const DECIDING = 'placet_decide';
/** Blocks of the dialog in which something is typed, where errors are shown. */
export const CONFIRM = 'confirm';
export const REASON = 'reason';

const TITLE_MAX = 24;
const LABEL_MAX = 2000;
const REASON_MAX = 3000;

/** Asks for what makes a press a decision: the tool's name typed, and the reason. */
export function decisionDialog(asked: {
  readonly decision: DecisionKind;
  readonly letter: Letter;
  readonly toolName: string;
  readonly reason: 'optional' | 'required';
  /** Comes back unread with the dialog. */
  readonly metadata: string;
}): Dialog {
  const { decision, reason, toolName } = asked;
  const word = decision === 'approve' ? 'Approve' : 'Reject';
  return {
    type: 'modal',
    callback_id: DECIDING,
    private_metadata: asked.metadata,
    title: plain(`${word} this call`, TITLE_MAX),
    submit: plain(word, TITLE_MAX),
    close: plain('Cancel', TITLE_MAX),
    blocks: [
      ...callBlocks(asked.letter),
      {
        type: 'input',
        block_id: CONFIRM,
        label: plain("The tool's name, typed to confirm", LABEL_MAX),
        hint: plain(fitted(`It is ${toolName}`, 150)),
        element: { type: 'plain_text_input', action_id: 'typed', max_length: 200 },
      },
      {
        type: 'input',
        block_id: REASON,
        optional: reason === 'optional',
        label: plain(reason === 'required' ? 'Reason, which this rule asks for' : 'Reason', LABEL_MAX),
        element: { type: 'plain_text_input', action_id: 'typed', multiline: true, max_length: REASON_MAX },
      },
    ],
  };
}

/** Only says something, with the page where it goes on if there is one. */
export function noticeDialog(said: {
  readonly title: string;
  readonly text: string;
  readonly page?: { readonly label: string; readonly url: string };
}): Dialog {
  const { page } = said;
  return {
    type: 'modal',
    title: plain(said.title, TITLE_MAX),
    close: plain('Close', TITLE_MAX),
    blocks: [
      section(said.text),
      ...(page === undefined
        ? []
        : [
            {
              type: 'actions',
              elements: [pageButton(page.label === 'Review' ? REVIEW : LINK, page.label, page.url)],
            } as const,
          ]),
    ],
  };
}
