import { z } from 'zod';

const reasonSchema = z.string().trim().min(1).max(1000);
/** By which the agent proves who it is. */
const agentKeySchema = z.string().max(1024);

/**
 * The first line that whoever attaches sends, and the line that answers it. After `stdio` and `wrap` the socket
 * carries MCP, of which the pipe parses nothing; every other ends with the answer. What those about people and
 * agents answer stands in `people-ops.ts`, what those of the log do in `custody-ops.ts`, and of evidence in `evidence-ops.ts`.
 */
export const helloSchema = z.discriminatedUnion('op', [
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('stdio'),
    agent: z.string().max(256).optional(),
    key: agentKeySchema.optional(),
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('wrap'),
    agent: z.string().max(256).optional(),
    key: agentKeySchema.optional(),
    name: z.string().max(64),
    command: z.string(),
    args: z.array(z.string()),
    cwd: z.string(),
    env: z.record(z.string(), z.string()),
  }),
  z.strictObject({ placet: z.literal(1), op: z.literal('status') }),
  z.strictObject({ placet: z.literal(1), op: z.literal('stop') }),
  z.strictObject({ placet: z.literal(1), op: z.literal('invite'), person: z.string().max(64) }),
  z.strictObject({ placet: z.literal(1), op: z.literal('passkeys') }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('revoke'),
    person: z.string().max(64),
    /** Without it, all keys that the person has. */
    credential_id: z.string().max(2048).optional(),
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('revoke_reviewer_key'),
    person: z.string().max(64),
    key_id: z.string().max(64),
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('issue_agent_key'),
    agent: z.string().max(256),
    /** Without it, until it is revoked. At most ten years. */
    lasts_ms: z
      .int()
      .positive()
      .max(10 * 366 * 24 * 60 * 60 * 1000)
      .optional(),
  }),
  z.strictObject({ placet: z.literal(1), op: z.literal('agent_keys') }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('revoke_agent_key'),
    agent: z.string().max(256),
    key_id: z.string().max(64),
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('erase'),
    id: z.string().max(64),
    reason: reasonSchema,
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('hold'),
    /** Of a call or a request; without it, everything is held. */
    id: z.string().max(64).optional(),
    reason: reasonSchema,
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('release'),
    hold_id: z.string().max(64),
    reason: reasonSchema,
  }),
  z.strictObject({ placet: z.literal(1), op: z.literal('holds') }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('retain'),
    /** Payloads of calls that are older go. */
    older_than_ms: z.int().positive(),
    dry_run: z.boolean(),
    reason: reasonSchema,
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('evidence_review'),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    person: z.string().max(64).optional(),
    /** Only a review whose entry is this one or later. */
    after: z.int().nonnegative().optional(),
    wait_ms: z.int().nonnegative().max(60_000),
  }),
  z.strictObject({ placet: z.literal(1), op: z.literal('rotate_key'), reason: reasonSchema }),
  z.strictObject({ placet: z.literal(1), op: z.literal('checkpoint') }),
]);
export type Hello = z.infer<typeof helloSchema>;

/** The line that answers it. */
export type Reply =
  | { readonly ok: true; readonly data?: unknown }
  | { readonly ok: false; readonly code: string; readonly error: string };
