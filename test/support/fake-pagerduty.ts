import { z } from 'zod';
import type { Received } from './channel-bench.ts';
import { startFakeService, type Asked, type FakeService, type ServiceAnswer } from './fake-service.ts';

const text = (max: number) => z.string().min(1).max(max);

const trigger = z.strictObject({
  routing_key: z.string().length(32),
  event_action: z.literal('trigger'),
  dedup_key: text(255),
  client: text(1024).optional(),
  client_url: z.url().optional(),
  links: z.array(z.strictObject({ href: z.url(), text: text(1024) })).optional(),
  payload: z.strictObject({
    summary: text(1024),
    source: text(255),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    timestamp: z.iso.datetime().optional(),
    component: text(255).optional(),
    group: text(255).optional(),
    class: text(255).optional(),
    custom_details: z.record(text(255), z.string()).optional(),
  }),
});

const resolve = z.strictObject({
  routing_key: z.string().length(32),
  event_action: z.enum(['acknowledge', 'resolve']),
  dedup_key: text(255),
});

export type Trigger = z.infer<typeof trigger>;

export interface Incident {
  readonly opened: Trigger;
  state: 'triggered' | 'acknowledged' | 'resolved';
  /** How often it was triggered. */
  times: number;
}

export interface FakePagerDuty extends FakeService {
  readonly routingKey: string;
  readonly incidents: () => readonly Incident[];
  readonly messages: () => readonly Received[];
}

const ROUTING_KEY = 'R0uT1nGkEyOfTheFakeIntegration42';
const MAX_BYTES = 512 * 1024;

/**
 * A fake of PagerDuty's Events API v2. It refuses an unknown key, what weighs too much, and an event that is not as
 * documented; an event whose key is that of an open incident belongs to that one, whose words stay as they are.
 */
export async function startFakePagerDuty(): Promise<FakePagerDuty> {
  const incidents: Incident[] = [];
  const open = (key: string): Incident | undefined =>
    incidents.find(({ opened, state }) => opened.dedup_key === key && state !== 'resolved');

  const take = ({ method, path, headers, body }: Asked): ServiceAnswer => {
    if (method !== 'POST' || path !== '/v2/enqueue') return { status: 404, body: '' };
    if (!headers['content-type']?.startsWith('application/json')) return invalid('JSON is expected');
    if (body.length > MAX_BYTES) return { status: 413, body: 'Request Entity Too Large' };
    const read = z.union([trigger, resolve]).safeParse(json(body));
    if (!read.success) return invalid(read.error.message);
    const event = read.data;
    if (event.routing_key !== ROUTING_KEY) return invalid('Invalid routing key');
    const known = open(event.dedup_key);
    if (event.event_action === 'trigger') {
      if (known) known.times += 1;
      else incidents.push({ opened: event, state: 'triggered', times: 1 });
    } else if (known) {
      known.state = event.event_action === 'resolve' ? 'resolved' : 'acknowledged';
    }
    const taken = { status: 'success', message: 'Event processed', dedup_key: event.dedup_key };
    return { status: 202, body: JSON.stringify(taken) };
  };

  const service = await startFakeService(take, (quote) => invalid(`The event is invalid: ${quote}`));
  return {
    ...service,
    routingKey: ROUTING_KEY,
    incidents: () => incidents,
    messages: () => incidents.map(received),
  };
}

function invalid(error: string): ServiceAnswer {
  const body = { status: 'invalid event', message: 'Event object is invalid', errors: [error] };
  return { status: 400, body: JSON.stringify(body) };
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** PagerDuty makes links of addresses in its texts, and shows all else as it is. */
function received({ opened, state }: Incident): Received {
  const { routing_key: _key, ...shown } = opened;
  const { summary, source, component = '', custom_details: details = {} } = opened.payload;
  const named = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  const links = opened.links ?? [];
  const seen = [summary, source, component, ...named, ...links.map((link) => link.text)].join('\n');
  return {
    seen,
    links: [
      ...links.map(({ href }) => href),
      ...(opened.client_url === undefined ? [] : [opened.client_url]),
      ...(seen.match(/\b(?:https?:\/\/|www\.|mailto:)\S*/gi) ?? []),
    ],
    active: [],
    golden: `${state}\n${JSON.stringify(shown, null, 1)}`,
    closed: state === 'resolved',
  };
}
