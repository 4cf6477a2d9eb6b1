import type { JsonObject } from '../core/json.ts';

const MAX_WAIT_SECONDS = 25;
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

const MAX_ID = 100;

/** The arguments of `placet_status`; nothing where they are not such. */
export function readStatusInput(
  args: JsonObject,
): { readonly approval_id: string; readonly wait_seconds: number } | undefined {
  const { approval_id, wait_seconds = 0, ...more } = args;
  if (!isApprovalId(approval_id) || Object.keys(more).length > 0) return undefined;
  if (typeof wait_seconds !== 'number' || wait_seconds < 0 || wait_seconds > MAX_WAIT_SECONDS)
    return undefined;
  return { approval_id, wait_seconds };
}

/** The id that `placet_cancel` is given; nothing where its arguments are not such. */
export function readCancelInput({ approval_id, ...more }: JsonObject): string | undefined {
  return isApprovalId(approval_id) && Object.keys(more).length === 0 ? approval_id : undefined;
}

function isApprovalId(id: unknown): id is string {
  return typeof id === 'string' && id.length > 0 && id.length <= MAX_ID;
}
