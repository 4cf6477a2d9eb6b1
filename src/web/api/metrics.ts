import { tokenCheck } from '../monitor-token.ts';
import type { Problem } from '../problems.ts';
import type { Ctx, SiteKit } from '../site-context.ts';
import type { ReviewSiteOptions } from '../site-options.ts';
import type { MetricsReading } from './metrics-reading.ts';

const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const CLOSED: Problem = {
  status: 403,
  code: 'metrics_closed',
  title: 'Metrics are not served here',
  detail: 'No credential opens the metrics: the operator has not set PLACET_MONITOR_TOKEN.',
};

const NO_MONITOR: Problem = {
  status: 401,
  code: 'no_monitor',
  title: 'This is for monitors',
  detail:
    'Metrics are given only to a monitor that sends the header Authorization: Bearer PLACET_MONITOR_TOKEN.',
};

/** `GET /metrics`, in the text format of Prometheus, for whoever has the monitors' token. */
export function createMetrics(
  options: Pick<ReviewSiteOptions, 'limits' | 'metrics' | 'tlog' | 'health'>,
  kit: SiteKit,
): (c: Ctx) => Promise<Response> {
  const { monitorToken } = options.tlog;
  const isMonitor = tokenCheck(monitorToken);

  return async (c) => {
    if (monitorToken === undefined) return kit.refuse(c, CLOSED);
    await options.limits.count('api', `monitor ${kit.addressOf(c)}`);
    if (!isMonitor(c.req.header('authorization'))) {
      c.header('WWW-Authenticate', 'Bearer realm="Placet metrics"');
      return kit.refuse(c, NO_MONITOR);
    }
    return c.body(textOf(options.metrics(), options.health().ready), 200, { 'Content-Type': TYPE });
  };
}

function textOf(reading: MetricsReading, ready: boolean): string {
  const states = Object.entries(reading.requests).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '# HELP placet_requests Approval requests that are open or were closed lately, by where they stand.',
    '# TYPE placet_requests gauge',
    ...states.map(([state, count]) => `placet_requests{state="${state}"} ${count}`),
    ...gauge(
      'placet_notices_failed',
      'Notices of those requests that a channel refused for good.',
      reading.notices_failed,
    ),
    ...gauge('placet_journal_entries', 'Entries of the journal that are durable.', reading.journal_entries),
    ...byStream('placet_stream_behind', 'Entries that the receiver has not confirmed.', reading, 'behind'),
    ...byStream('placet_stream_refused', 'Entries that it refused for good.', reading, 'dead_letters'),
    ...gauge('placet_ready', 'Whether the journal can be written and checkpoints are signed.', ready ? 1 : 0),
    ...gauge('placet_uptime_seconds', 'Since the host started.', reading.uptime_s),
    '',
  ].join('\n');
}

function byStream(
  name: string,
  help: string,
  { streams }: MetricsReading,
  what: 'behind' | 'dead_letters',
): readonly string[] {
  if (streams.length === 0) return [];
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...streams.map((stream) => `${name}{stream="${stream.name}"} ${stream[what]}`),
  ];
}

function gauge(name: string, help: string, value: number): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`];
}
