import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from './core/errors.ts';
import { FORMAT_NAMES, type FormatName } from './events/format-names.ts';
import { REDACTABLE } from './events/redact.ts';

/** Where entries are sent for a security team. The address and the token are secret: they appear in no message. */
export interface StreamSettings {
  /** In lower case, as status names it. */
  readonly name: string;
  readonly to: StreamTarget;
  readonly format: FormatName;
  /** Absolute path of the certificates, in PEM, that the receiver's chain must end in; nothing for those Node trusts. */
  readonly ca?: string;
  /** Names of members that are redacted. */
  readonly redacted: readonly string[];
  readonly begin: 'start' | 'now';
}

export type StreamTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'syslog'; readonly host: string; readonly port: number }
  | { readonly kind: 'http'; readonly url: string; readonly token?: string }
  | { readonly kind: 'splunk'; readonly url: string; readonly token: string };

const STREAM = /^PLACET_STREAM_([A-Z0-9]+(?:_[A-Z0-9]+)*)_(URL|FORMAT|TOKEN|CA|REDACT|FROM)$/;
const SYSLOG_PORT = 6514;
const SPLUNK_PORT = '8088';

export function isStreamSetting(name: string): boolean {
  return STREAM.test(name);
}

/**
 * @param folders both absolute: relative paths begin at the workspace, and no stream writes into the data folder
 * @throws ConfigError naming the setting, never its value
 */
export function streamSettingsOf(
  variables: Readonly<Record<string, string>>,
  folders: { readonly workspace: string; readonly data: string },
): readonly StreamSettings[] {
  const names = Object.entries(variables).flatMap(([setting, value]) =>
    value === '' ? [] : (STREAM.exec(setting)?.[1] ?? []),
  );
  return [...new Set(names)].sort().map((name) => {
    const valueOf = (part: string): string => variables[`PLACET_STREAM_${name}_${part}`] ?? '';
    const refuse = (part: string, why: string): never => {
      throw new ConfigError(
        'bad_setting',
        `PLACET_STREAM_${name}_${part} ${why}. Mend it in .env or in the environment.`,
      );
    };
    if (valueOf('URL') === '')
      refuse('URL', 'is not set, and other settings of this stream are: it needs one');
    const format = valueOf('FORMAT') || 'ocsf';
    const begin = valueOf('FROM') || 'start';
    const redacted = valueOf('REDACT')
      .split(/[\s,]+/)
      .filter((word) => word !== '');
    const unknown = redacted.findIndex((word) => !REDACTABLE.has(word));
    if (unknown >= 0)
      refuse('REDACT', `names at place ${unknown + 1} what is no member of any entry, or identifies one`);
    if (begin !== 'start' && begin !== 'now') return refuse('FROM', 'is neither start nor now');
    const target = targetOf(valueOf('URL'), valueOf('TOKEN'), refuse);
    if (target.kind === 'file' && `${target.path}${sep}`.startsWith(`${folders.data}${sep}`))
      refuse('URL', 'is a file in the data folder, which is for Placet alone');
    const ca = valueOf('CA');
    if (ca !== '' && target.kind === 'file')
      refuse('CA', 'is set, and a file needs no certificates: remove it');
    return {
      name: name.toLowerCase().replaceAll('_', '-'),
      to: target,
      format:
        FORMAT_NAMES.find((each) => each === format) ??
        refuse('FORMAT', `is none of ${FORMAT_NAMES.join(', ')}`),
      ...(ca === '' ? {} : { ca: resolve(folders.workspace, ca) }),
      redacted,
      begin,
    };
  });
}

type Refuse = (part: string, why: string) => never;

function targetOf(address: string, token: string, refuse: Refuse): StreamTarget {
  if (!URL.canParse(address)) return refuse('URL', WRONG);
  const url = new URL(address);
  if (url.username !== '' || url.password !== '')
    return refuse('URL', 'holds a user or a password: a token belongs into the setting that ends in _TOKEN');
  if (/[^\x21-\x7e]/.test(token))
    return refuse('TOKEN', 'holds a space or another character that no token has');
  if (token !== '' && ['file:', 'syslog+tls:'].includes(url.protocol))
    return refuse('TOKEN', 'is set, and this kind of stream sends none: remove it');
  switch (url.protocol) {
    case 'file:':
      if (url.hostname !== '' || url.pathname.endsWith('/')) return refuse('URL', WRONG);
      return { kind: 'file', path: fileURLToPath(url) };
    case 'syslog+tls:': {
      if (url.hostname === '' || !['', '/'].includes(url.pathname)) return refuse('URL', WRONG);
      const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
      return { kind: 'syslog', host, port: url.port === '' ? SYSLOG_PORT : Number(url.port) };
    }
    case 'http:':
    case 'https:':
      if (!isSecure(url)) return refuse('URL', 'must begin with https:// unless it is on this machine');
      return { kind: 'http', url: url.href, ...(token === '' ? {} : { token }) };
    case 'splunk+http:':
    case 'splunk+https:': {
      const inner = new URL(address.replace(/^splunk\+/i, ''));
      if (!isSecure(inner))
        return refuse('URL', 'must begin with splunk+https:// unless it is on this machine');
      if (!/:\d+$/.test(hostPart(address))) inner.port = SPLUNK_PORT;
      if (token === '') return refuse('TOKEN', 'is not set: Splunk takes nothing without a token');
      return { kind: 'splunk', url: inner.href, token };
    }
    default:
      return refuse('URL', WRONG);
  }
}

const WRONG =
  'is not an address such as file:///var/log/placet.jsonl, syslog+tls://siem.example.com:6514, https://siem.example.com/placet or splunk+https://splunk.example.com:8088';

function hostPart(address: string): string {
  return address.split('/')[2] ?? '';
}

function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
