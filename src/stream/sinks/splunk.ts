import type { Clock } from '../../core/clock.ts';
import { createPoster, type Answer } from '../post.ts';
import { SinkError, type Outgoing, type Sink } from '../sink.ts';
import { faultOf } from './http.ts';

export interface SplunkOptions {
  /** With or without a path; without one, `/services/collector/event`. */
  readonly url: string;
  readonly token: string;
  readonly ca?: string;
  /** What the events are: `ocsf`, `cef` and so on. */
  readonly format: string;
  readonly json: boolean;
  /** The log's origin, which Splunk shows as the host. */
  readonly origin: string;
  readonly clock: Clock;
}

/** What HEC says of the data and not of the request: no data, invalid format, no event, a blank one, unfit fields. */
const OF_THE_EVENT = new Set([5, 6, 12, 13, 15]);

/** Posts batches to Splunk's HTTP Event Collector. */
export async function createSplunkSink(options: SplunkOptions): Promise<Sink> {
  const { token, ca, format, json, origin, clock } = options;
  const url = new URL(options.url);
  if (url.pathname === '/') url.pathname = '/services/collector/event';
  const envelope = JSON.stringify({ host: origin, source: 'placet', sourcetype: `placet:${format}` }).slice(
    1,
  );
  const poster = await createPoster(url);
  const written = ({ time, event }: Outgoing): string =>
    `{"time":${Date.parse(time) / 1000},"event":${json ? event : JSON.stringify(event)},${envelope}`;
  return {
    async send(batch, signal) {
      const answer = await poster.post({
        url,
        headers: { 'Content-Type': 'application/json', Authorization: `Splunk ${token}` },
        body: batch.map(written).join('\n'),
        ...(ca === undefined ? {} : { ca }),
        clock,
        signal,
      });
      const fault = hecFaultOf(answer);
      if (fault) throw fault;
    },
    close: async () => poster.close(),
  };
}

function hecFaultOf(answer: Answer): SinkError | undefined {
  const fault = faultOf(answer);
  if (fault?.code !== 'unacceptable' || answer.status !== 400) return fault;
  const code = codeIn(answer.body);
  if (code === undefined || OF_THE_EVENT.has(code)) return fault;
  // Such as an index that this token may not write to.
  return new SinkError(
    'refused',
    `Splunk answered 400 with the code ${code}: mend the token or its index in Splunk.`,
  );
}

function codeIn(body: string): number | undefined {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === 'number' ? code : undefined;
  } catch {
    return undefined;
  }
}
