import { z } from 'zod';
import { DeliveryError } from '../channel.ts';
import type { Answer } from '../post.ts';
import type { Refusal } from '../posted-place.ts';

const INVALID = z.object({ message: z.string().optional(), errors: z.array(z.string()).optional() });

/** What the Events API answers amount to; nothing where it took the event. */
export function refusalOf({ status, body, said, retry_after_ms: wait }: Answer): Refusal | undefined {
  if (status === 202) return undefined;
  const why = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 429) {
    return {
      error: new DeliveryError(`PagerDuty takes no more events for now (${why})`, false, {
        ...(wait === undefined ? {} : { retry_after_ms: wait }),
      }),
    };
  }
  if ([401, 403, 404].includes(status) || (status === 400 && isAboutKey(body))) {
    const sentence = `PagerDuty does not know the routing key of PLACET_PAGERDUTY_ROUTING_KEY (HTTP ${status}): take the integration key of an Events API v2 integration.`;
    return { error: new DeliveryError(sentence, false), problem: sentence };
  }
  if (status === 400 || status === 413) {
    return { error: new DeliveryError(`PagerDuty refuses the event (${why})`, true) };
  }
  return { error: new DeliveryError(`PagerDuty did not take the event (${why})`, false) };
}

function isAboutKey(body: string): boolean {
  const read = INVALID.safeParse(json(body));
  const errors = read.success ? [read.data.message ?? '', ...(read.data.errors ?? [])] : [];
  return errors.some((error) => /^\W{0,3}(?:invalid )?(?:routing|integration|service)[ _]key\b/i.test(error));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
