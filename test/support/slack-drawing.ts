import type { Received } from './channel-bench.ts';
import type { ShownBlock } from './slack-schema.ts';

/** What a reader in Slack sees of blocks and of the text beside them, and what a click on them can do. */
export function drawn(blocks: readonly ShownBlock[], text: string): Omit<Received, 'golden'> {
  const seen = [...blocks.map(blockText), decoded(text)].join('\n');
  return { seen, links: [...blocks.flatMap(urlsOf), ...linksIn(seen)], active: activeIn(text) };
}

/** Slack shows these entities, and only these, as what they stand for. */
function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>' })[name] ?? '');
}

function blockText(block: ShownBlock): string {
  switch (block.type) {
    case 'divider':
      return '---';
    case 'header':
      return `== ${decoded(block.text.text)} ==`;
    case 'section':
      if ('fields' in block) return block.fields.map((field) => decoded(field.text)).join('\n');
      return [decoded(block.text.text), ...(block.accessory ? [`[${block.accessory.text.text}]`] : [])].join(
        '\n',
      );
    case 'context':
      return block.elements.map((element) => `(${decoded(element.text)})`).join('\n');
    case 'actions':
      return block.elements.map((element) => `[${element.text.text}]`).join(' ');
    case 'input':
      return `${block.label.text}: ____ ${block.hint?.text ?? ''}`;
  }
}

function urlsOf(block: ShownBlock): readonly string[] {
  if (block.type === 'actions') return block.elements.flatMap((element) => element.url ?? []);
  return 'accessory' in block && block.accessory?.url !== undefined ? [block.accessory.url] : [];
}

/** Whatever a client might make a link of by itself, though plain text is to be none. */
function linksIn(text: string): readonly string[] {
  return (
    text.match(
      /\b(?:https?:\/\/|www\.|mailto:|tel:|javascript:|slack:)\S*|\b[\w-]+\.(?:com|example)\/\S*|\w@\w\S*/gi,
    ) ?? []
  );
}

/** The text beside blocks is read for markup: control sequences, and mentions by name. */
function activeIn(text: string): readonly string[] {
  return text.match(/<[^>]*>?|@(?:channel|here|everyone|[a-z])/gi) ?? [];
}
