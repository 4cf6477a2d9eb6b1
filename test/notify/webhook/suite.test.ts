import { test } from 'uvu';
import { createWebhookDriver } from '../../../src/notify/webhook/driver.ts';
import type { Behaviour, Received } from '../../support/channel-bench.ts';
import { channelSuite } from '../../support/channel-suite.ts';
import { PATH_TOKEN, startFakeWebhook, type Taken, type WebhookMode } from '../../support/fake-webhook.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const PUBLIC_URL = 'http://localhost:7447';

channelSuite({
  name: 'webhook',
  place: 'webhook:siem',
  outcome: 'separate',
  reminder: 'separate',
  stable_ids: true,
  digest: false,
  fails: ['refuse', 'busy', 'limit', 'hang', 'hang up', 'redirect', 'flood'],
  open: async (clock) => {
    const fake = await startFakeWebhook({ clock, keys: [SECRET], publicUrl: PUBLIC_URL });
    return {
      connect: () =>
        createWebhookDriver({
          webhooks: [{ name: 'siem', url: fake.url, secrets: [SECRET] }],
          allow: ['127.0.0.1'],
          publicUrl: `${PUBLIC_URL}/`,
          clock,
        }),
      behave: (as) => fake.behave(modeOf(as)),
      asked: fake.asked,
      messages: () => newestOfEach(fake.taken).map(received),
      secrets: [SECRET, SECRET.slice('whsec_'.length), PATH_TOKEN],
      strays: fake.strays,
      close: fake.close,
    };
  },
});

function modeOf(as: Behaviour): WebhookMode {
  switch (as.kind) {
    case 'refuse':
      return { kind: 'status', status: 410 };
    case 'busy':
      return { kind: 'status', status: 503 };
    case 'limit':
      return { kind: 'status', status: 429, headers: { 'Retry-After': as.retry_after } };
    default:
      return as;
  }
}

/** A receiver tells by the id that it has seen one before. */
function newestOfEach(taken: readonly Taken[]): readonly Taken[] {
  return [...new Map(taken.map((each) => [each.id, each])).values()];
}

function received({ id, seconds, event }: Taken): Received {
  return {
    seen: texts(event).join('\n'),
    // The fake has looked that it is the console's own page. What is over asks for no click.
    links: event.type === 'approval.resolved' ? [] : [event.data.url],
    active: [],
    golden: `webhook-id: ${id}\nwebhook-timestamp: ${seconds}\n\n${JSON.stringify(event, null, 2)}`,
  };
}

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

test.run();
