import { countCharacters, firstCharacters } from '../../core/characters.ts';
import { counted } from '../../core/time-words.ts';

/** The part of Slack's Block Kit that is used here. Text is `plain_text` alone: in it nothing is markup. */
export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  /** `:name:` stays as it stands. */
  readonly emoji: false;
}

export interface Button {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: PlainText;
  readonly url?: string;
  readonly value?: string;
  readonly style?: 'primary' | 'danger';
}

export interface TextInput {
  readonly type: 'plain_text_input';
  readonly action_id: string;
  readonly multiline?: boolean;
  readonly max_length?: number;
}

export type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText; readonly accessory?: Button }
  | { readonly type: 'section'; readonly fields: readonly PlainText[] }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'divider' }
  | { readonly type: 'actions'; readonly elements: readonly Button[] }
  | {
      readonly type: 'input';
      readonly block_id: string;
      readonly label: PlainText;
      readonly hint?: PlainText;
      readonly optional?: boolean;
      readonly element: TextInput;
    };

/** Of a message; more are refused (docs.slack.dev, Blocks). */
export const BLOCKS_MAX = 50;
export const TEXT_MAX = 3000;
export const HEADER_MAX = 150;
export const FIELD_MAX = 2000;
export const FIELDS_MAX = 10;
export const BUTTON_MAX = 75;

/** An empty text object is refused, so what is empty is said to be. */
export function plain(text: string, max = TEXT_MAX): PlainText {
  let out = literal(fitted(text, max));
  for (let room = max; out.length > max; out = literal(fitted(text, room)))
    room = Math.floor((room * max) / out.length) - 1;
  return { type: 'plain_text', text: out === '' ? '(empty)' : out, emoji: false };
}

/** Slack shows these three entities as what they stand for, in plain text, too. */
export function literal(text: string): string {
  return text.replace(/&(?=(?:amp|lt|gt);)/g, '&amp;');
}

export function section(text: string): Block {
  return { type: 'section', text: plain(text) };
}

export function note(text: string): Block {
  return { type: 'context', elements: [plain(text)] };
}

/** The text where it fits, else as much of it as does, and how much is missing. Slack counts UTF-16 units. */
export function fitted(text: string, max: number): string {
  if (text.length <= max) return text;
  const total = countCharacters(text);
  for (let keep = Math.min(max, total - 1); keep > 0; keep -= 1 + Math.floor(keep / 50)) {
    const out = `${firstCharacters(text, keep)} [… ${counted(total - keep, 'character')} left out here]`;
    if (out.length <= max) return out;
  }
  return '[too long to be shown here]'.slice(0, max);
}
