import type { Clock } from '../../core/clock.ts';
import { ConfigError, PlacetError } from '../../core/errors.ts';
import { DeliveryError, type Delivered, type Driver, type Place, type PlaceNotice } from '../channel.ts';
import { objection, parseAllowList } from './allow-list.ts';
import { contentOf, type Content } from './body.ts';
import { refusalOf, type Refusal } from './refusal.ts';
import { createResolver, resolveBySystem, type Resolve } from './resolve.ts';
import { signerOf, type Signer } from './secret.ts';
import { send } from './send.ts';
import { createTries } from './tries.ts';

export interface WebhookDriverOptions {
  readonly webhooks: readonly {
    /** As a rule names it, after `webhook:`. */
    readonly name: string;
    readonly url: string;
    /** Each signs. */
    readonly secrets: readonly string[];
  }[];
  /** Hosts, addresses and networks inside that may be reached all the same. */
  readonly allow: readonly string[];
  /** The base of links. */
  readonly publicUrl: string;
  readonly clock: Clock;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

interface Endpoint {
  readonly name: string;
  readonly url: URL;
  readonly signers: readonly Signer[];
}

/**
 * Programs that are told by Standard Webhooks.
 *
 * @throws ConfigError `bad_setting`
 */
export function createWebhookDriver(options: WebhookDriverOptions): Driver {
  const { clock } = options;
  const allow = parseAllowList(options.allow);
  const resolve = createResolver(options.resolve ?? resolveBySystem);
  const publicUrl = options.publicUrl.replace(/\/+$/, '');
  const tries = createTries(clock);
  const troubles = new Map<string, string>();
  const underWay = new Map<Promise<void>, AbortController>();

  const post = async (endpoint: Endpoint, notice: PlaceNotice): Promise<Delivered> => {
    const content = contentOf(notice, publicUrl, clock.now());
    const controller = new AbortController();
    const sending = sendTo(endpoint, content, controller.signal);
    underWay.set(sending, controller);
    try {
      await sending;
    } finally {
      underWay.delete(sending);
    }
    return { message_id: content.id };
  };

  /** Resolves once it was taken over. */
  const sendTo = async (endpoint: Endpoint, content: Content, signal: AbortSignal): Promise<void> => {
    const { name } = endpoint;
    const key = `${name} ${content.id}`;
    const refusal = await refused(endpoint, content, signal);
    if (refusal === undefined) {
      tries.over(key);
      troubles.delete(name);
      return;
    }
    const sentence = `The webhook ${name} ${refusal.why}`;
    // Nobody refused it: the host is ending.
    if (signal.aborted) throw new DeliveryError(sentence, false);
    troubles.set(name, sentence);
    if (refusal.permanent) {
      tries.over(key);
      throw new DeliveryError(sentence, true);
    }
    const { tries: count, wait_ms: wait } = tries.failed(key);
    if (wait === undefined) throw new DeliveryError(`Given up after ${count} tries. ${sentence}`, true);
    throw new DeliveryError(sentence, false, {
      retry_after_ms: Math.max(wait, refusal.retry_after_ms ?? 0),
    });
  };

  const refused = async (
    { url, signers }: Endpoint,
    { id, body }: Content,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> => {
    const seconds = Math.floor(clock.now() / 1000);
    const target = { host: url.hostname, secure: url.protocol === 'https:' };
    try {
      const answer = await send({
        url,
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': 'Placet',
          'Webhook-Id': id,
          'Webhook-Timestamp': String(seconds),
          'Webhook-Signature': signers.map((sign) => sign({ id, seconds, body })).join(' '),
        },
        body,
        resolve,
        objection: (address) => objection({ ...target, address }, allow),
        clock,
        signal,
      });
      return refusalOf(answer, clock.now());
    } catch (error) {
      if (error instanceof PlacetError) return { why: error.message, permanent: false };
      throw error;
    }
  };

  const places = new Map(
    options.webhooks.map(endpointOf).map((endpoint): readonly [string, Place] => {
      const name = `webhook:${endpoint.name}`;
      return [name, { name, post: (notice) => post(endpoint, notice) }];
    }),
  );

  return {
    place: (name) => places.get(name),
    problems: () => [...troubles.values()],
    async close() {
      for (const controller of underWay.values()) controller.abort();
      await Promise.allSettled(underWay.keys());
    },
  };
}

function endpointOf({ name, url, secrets }: WebhookDriverOptions['webhooks'][number]): Endpoint {
  const setting = `PLACET_WEBHOOK_${name.toUpperCase().replaceAll('-', '_')}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw refusedSetting(`${setting}_URL`, 'is not an address such as https://siem.example.com/placet');
  const signers = secrets.flatMap((secret) => signerOf(secret) ?? []);
  if (signers.length === 0 || signers.length < secrets.length)
    throw refusedSetting(
      `${setting}_SECRET`,
      'holds something that is no secret of Standard Webhooks: whsec_ and the base64 of 24 to 64 bytes, or whsk_ and that of an Ed25519 private key',
    );
  return { name, url: new URL(url), signers };
}

function refusedSetting(setting: string, what: string): ConfigError {
  return new ConfigError('bad_setting', `${setting} ${what}. Mend it in .env or in the environment.`);
}
