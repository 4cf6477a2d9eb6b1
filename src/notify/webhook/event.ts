import { z } from 'zod';
import type { Phase } from '../../core/request.ts';

/** The state of a request, as `placet status` names it. */
const STATES = [
  'pending',
  'approved',
  'rejected',
  'expired',
  'cancelled',
  'voided',
  'claimed',
  'started',
  'succeeded',
  'failed',
  'outcome_unknown',
  'reconciled_done',
  'reconciled_not_done',
] as const satisfies readonly Phase['kind'][];

const TYPES = ['approval.requested', 'approval.reminder', 'approval.escalated', 'approval.resolved'] as const;

/** Parts that are left out of a body that would be too long otherwise, in this order. */
export const DROPPABLE = ['arguments', 'cautions', 'checkpoint', 'decisions'] as const;

const time = (description: string) => z.iso.datetime().meta({ description: `${description} RFC 3339, UTC.` });
const count = (description: string) => z.int().min(0).meta({ description });

const rule = z
  .object({
    id: z.string().meta({ description: 'The rule’s id.' }),
    quorum: z.int().min(1).meta({ description: 'How many distinct people must approve.' }),
    verification: z
      .enum(['link', 'sso', 'passkey'])
      .meta({ description: 'What the rule asks of every decision at least.' }),
    reviewers: z.array(z.string()).meta({ description: 'Ids of the people who may decide.' }),
  })
  .meta({ id: 'WebhookRule' });

const person = z.object({ id: z.string(), name: z.string() }).meta({ id: 'WebhookPerson' });

const decision = z
  .object({
    person,
    decision: z.enum(['approve', 'reject']),
    verification: z
      .enum(['link', 'sso', 'passkey', 'slack', 'api'])
      .meta({ description: 'How it was proved who decided.' }),
    reason: z.string().optional().meta({ description: 'The reviewer’s own words.' }),
    at: time('When it was decided.'),
  })
  .meta({ id: 'WebhookDecision' });

const argument = z
  .object({
    path: z.string().meta({ description: 'Such as `options.tags[0]`.' }),
    type: z.enum(['text', 'number', 'boolean', 'null', 'empty object', 'empty list', 'JSON']),
    value: z.string().meta({ description: 'Its beginning, or all of it.' }),
    left_out: count('Characters of path and value that are left out.'),
  })
  .meta({ id: 'WebhookArgument' });

const excerpt = z
  .object({
    note: z.string().meta({ description: 'How much of the arguments this is, in words.' }),
    rows: z.array(argument),
    rows_left_out: count('Arguments that do not appear at all.'),
    shown: count('Characters that appear.'),
    total: count('Characters there are.'),
  })
  .meta({ id: 'WebhookArguments', description: 'A marked excerpt of the arguments; the page shows all.' });

const data = z
  .object({
    request_id: z.string().regex(/^apr_/).meta({ description: 'The approval request.' }),
    text: z
      .string()
      .meta({ description: 'The same for people, as other channels say it: plain text of several lines.' }),
    status: z.enum(STATES).meta({ description: 'Where it stands.' }),
    reason: z.string().optional().meta({ description: 'Why it ended so, where there is something to say.' }),
    reminder: z.int().min(1).optional().meta({ description: 'The number of the reminder.' }),
    escalated: z.enum(['time', 'unreachable']).optional().meta({
      description: 'Why more people are asked: nobody decided in time, or nobody could be reached.',
    }),
    agent: z.string().meta({ description: 'The agent that made the call.' }),
    agent_identity: z
      .enum(['claimed', 'authenticated'])
      .meta({ description: 'Whether the agent proved its name.' }),
    owner: person.meta({ description: 'On whose behalf the agent acts.' }),
    server: z.string().meta({ description: 'The server that is called.' }),
    tool: z.string().meta({ description: 'The tool’s own name there.' }),
    summary: z.string().optional().meta({ description: 'The tool’s own summary of the call.' }),
    rules: z.array(rule).meta({ description: 'What is demanded; all of them must be satisfied.' }),
    requested_at: time('When it was asked.'),
    expires_at: time('When it expires if nobody decides.'),
    decisions: z.array(decision).optional().meta({ description: 'Made so far, the oldest first.' }),
    arguments: excerpt.optional(),
    cautions: z
      .array(z.string())
      .optional()
      .meta({ description: 'What a reviewer is warned of, a sentence each.' }),
    url: z.url({ protocol: /^https?$/ }).meta({
      description: 'The console’s page of the request. No secret: it asks who opens it to sign in.',
    }),
    action_digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ description: 'SHA-256 over the canonical action, in hexadecimal.' }),
    checkpoint: z
      .string()
      .optional()
      .meta({ description: 'A signed note (C2SP tlog-checkpoint) over the journal: keep it.' }),
    omitted: z
      .array(z.enum(DROPPABLE))
      .optional()
      .meta({ description: 'Parts that were left out because the body would be longer than 64 KiB.' }),
  })
  .meta({ id: 'WebhookData' });

/**
 * The body of a webhook (Standard Webhooks). Members may be added to it. Every string but `text` and `checkpoint` is one
 * line, and in none is anything hidden.
 */
export const webhookEventSchema = z
  .object({
    type: z.enum(TYPES).meta({ description: 'What happened.' }),
    timestamp: time('When it happened.'),
    data,
  })
  .meta({ id: 'WebhookEvent' });

export type WebhookEvent = z.infer<typeof webhookEventSchema>;
export type WebhookEventType = WebhookEvent['type'];
export const WEBHOOK_EVENT_TYPES: readonly WebhookEventType[] = TYPES;
