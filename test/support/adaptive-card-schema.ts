import { z } from 'zod';

/**
 * What a message with an Adaptive Card may be made of here: the subset of version 1.5 that Teams draws for a Workflows
 * webhook, with no way to act but to open a page. Anything else is refused, unknown members among it.
 */
const color = z.enum(['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention']);
const spacing = z.enum(['None', 'Small', 'Default', 'Medium', 'Large', 'ExtraLarge', 'Padding']);
const size = z.enum(['Small', 'Default', 'Medium', 'Large', 'ExtraLarge']);

const textBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string().min(1),
  wrap: z.boolean().optional(),
  weight: z.enum(['Lighter', 'Default', 'Bolder']).optional(),
  size: size.optional(),
  color: color.optional(),
  isSubtle: z.boolean().optional(),
  spacing: spacing.optional(),
  style: z.enum(['default', 'heading']).optional(),
});

const textRun = z.strictObject({
  type: z.literal('TextRun'),
  text: z.string(),
  weight: z.enum(['Lighter', 'Default', 'Bolder']).optional(),
  size: size.optional(),
  fontType: z.enum(['Default', 'Monospace']).optional(),
  color: color.optional(),
  isSubtle: z.boolean().optional(),
  italic: z.boolean().optional(),
  strikethrough: z.boolean().optional(),
  highlight: z.boolean().optional(),
});

const richTextBlock = z.strictObject({
  type: z.literal('RichTextBlock'),
  inlines: z.array(textRun).min(1),
  spacing: spacing.optional(),
});

const container = z.strictObject({
  type: z.literal('Container'),
  style: z.enum(['default', 'emphasis', 'good', 'attention', 'warning', 'accent']).optional(),
  spacing: spacing.optional(),
  items: z.array(z.union([textBlock, richTextBlock])).min(1),
});

const columnSet = z.strictObject({
  type: z.literal('ColumnSet'),
  spacing: spacing.optional(),
  columns: z
    .array(
      z.strictObject({
        type: z.literal('Column'),
        width: z.union([z.enum(['auto', 'stretch']), z.string().regex(/^\d+px$/)]).optional(),
        items: z.array(z.union([textBlock, richTextBlock])).min(1),
      }),
    )
    .min(1),
});

const openUrl = z.strictObject({
  type: z.literal('Action.OpenUrl'),
  title: z.string().min(1),
  url: z.string().regex(/^https?:\/\//),
});

const card = z.strictObject({
  type: z.literal('AdaptiveCard'),
  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
  version: z.literal('1.5'),
  msteams: z.strictObject({ width: z.literal('Full') }).optional(),
  fallbackText: z.string().optional(),
  body: z.array(z.union([textBlock, richTextBlock, container, columnSet])).min(1),
  actions: z.array(openUrl).max(6).optional(),
});

/** The envelope that the workflow “Post to a channel when a webhook request is received” reads. */
export const teamsMessage = z.strictObject({
  type: z.literal('message'),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content: card,
    }),
  ]),
});

export type TeamsMessage = z.infer<typeof teamsMessage>;
export type CardElement = TeamsMessage['attachments'][0]['content']['body'][number];
