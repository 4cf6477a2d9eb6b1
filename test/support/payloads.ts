import { scanDefinition } from '../../src/core/definition-scan.ts';
import type { NewRequest } from './memory-requests.ts';

/** Text that an agent, a tool or a server may send to be taken for something else. */
export interface Payload {
  /** Fit for the name of a file. */
  readonly name: string;
  readonly text: string;
  /** What has to be seen where it stands, whatever a channel does to addresses in it. */
  readonly shows: readonly string[];
  /** The same where it is an argument's name, which is written as JSON; absent where that is the same. */
  readonly shows_in_names?: readonly string[];
  /** Of what else a reader has to be warned. */
  readonly warns?: string;
}

export const PAYLOADS: readonly Payload[] = [
  {
    name: 'html',
    text: '"><script>alert(1)</script><img src=x onerror=alert(2)>\'</pre></textarea>',
    shows: ['<script>alert(1)</script>'],
  },
  {
    name: 'entities',
    text: '&lt;b&gt; &amp; &#x202e; &nbsp;<!-- --> <at>All</at>',
    shows: ['&lt;b&gt; &amp; &#x202e;', '<at>All</at>'],
  },
  {
    name: 'mrkdwn',
    text: '<!channel> <!here|x> <@U012ABCDEF> *bold* _slanted_ ~struck~ `code`',
    shows: ['<!channel>', '*bold* _slanted_'],
  },
  {
    name: 'mrkdwn-link',
    text: '<https://evil.example/a|ok> <mailto:a@evil.example|mail>',
    shows: ['|ok>'],
  },
  {
    name: 'markdown',
    text: '# Big **bold** _slanted_ `code` ~~struck~~ 1. - > | \\* \\_',
    shows: ['# Big **bold** _slanted_ `code`'],
  },
  {
    name: 'markdown-link',
    text: '[Approve](https://evil.example/a) ![p](https://evil.example/p.png) [r]: https://evil.example',
    shows: ['[Approve](', '![p]('],
  },
  {
    name: 'markdown-lines',
    text: 'x\n\n# Approved\n- item\n1. one\n> quoted\n```\ncode\n```\n---',
    shows: ['# Approved'],
    shows_in_names: ['\\n\\n# Approved'],
  },
  {
    name: 'emoji',
    text: ':rotating_light: :white_check_mark: @channel @here @everyone #ops',
    shows: [':rotating_light:', '@channel'],
  },
  {
    name: 'macros',
    text: '{{DATE(2026-01-01T00:00:00Z,SHORT)}} ${danger} {{#if x}} <%= y %> $(z)',
    shows: ['{{DATE(', '${danger}'],
  },
  {
    name: 'json',
    text: '"}]},{"type":"Action.Submit","title":"Approve"}]}',
    shows: ['Action.Submit'],
  },
  {
    name: 'addresses',
    text: 'https://evil.example www.evil.example evil.com/y a@evil.example tel:+15550100 javascript:alert(1)',
    shows: ['evil'],
  },
  {
    name: 'line-ends',
    text: 'x\r\nBcc: evil@example.com\r\n\r\nReview this request:\nhttp://evil.example/r/1',
    shows: ['U+000D carriage return'],
    shows_in_names: ['\\r\\nBcc: evil'],
  },
  {
    name: 'bidi',
    text: 'exe.\u202egpj\u202c \u2066x\u2069 \u200f',
    shows: ['U+202E right-to-left override'],
  },
  {
    name: 'tags',
    text: 'ok\u{e0068}\u{e0069}\u{e007f}',
    shows: ['U+E0068 tag h', 'U+E0069 tag i'],
  },
  {
    name: 'zero-width',
    text: 'a\u200bb\u200d\ufeff\u00ad\u2060c',
    shows: ['U+200B zero-width space', 'U+FEFF byte order mark'],
  },
  {
    name: 'only-invisible',
    text: '\u200b\u3164\ufe0f',
    shows: ['U+200B zero-width space', 'U+3164 Hangul filler'],
  },
  {
    name: 'controls',
    text: 'a\0b\u001b[2J\u0007\u0085\u2028c',
    shows: ['U+0000 null', 'U+001B escape'],
    shows_in_names: ['\\u0000', '\\u001b'],
  },
  {
    name: 'look-alikes',
    text: 'pаypal etc\u2215passwd',
    shows: ['U+2215 looks like another sign'],
    warns: 'Cyrillic and Latin',
  },
  { name: 'right-to-left', text: 'שלום 123 abc', shows: ['123 abc'], warns: 'written from right to left' },
  { name: 'stacked', text: `z${'\u0301'.repeat(60)}`, shows: ['U+0301 stacked mark ×57'] },
  { name: 'spaces', text: `rm${' '.repeat(40)}x  \u00a0`, shows: ['U+0020 space ×40'] },
  { name: 'empty', text: '', shows: [] },
];

