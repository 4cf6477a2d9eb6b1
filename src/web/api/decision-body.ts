import type { z } from 'zod';
import { isJsonObject } from '../../core/json.ts';
import { judgeJson } from '../../core/strict-json.ts';
import type { Problem } from '../problems.ts';
import type { Ctx } from '../site-context.ts';
import { badRequest, NO_IDEMPOTENCY_KEY, NOT_JSON } from './problems.ts';
import { decisionBodySchema } from './schemas.ts';

export type DecisionBody = z.infer<typeof decisionBodySchema>;

export interface ReadDecision {
  readonly idempotencyKey: string;
  readonly body: DecisionBody;
  /** As it came. */
  readonly text: string;
}

const DEPTH_MAX = 16;
/** Visible characters; in quotes, too, as the draft writes it. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** What was sent, or what is wrong with it. Read strictly: no two readers may see different decisions. */
export async function readDecision(c: Ctx): Promise<ReadDecision | { readonly problem: Problem }> {
  const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return { problem: NOT_JSON };
  const idempotencyKey = c.req.header('idempotency-key') ?? '';
  if (!IDEMPOTENCY_KEY.test(idempotencyKey)) return { problem: NO_IDEMPOTENCY_KEY };
  const text = await c.req.text();
  const judged = judgeJson(text, { maxDepth: DEPTH_MAX });
  if (!judged.ok) return { problem: badRequest(`Nothing was decided. ${judged.message}`) };
  if (!isJsonObject(judged.value)) return { problem: badRequest('Nothing was decided. Send one object.') };
  const parsed = decisionBodySchema.safeParse(judged.value);
  if (parsed.success) return { idempotencyKey, body: parsed.data, text };
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  return {
    problem: badRequest(
      `Nothing was decided. The decision cannot be read: ${where === '' ? '' : `${where}: `}${issue?.message ?? 'it is of another form'}.`,
    ),
  };
}
