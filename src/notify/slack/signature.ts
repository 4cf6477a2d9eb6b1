import { createHmac, timingSafeEqual } from 'node:crypto';

/** What came to the endpoint, as it came. */
export interface SignedRequest {
  readonly body: Uint8Array;
  /** `X-Slack-Request-Timestamp`. */
  readonly timestamp: string | undefined;
  /** `X-Slack-Signature`. */
  readonly signature: string | undefined;
}

/** How far the time of a signature may be from ours, before and after. */
const WINDOW_MS = 5 * 60_000;

/**
 * Why a request is not one that Slack signed just now, as the rest of a sentence; nothing where it is. The signature
 * is `v0=` and HMAC-SHA256 over `v0:TIMESTAMP:BODY` (docs.slack.dev, Verifying requests from Slack).
 *
 * @param now milliseconds since the epoch
 */
export function faultOfSignature(request: SignedRequest, secret: string, now: number): string | undefined {
  const { body, timestamp, signature } = request;
  if (timestamp === undefined || signature === undefined) return 'it is not signed';
  if (!/^\d{1,12}$/.test(timestamp)) return 'its time cannot be read';
  if (!isSignedBy(secret, { body, timestamp, signature }))
    return 'its signature is not by the signing secret';
  const age = now - Number(timestamp) * 1000;
  if (age > WINDOW_MS) return 'it was signed too long ago';
  return age < -WINDOW_MS ? 'it was signed for a time to come' : undefined;
}

function isSignedBy(secret: string, { body, timestamp, signature }: Required<SignedRequest>): boolean {
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
  const [right, given] = [Buffer.from(`v0=${expected}`), Buffer.from(signature ?? '')];
  return right.length === given.length && timingSafeEqual(right, given);
}
