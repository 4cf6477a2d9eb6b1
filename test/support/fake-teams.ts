import { teamsMessage, type CardElement, type TeamsMessage } from './adaptive-card-schema.ts';
import type { Received } from './channel-bench.ts';
import { startFakeService, type Asked, type FakeService, type ServiceAnswer } from './fake-service.ts';

export interface FakeTeams extends FakeService {
  /** The address of the webhook; its `sig` is the secret. */
  readonly url: string;
  readonly signature: string;
  readonly messages: () => readonly Received[];
  readonly cards: () => readonly TeamsMessage[];
}

const WORKFLOW = '/workflows/6f2a7d1c9b8e4f30a1b2c3d4e5f60718/triggers/manual/paths/invoke';
const SIGNATURE = 'Xk3v-9Qp_7Zt1LmN4sWb8YcR2dFgHjK5aEuVoIxTq0M';
/** What a message in Teams may weigh: 28 KB, of which the workflow needs some. */
const MAX_BYTES = 27 * 1000;

/**
 * A fake of a Workflows webhook of Microsoft Teams. It refuses a wrong signature, what is no JSON, what weighs too
 * much, and a card that is not of the subset; what it took, it reads as Teams draws it.
 */
export async function startFakeTeams(): Promise<FakeTeams> {
  const cards: TeamsMessage[] = [];

  const take = ({ method, path, headers, body }: Asked): ServiceAnswer => {
    const url = new URL(path, 'http://fake');
    if (method !== 'POST' || url.pathname !== WORKFLOW)
      return fault(404, 'WorkflowNotFound', 'No such workflow.');
    if (url.searchParams.get('sig') !== SIGNATURE) {
      return fault(401, 'DirectApiAuthorizationRequired', 'The signature of the request is not valid.');
    }
    if (!headers['content-type']?.startsWith('application/json')) {
      return fault(415, 'UnsupportedMediaType', 'JSON is expected.');
    }
    if (body.length > MAX_BYTES)
      return fault(413, 'RequestEntityTooLarge', `${body.length} bytes are too many.`);
    const parsed = teamsMessage.safeParse(json(body));
    if (!parsed.success) return fault(400, 'TriggerInputSchemaMismatch', parsed.error.message);
    cards.push(parsed.data);
    return { status: 202 };
  };

  const service = await startFakeService(take, (quote) => fault(400, 'TriggerInputSchemaMismatch', quote));
  return {
    ...service,
    url: `${service.origin}${WORKFLOW}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${SIGNATURE}`,
    signature: SIGNATURE,
    messages: () => cards.map(received),
    cards: () => cards,
  };
}

function fault(status: number, code: string, message: string): ServiceAnswer {
  return { status, body: JSON.stringify({ error: { code, message } }) };
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

interface Text {
  readonly text: string;
  /** Markdown is read in it. */
  readonly markdown: boolean;
}

/** What Markdown makes of a text in a TextBlock (the subset of Adaptive Cards), or an entity. */
const MARKDOWN = /[*_`~[\]<>]|^\s*(?:#|[-+] |\d+[.)] )|&[#\w]+;|\\[!-/]/m;
/** Replaced wherever text stands in a card. */
const MACRO = /\{\{(?:DATE|TIME)\(.*?\)\}\}/;
const ADDRESS = /\b(?:https?:\/\/|www\.|mailto:)\S*/gi;

function received(message: TeamsMessage): Received {
  const { body, actions = [], fallbackText = '' } = message.attachments[0].content;
  const lines = body.map(textsOf);
  const texts = [...lines.flat(), { text: fallbackText, markdown: true }];
  return {
    seen: [
      ...lines.map((line) => line.map(({ text }) => text).join('')),
      ...actions.map(({ title }) => title),
    ].join('\n'),
    links: [...actions.map(({ url }) => url), ...texts.flatMap(({ text }) => text.match(ADDRESS) ?? [])],
    active: texts.flatMap(({ text, markdown }) => [
      ...(MACRO.exec(text) ?? []),
      ...(markdown ? (MARKDOWN.exec(text) ?? []) : []),
    ]),
    golden: JSON.stringify(message, null, 1),
  };
}

function textsOf(element: CardElement): readonly Text[] {
  switch (element.type) {
    case 'TextBlock':
      return [{ text: element.text, markdown: true }];
    case 'RichTextBlock':
      return element.inlines.map(({ text }) => ({ text, markdown: false }));
    case 'Container':
      return element.items.flatMap((item) => [...textsOf(item), { text: '\n', markdown: false }]);
    case 'ColumnSet':
      return element.columns.flatMap(({ items }) => [
        ...items.flatMap(textsOf),
        { text: '\t', markdown: false },
      ]);
  }
}
