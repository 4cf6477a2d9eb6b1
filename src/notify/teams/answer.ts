import { DeliveryError } from '../channel.ts';
import type { Answer } from '../post.ts';
import type { Refusal } from '../posted-place.ts';

/** What a workflow answers where it is not the message that is wrong with it. */
const SWITCHED_OFF = /WorkflowTriggerIsNotEnabled|WorkflowNotFound|AuthorizationRequired|InvalidSignature/i;

/** How Teams says, behind a 200, that it did not take the card. */
const FAILED_BEHIND =
  /^\W{0,3}(?:Webhook message delivery failed|Microsoft Teams endpoint returned)[^{<]{0,120}?HTTP error (\d{3})/i;

/**
 * What a Workflows webhook's answer amounts to; nothing where it took the message. It answers 202 before the workflow
 * has run, and some answer 200 with the failure of Teams in the body.
 */
export function refusalOf({ status, body, said, retry_after_ms: wait }: Answer): Refusal | undefined {
  const taken = status === 200 || status === 202;
  // Only where the answer begins with the sentence of Teams: it may go on with words of the agent's.
  const inner = status === 200 ? FAILED_BEHIND.exec(body)?.[1] : undefined;
  if (taken && inner === undefined) return undefined;
  const code = inner === undefined ? status : Number(inner);
  const why = `HTTP ${code}${said === '' ? '' : `: ${said}`}`;
  if (code === 429) {
    return {
      error: new DeliveryError(
        `Microsoft Teams takes no more messages for now (${why})`,
        false,
        wait === undefined ? {} : { retry_after_ms: wait },
      ),
    };
  }
  if ([401, 403, 404, 410].includes(code) || SWITCHED_OFF.test(body)) {
    const sentence = `The workflow of PLACET_TEAMS_URL takes no messages (HTTP ${code}): it was removed or switched off, or its address is not complete. Switch it on, or make a new one and set PLACET_TEAMS_URL.`;
    return { error: new DeliveryError(sentence, false), problem: sentence };
  }
  if ([400, 413, 415, 422].includes(code)) {
    return { error: new DeliveryError(`Microsoft Teams refuses the message (${why})`, true) };
  }
  return { error: new DeliveryError(`Microsoft Teams did not take the message (${why})`, false) };
}