/** A text that whoever asks, or its tool or server, writes, and that reaches the card. */
export interface HostileField {
  readonly name: string;
  readonly with: (text: string) => NewRequest;
  /** How a message shows it: with every warning, without, as an argument's name, or perhaps not at all. */
  readonly shown: 'warned' | 'plain' | 'name' | 'maybe';
}

const inCard = (
  name: string,
  shown: HostileField['shown'],
  card: (text: string) => NonNullable<NewRequest['card']>,
): HostileField => ({ name, shown, with: (text) => ({ card: card(text) }) });

/** Every one of them. */
export const HOSTILE_FIELDS: readonly HostileField[] = [
  inCard('agent', 'warned', (agent) => ({ agent })),
  inCard('tool_name', 'warned', (tool_name) => ({ tool_name })),
  inCard('server', 'warned', (server) => ({ server })),
  inCard('summary', 'warned', (summary) => ({ summary })),
  inCard('summary_trouble', 'plain', (summary_trouble) => ({ summary_trouble })),
  inCard('unchecked', 'plain', (unchecked) => ({ input_check: { unchecked } })),
  inCard('tool', 'maybe', (tool) => ({ tool })),
  inCard('client', 'maybe', (client) => ({ client })),
  inCard('title', 'maybe', (title) => ({ title })),
  inCard('description', 'maybe', (description) => ({ description })),
  inCard('said', 'maybe', (said) => ({ said })),
  inCard('why', 'maybe', (why) => ({ why })),
  inCard('runs', 'maybe', (runs) => ({ runs })),
  inCard('session', 'maybe', (session) => ({ session })),
  inCard('tags', 'maybe', (tag) => ({ tags: [tag] })),
  inCard('difference', 'maybe', (text) => ({
    difference: {
      kind: 'changed',
      changes: [{ change: 'changed', path: text, was: { type: 'text', text }, now: { type: 'text', text } }],
      left_out: 0,
    },
  })),
  inCard('hidden', 'maybe', (text) => ({ hidden: scanDefinition({ [text]: text, description: text }) })),
  { name: 'argument', shown: 'warned', with: (text) => ({ args: { value: text } }) },
  { name: 'nested argument', shown: 'warned', with: (text) => ({ args: { list: [{ inner: text }] } }) },
  { name: 'argument name', shown: 'name', with: (text) => ({ args: { [text]: 1 } }) },
];

/** One text in several of them at once. */
export function everywhere(text: string, fields: readonly HostileField[] = HOSTILE_FIELDS): NewRequest {
  const requests = fields.map((field) => field.with(text));
  const args = Object.assign({}, ...requests.map((each) => each.args ?? {})) as NonNullable<
    NewRequest['args']
  >;
  const card = Object.assign({}, ...requests.map((each) => each.card ?? {})) as NonNullable<
    NewRequest['card']
  >;
  return { card, ...(Object.keys(args).length === 0 ? {} : { args }) };
}
