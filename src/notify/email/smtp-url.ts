import type { SMTPTransportOptions } from 'nodemailer';
import { ConfigError } from '../../core/errors.ts';

/** Where mail is handed over. `password` is secret: it appears in no message. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`), rather than by STARTTLS. */
  readonly implicitTls: boolean;
  readonly loopback: boolean;
  readonly auth?: { readonly user: string; readonly password: string };
}

/**
 * Reads `smtp://user:password@host:port` or `smtps://…`.
 *
 * @throws ConfigError `smtp_url`; the message never holds the URL
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw refused('it must look like smtp://user:password@host:587 or smtps://user:password@host:465');
  }
  if (url.search !== '' || url.hash !== '' || !['', '/'].includes(url.pathname)) {
    throw refused('nothing may follow the host and port; percent-encode such signs in user and password');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const implicitTls = url.protocol === 'smtps:';
  const user = decoded(url.username);
  return {
    host,
    port: url.port === '' ? (implicitTls ? 465 : 587) : Number(url.port),
    implicitTls,
    loopback: host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host),
    ...(user === '' ? {} : { auth: { user, password: decoded(url.password) } }),
  };
}

/**
 * Beyond loopback nothing is said in clear: without TLS and a certificate that verifies, nothing is sent. On
 * loopback nobody can listen in who could not read the host's memory, so a certificate proves nothing there.
 */
export function transportOptions(server: SmtpServer): SMTPTransportOptions {
  return {
    host: server.host,
    port: server.port,
    secure: server.implicitTls,
    requireTLS: !server.loopback && !server.implicitTls,
    tls: { rejectUnauthorized: !server.loopback, minVersion: 'TLSv1.2' },
    ...(server.auth ? { auth: { user: server.auth.user, pass: server.auth.password } } : {}),
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new ConfigError(
      'smtp_url',
      'PLACET_SMTP_URL cannot be used: a % in user or password must be written as %25.',
      { cause },
    );
  }
}

function refused(why: string): ConfigError {
  return new ConfigError('smtp_url', `PLACET_SMTP_URL cannot be used: ${why}.`);
}
