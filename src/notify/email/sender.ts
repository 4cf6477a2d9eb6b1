import { ConfigError } from '../../core/errors.ts';

/** Whom mails come from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** What follows the @; message ids are made under it. */
  readonly domain: string;
}

/**
 * Reads `placet@example.com` or `Placet <placet@example.com>`: one address.
 *
 * @throws ConfigError `mail_from`
 */
export function parseSender(text: string): Sender {
  const match =
    /^\s*(?:"?(?<name>[^"<>\p{Cc}]*?)"?\s*<(?<angled>[^<>]+)>|(?<bare>[^<>]+))\s*$/u.exec(text)?.groups ?? {};
  const address = (match['angled'] ?? match['bare'] ?? '').trim();
  const domain = /^[^\s@,;:"<>()[\]\\]+@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)$/.exec(address)?.[1];
  if (domain === undefined) {
    throw new ConfigError(
      'mail_from',
      'PLACET_MAIL_FROM must be one address, such as placet@example.com or Placet <placet@example.com>.',
    );
  }
  return { name: (match['name'] ?? '').trim() || 'Placet', address, domain: domain.toLowerCase() };
}
