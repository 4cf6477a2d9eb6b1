import { z } from 'zod';

/**
 * The part of Block Kit that Placet uses, as strict as Slack (docs.slack.dev, Reference: Block Kit), and stricter where
 * the agent's text could do something: text objects are `plain_text` without emoji.
 */

const plain = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z
      .string()
      .min(1)
      .max(max)
      .refine((text) => text.isWellFormed()),
    emoji: z.literal(false),
  });

const url = z
  .string()
  .max(3000)
  .refine((text) => URL.canParse(text) && /^https?:/.test(text));

const button = z
  .strictObject({
    type: z.literal('button'),
    action_id: z.string().min(1).max(255),
    text: plain(75),
    url: url.optional(),
    value: z.string().min(1).max(2000).optional(),
    style: z.enum(['primary', 'danger']).optional(),
  })
  .refine(({ url, value }) => (url === undefined) !== (value === undefined));

const MESSAGE_BLOCKS = [
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({ type: z.literal('section'), text: plain(3000), accessory: button.optional() }),
  z.strictObject({ type: z.literal('section'), fields: z.array(plain(2000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(plain(3000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('divider') }),
  z.strictObject({ type: z.literal('actions'), elements: z.array(button).min(1).max(25) }),
] as const;

const input = z.strictObject({
  type: z.literal('input'),
  block_id: z.string().min(1).max(255),
  label: plain(2000),
  hint: plain(2000).optional(),
  optional: z.boolean().optional(),
  element: z.strictObject({
    type: z.literal('plain_text_input'),
    action_id: z.string().min(1).max(255),
    multiline: z.boolean().optional(),
    max_length: z.int().min(1).max(3000).optional(),
  }),
});

const messageBlock = z.union(MESSAGE_BLOCKS);
const viewBlock = z.union([...MESSAGE_BLOCKS, input]);

export type ShownBlock = z.infer<typeof viewBlock>;

const oneEach = (blocks: readonly ShownBlock[]): boolean => {
  const ids = blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((each) => each.action_id)
      : 'accessory' in block && block.accessory
        ? [block.accessory.action_id]
        : [],
  );
  return new Set(ids).size === ids.length;
};

/** All text of a message together; more is answered by `msg_blocks_too_long`. */
const TOGETHER_MAX = 13_000;

export const messageSchema = z.strictObject({
  channel: z.string().min(1),
  text: z.string().min(1).max(4000),
  blocks: z
    .array(messageBlock)
    .min(1)
    .max(50)
    .refine(oneEach)
    .refine((blocks) => JSON.stringify(blocks).length <= 4 * TOGETHER_MAX),
  link_names: z.literal('false'),
  parse: z.literal('none'),
  unfurl_links: z.literal('false'),
  unfurl_media: z.literal('false'),
  mrkdwn: z.literal('false'),
  thread_ts: z.string().optional(),
  reply_broadcast: z.literal('true').optional(),
});

export const updateSchema = messageSchema
  .omit({ unfurl_links: true, unfurl_media: true, mrkdwn: true, thread_ts: true, reply_broadcast: true })
  .extend({ ts: z.string() });

export const viewSchema = z.strictObject({
  type: z.literal('modal'),
  callback_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3000).optional(),
  title: plain(24),
  submit: plain(24).optional(),
  close: plain(24),
  blocks: z.array(viewBlock).min(1).max(100).refine(oneEach),
});

export type ShownView = z.infer<typeof viewSchema>;
export type ShownMessage = z.infer<typeof messageSchema>;
