import type { Clock } from '../../core/clock.ts';
import type { Format } from '../../events/format.ts';
import type { EventContext } from '../../events/reading.ts';
import { createPoster, type Answer } from '../post.ts';
import { SinkError, type Sink } from '../sink.ts';

export interface HttpOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  readonly ca?: string;
  readonly format: Format;
  readonly context: Omit<EventContext, 'call'>;
  readonly clock: Clock;
}

/** Posts batches to a collector, as the format has it: lines of JSON, one array, one message of OTLP, or lines of text. */
export async function createHttpSink(options: HttpOptions): Promise<Sink> {
  const { token, ca, format, context, clock } = options;
  const url = new URL(options.url);
  const poster = await createPoster(url);
  return {
    async send(batch, signal) {
      const answer = await poster.post({
        url,
        headers: {
          'Content-Type': format.contentType,
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        body: format.body(
          batch.map(({ event }) => event),
          context,
        ),
        ...(ca === undefined ? {} : { ca }),
        clock,
        signal,
      });
      const fault = faultOf(answer);
      if (fault) throw fault;
      const rejected = format.rejected?.(answer.body) ?? 0;
      if (rejected > 0)
        throw new SinkError('unacceptable', `The receiver took all but ${rejected} of what it was sent.`);
    },
    close: async () => poster.close(),
  };
}

/** What an answer means, by its status alone. */
export function faultOf({ status, retry_after_ms }: Answer): SinkError | undefined {
  if (status >= 200 && status < 300) return undefined;
  const said = `The receiver answered ${status}`;
  if (status >= 500 || [408, 425, 429].includes(status))
    return new SinkError('unreachable', `${said}; it is tried again.`, retry_after_ms);
  if ([400, 413, 422].includes(status))
    return new SinkError('unacceptable', `${said}: it does not take an event that it was sent.`);
  if (status >= 300 && status < 400)
    return new SinkError(
      'refused',
      `${said}, a redirect, which is not followed: set the address that it leads to.`,
    );
  const mend = [401, 403].includes(status) ? 'mend its token' : 'mend its address';
  return new SinkError('refused', `${said}: ${mend}, or what the receiver lets in.`, retry_after_ms);
}
