import { z } from 'zod';
import { cardSchema, termsSchema, verificationSchema } from './card-schema.ts';

/**
 * What comes in and goes out at `/api/v1`. Requests are read by these, tests read every answer by them, and
 * `/openapi.json` is made of them.
 */

const time = z.iso.datetime().describe('RFC 3339, UTC');
const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256, hexadecimal');
const decision = z.enum(['approve', 'reject']);
const way = z.enum(['passkey', 'api']);

const statusSchema = z
  .enum([
    'pending',
    'approved',
    'rejected',
    'expired',
    'cancelled',
    'voided',
    'succeeded',
    'failed',
    'outcome_unknown',
  ])
  .describe('What the request came to; `approved` until its execution has an outcome');

export const listQuerySchema = z.strictObject({
  state: z
    .enum(['waiting', 'all'])
    .default('waiting')
    .describe(
      '`waiting`: for a decision of yours, the most urgent first. `all`: what you may see, newest first',
    ),
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, 'must be a number from 1 to 100')
    .transform(Number)
    .default(50)
    .describe('How many at most, from 1 to 100'),
  cursor: z.string().min(1).max(1024).optional().describe('`next_cursor` of the page before, unchanged'),
});

export const summarySchema = z.object({
  id: z.string(),
  status: statusSchema,
  agent: z.string(),
  owner: z.string().describe('Id of the person for whom the agent acts'),
  server: z.string(),
  tool: z.string().describe("The tool's own name"),
  rule: z.string().describe('The rules that asked for it, joined by a comma'),
  summary: z.string().optional().describe("What it would do, in a sentence of the tool's author"),
  requested_at: time,
  expires_at: time.optional().describe('Until when it can be decided, while it waits'),
  page: z.string().describe('Where a person sees it'),
});

export const listSchema = z.object({
  items: z.array(summarySchema),
  next_cursor: z.string().optional().describe('Absent on the last page'),
});

const progressSchema = z.object({ rule: z.string(), approvals: z.int(), quorum: z.int() });

const standingSchema = z.object({
  title: z.string(),
  sentence: z.string().describe('It may quote people and servers'),
  tone: z.enum(['waiting', 'good', 'bad', 'unsure']),
});

export const challengeSchema = z.object({
  proof: z.string().describe('Sealed; goes back unchanged with the assertion'),
  expires_at: time,
  approve: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('PublicKeyCredentialRequestOptionsJSON: what to sign in order to approve'),
  reject: z.record(z.string(), z.unknown()).optional().describe('The same in order to reject'),
});

export const requestSchema = z.object({
  id: z.string(),
  status: statusSchema,
  standing: standingSchema,
  state: z
    .enum(['open', 'decided', 'over', 'watching'])
    .describe('`open`: you may decide now. `watching`: you see it and were not asked'),
  card: cardSchema,
  args: z.record(z.string(), z.unknown()).describe('In full, exactly as they would be sent; hostile text'),
  cautions: z
    .array(z.string())
    .describe('What to be warned of before reading on, hidden characters spelt out'),
  long_arguments: z
    .array(z.string())
    .describe('Paths of long values: who approves has read them to the end, and says so in `seen`'),
  card_digest: digest.describe('Names what is decided on; goes back with the decision'),
  action_digest: digest,
  terms: z.array(termsSchema).describe('As recorded at the request, with those who were asked since'),
  progress: z.array(progressSchema),
  decisions: z.array(
    z.object({
      reviewer: z.string(),
      name: z.string(),
      decision,
      verification: verificationSchema,
      reason: z.string().optional(),
      at: time,
    }),
  ),
  may: z
    .object({ approve: z.array(way), reject: z.array(way) })
    .describe('How you may decide here: `passkey` by an assertion, `api` by the key that you sent'),
  reason: z.enum(['optional', 'required']),
  precedents: z
    .object({ approved: z.int(), rejected: z.int(), ended: z.int(), pending: z.int() })
    .describe("What became of the agent's other calls to this tool in the last 30 days"),
  requested_at: time,
  expires_at: time,
  page: z.string().describe('Where a person sees it'),
  controls: z
    .array(z.object({ framework: z.string(), id: z.string(), title: z.string(), shows: z.string() }))
    .describe('Controls that what happened so far is evidence supporting; no statement that they are met'),
  challenge: challengeSchema.optional().describe('For a passkey of yours, where one may decide'),
});

export const REASON_MAX = 4000;

export const decisionBodySchema = z.strictObject({
  decision,
  reason: z.string().max(REASON_MAX).optional(),
  card_digest: digest,
  confirm: z.string().max(1024).optional().describe("The tool's name; needed without an assertion"),
  seen: z
    .array(z.string().max(4096))
    .max(1000)
    .optional()
    .describe('Of `long_arguments`, those that were read'),
  assertion: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('AuthenticationResponseJSON over the challenge of this decision'),
  proof: z.string().max(4096).optional().describe('`challenge.proof`; needed with an assertion'),
});

export const decidedSchema = z.object({
  id: z.string(),
  decision,
  verification: verificationSchema,
  at: time,
  status: statusSchema,
  standing: standingSchema,
  progress: z.array(progressSchema),
});

export const checkpointSchema = z.object({
  origin: z.string(),
  size: z.int(),
  root: digest.describe('The Merkle root (RFC 6962), hexadecimal'),
  at: time,
  note: z.string().describe('The signed note (C2SP), as `/checkpoint` gives it'),
});

export const requestEventSchema = z
  .object({
    request_id: z.string(),
    agent: z.string(),
    server: z.string(),
    tool: z.string(),
    time,
  })
  .describe('`event: request`: somebody has to decide, and you see it or are asked now');

export const resolvedEventSchema = z
  .object({
    request_id: z.string(),
    resolution: z.enum(['approved', 'rejected', 'expired', 'cancelled', 'voided']),
    time,
  })
  .describe('`event: resolved`: nobody has to decide any more');

export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong and how to mend it'),
    code: z.string().describe('Stable, for programs'),
  })
  .describe('RFC 9457');
