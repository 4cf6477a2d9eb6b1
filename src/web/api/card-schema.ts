import { z } from 'zod';

/** The card and its terms, as they leave at the API: `Card` and `Terms` of the core. */

const time = z.iso.datetime();
const level = z.enum(['link', 'sso', 'passkey']);

export const verificationSchema = z
  .enum(['link', 'sso', 'passkey', 'slack', 'api'])
  .describe('How a decision proves who made it');

export const termsSchema = z
  .object({
    rule: z.string(),
    reviewers: z.array(z.string()),
    quorum: z.int(),
    verification: level,
    max_age_ms: z.int().optional(),
    reason: z.enum(['optional', 'required']),
    solo: z.literal(true).optional(),
    reveal: z.literal(true).optional(),
    admits: z.array(z.enum(['slack', 'api'])).optional(),
    notify: z.array(z.string()).optional(),
    remind_ms: z.int().optional(),
    escalate: z
      .object({ after_ms: z.int(), reviewers: z.array(z.string()), notify: z.array(z.string()) })
      .optional(),
    fallback: z.array(z.string()).optional(),
    away: z.array(z.string()).optional(),
  })
  .describe('What one matching rule demands');

const pieceSchema = z.object({
  type: z.enum(['text', 'JSON']),
  text: z.string(),
  before: z.int().optional(),
  after: z.int().optional(),
});

export const cardSchema = z
  .object({
    v: z.literal(1),
    request_id: z.string(),
    tool: z.string().describe('The name under which the agent called it'),
    server: z.string(),
    tool_name: z.string().describe("The tool's own name: what goes into `confirm`"),
    title: z.string().optional(),
    description: z.string().optional().describe('By the downstream'),
    tags: z.array(z.string()),
    runs: z.string().optional(),
    agent: z.string(),
    owner: z.object({ id: z.string(), name: z.string() }),
    identity: z.enum(['claimed', 'authenticated']),
    client: z.string().optional(),
    summary: z.string().optional(),
    summary_trouble: z.string().optional(),
    args_commit: z.string(),
    definition_sha256: z.string(),
    action_digest: z.string(),
    effects: z
      .object({
        read_only: z.boolean().optional(),
        destructive: z.boolean().optional(),
        idempotent: z.boolean().optional(),
        open_world: z.boolean().optional(),
      })
      .optional()
      .describe('What the server claims of the tool: nobody has checked it'),
    difference: z
      .object({
        kind: z.enum(['changed', 'new']),
        since: time.optional(),
        lost: z.literal(true).optional(),
        changes: z.array(
          z.object({
            change: z.enum(['added', 'removed', 'changed']),
            path: z.string(),
            was: pieceSchema.optional(),
            now: pieceSchema.optional(),
          }),
        ),
        left_out: z.int(),
      })
      .optional()
      .describe("What is different in the tool's definition, where nobody has accepted it as it is"),
    hidden: z.array(z.object({ path: z.string(), signs: z.array(z.string()) })).optional(),
    session: z.string().optional(),
    why: z.string().optional(),
    said: z.string().optional().describe('What the agent said that it is for: hostile text, and no ground'),
    input_check: z.union([z.literal('valid'), z.object({ unchecked: z.string() })]),
    terms: z.array(termsSchema),
    requested_at: time,
    expires_at: time,
  })
  .describe('What every reviewer must see, fixed when the request was made. Its texts may be hostile');
