import { z } from 'zod';
import type { JsonObject } from '../core/json.ts';

const MAX_WAIT_SECONDS = 25;
const approvalId = z.string().min(1).max(100);

/** What may stand in calls of Placet's own tools. */
export const STATUS_INPUT = z.strictObject({
  approval_id: approvalId,
  wait_seconds: z.number().min(0).max(MAX_WAIT_SECONDS).optional(),
});
export const CANCEL_INPUT = z.strictObject({ approval_id: approvalId });

export const PLACET_STATUS = 'placet_status';
export const PLACET_CANCEL = 'placet_cancel';

const idSchema = {
  type: 'string',
  description: 'The approval_id from the answer of the call that was held.',
};

/** The tools that Placet adds to every list. They declare no output schema: they give other tools' results. */
export const OWN_TOOLS: readonly JsonObject[] = [
  {
    name: PLACET_STATUS,
    title: 'Status of a held call',
    description:
      'Says what has become of a call that waits for human approval. Once it was approved and executed, the answer is the result of that call. It reads only: it approves nothing and makes nobody decide faster.',
    inputSchema: {
      type: 'object',
      properties: {
        approval_id: idSchema,
        wait_seconds: {
          type: 'number',
          minimum: 0,
          maximum: MAX_WAIT_SECONDS,
          description: 'Wait up to this many seconds for the outcome before answering. Default 0.',
        },
      },
      required: ['approval_id'],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: PLACET_CANCEL,
    title: 'Withdraw a held call',
    description:
      'Withdraws a call that still waits for human approval, so that it is not executed. A call that was decided already cannot be withdrawn; the answer says what became of it.',
    inputSchema: {
      type: 'object',
      properties: { approval_id: idSchema },
      required: ['approval_id'],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
];

export const INSTRUCTIONS =
  'Some tools behind this server act only after a human has approved the call. Such a call is answered at once with the status pending_approval and an approval_id; it has not been executed yet. Call placet_status with that approval_id (wait_seconds up to 25) to get the result or the refusal, and do not repeat the call with other arguments meanwhile.';
