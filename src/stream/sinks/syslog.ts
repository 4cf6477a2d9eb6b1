import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../core/clock.ts';
import type { Format } from '../../events/format.ts';
import type { EventContext, Severity } from '../../events/reading.ts';
import { codeOf } from '../post.ts';
import { SinkError, type Outgoing, type Sink } from '../sink.ts';

export interface SyslogOptions {
  readonly host: string;
  readonly port: number;
  /** PEM; without it, whom Node trusts. */
  readonly ca?: string;
  readonly format: Format;
  readonly context: Omit<EventContext, 'call'>;
  readonly clock: Clock;
}

const TIMEOUT_MS = 30_000;
/** A receiver that breaks off in the middle is heard of in this time, before it is said that all was sent. */
const QUIET_MS = 100;

/**
 * Syslog over TLS (RFC 5425). The protocol acknowledges nothing, so every batch has a connection of its own, and has
 * arrived when the receiver has read to its end and closed its side, too.
 */
export async function createSyslogSink(options: SyslogOptions): Promise<Sink> {
  const { host, port, ca, format, context, clock } = options;
  const { connect } = await import('node:tls');
  return {
    send(batch, signal) {
      const messages = Buffer.concat(
        batch.map((outgoing) =>
          framed(syslogMessage(outgoing, format.alone(outgoing.event, context), context)),
        ),
      );
      return new Promise((resolve, reject) => {
        let ended = false;
        let hush = (): void => undefined;
        const end = (): void => {
          ended = true;
          socket.end();
        };
        const fail = (what: string): void => {
          reject(new SinkError('unreachable', `The syslog receiver ${what}.`));
          socket.destroy();
        };
        const socket: TLSSocket = connect(
          {
            host,
            port,
            minVersion: 'TLSv1.2',
            // Said, because Node lets the environment switch it off.
            rejectUnauthorized: true,
            ...(isAddress(host) ? {} : { servername: host }),
            ...(ca === undefined ? {} : { ca }),
          },
          () =>
            socket.write(messages, () => {
              hush = clock.after(QUIET_MS, end);
            }),
        );
        const stop = (): void => fail('was not waited for, as Placet is ending');
        const cancel = clock.after(TIMEOUT_MS, () =>
          fail(`did not take a batch and close the connection in ${TIMEOUT_MS / 1000} seconds`),
        );
        signal.addEventListener('abort', stop, { once: true });
        socket.resume();
        socket.on('end', () => {
          if (ended) resolve();
          else fail('closed the connection before it had everything');
        });
        socket.on('error', (error) => fail(`cannot be reached${codeOf(error)}`));
        socket.on('close', () => {
          cancel();
          hush();
          signal.removeEventListener('abort', stop);
          reject(new SinkError('unreachable', 'The syslog receiver broke off the connection.'));
        });
        if (signal.aborted) stop();
      });
    },
    close: async () => undefined,
  };
}

/** Facility 13, log audit. */
const FACILITY = 13;
const SEVERITY: Readonly<Record<Severity, number>> = { informational: 6, low: 5, medium: 4, high: 3 };
const MAX_SEQUENCE = 2_147_483_647;

/** One message of RFC 5424. The entry's number stands in `meta`, beginning with 1 as it has to. */
export function syslogMessage(
  { seq, type, time, severity }: Pick<Outgoing, 'seq' | 'type' | 'time' | 'severity'>,
  text: string,
  { software, origin }: Pick<EventContext, 'software' | 'origin'>,
): string {
  const host = origin.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 255) || '-';
  const data = `[meta sequenceId="${(seq % MAX_SEQUENCE) + 1}"][origin software="Placet" swVersion="${paramValue(software)}"]`;
  return `<${FACILITY * 8 + SEVERITY[severity]}>1 ${time} ${host} placet - ${type.slice(0, 32)} ${data} ${text}`;
}

/** A value of structured data ends at a quotation mark, an element at a bracket. */
function paramValue(text: string): string {
  return text.replaceAll(/["\\\]]/g, String.raw`\$&`).replaceAll(/\p{Cc}/gu, ' ');
}

/** Octet counting: how long a message is stands before it, so that nothing in it can begin another. */
function framed(message: string): Buffer {
  const bytes = Buffer.from(message);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}
