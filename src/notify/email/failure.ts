import { shortened } from '../../core/characters.ts';
import { messageOf } from '../../core/errors.ts';
import { revealedLine } from '../../core/reveal.ts';
import { DeliveryError } from '../channel.ts';
import type { SmtpServer } from './smtp-url.ts';

const REPLY_MAX = 300;

/** Codes of Node and OpenSSL for a certificate that is not to be trusted. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

/**
 * What nodemailer threw, as one sentence. Permanent is only a refusal of this recipient or this mail; what is wrong
 * with the sender, the account or the line can be mended, so it is tried again.
 *
 * @param secrets never to be repeated, though a server's reply may quote them
 */
export function deliveryError(
  thrown: unknown,
  server: SmtpServer,
  secrets: readonly string[],
): DeliveryError {
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  const at = `The mail server ${host}:${server.port}`;
  const { code, command, responseCode, response, originalCode, timeoutType } = fieldsOf(thrown);
  const reply = clean(response ?? messageOf(thrown), secrets);
  const because = { cause: new Error(clean(messageOf(thrown), secrets)) };
  if (code === 'EAUTH') {
    return new DeliveryError(
      `${at} does not accept the user and password of PLACET_SMTP_URL: ${reply}`,
      false,
      because,
    );
  }
  if (responseCode !== undefined && (command === 'RCPT TO' || command === 'DATA')) {
    const permanent = responseCode >= 500 && responseCode !== 503;
    const what = command === 'DATA' ? 'the mail' : 'the recipient';
    return new DeliveryError(
      `${at} ${permanent ? `refuses ${what}` : `does not take ${what} for now`}: ${reply}`,
      permanent,
      because,
    );
  }
  if (command === 'MAIL FROM') {
    return new DeliveryError(
      `${at} does not accept the sender of PLACET_MAIL_FROM: ${reply}`,
      false,
      because,
    );
  }
  if (originalCode !== undefined && UNTRUSTED.test(originalCode)) {
    return new DeliveryError(
      `${at} has a certificate that does not verify (${originalCode}), so nothing was sent.`,
      false,
      because,
    );
  }
  if (code === 'ETLS') {
    return new DeliveryError(
      `${at} does not speak TLS, without which nothing is sent beyond loopback: ${reply}`,
      false,
      because,
    );
  }
  if (timeoutType !== undefined || code === 'ETIMEDOUT' || code === 'EABORT') {
    return new DeliveryError(`${at} did not answer in time.`, false, because);
  }
  if (response !== undefined) {
    return new DeliveryError(`${at} did not take the mail: ${reply}`, false, because);
  }
  return new DeliveryError(`${at} cannot be reached (${originalCode ?? code ?? reply}).`, false, because);
}

interface Fields {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly originalCode?: string;
  readonly timeoutType?: string;
}

function fieldsOf(thrown: unknown): Fields {
  return thrown instanceof Error ? (thrown as Error & Fields) : {};
}

function clean(text: string, secrets: readonly string[]): string {
  let out = text;
  for (const secret of secrets) if (secret !== '') out = out.replaceAll(secret, '[secret]');
  return shortened(revealedLine(out.replaceAll(/\s*[\r\n]+\s*/g, ' ')), REPLY_MAX);
}
