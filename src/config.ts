import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { VerificationLevel } from './core/entry.ts';
import { ConfigError, messageOf } from './core/errors.ts';
import { definedOnly, ownEnvironment } from './environment.ts';
import { isSetting, parseSettings, type Settings } from './settings.ts';

export {
  isLoopback,
  type AgentIssuerSettings,
  type OidcSettings,
  type Settings,
  type WitnessSettings,
} from './settings.ts';

/** Who started the host decides whether the environment may be believed. */
export type StartedBy = 'operator' | 'client';

/**
 * Reads the workspace's `.env` and, when an operator started the host, the environment over it.
 *
 * @throws ConfigError naming the setting, never its value
 */
export function loadSettings(workspace: string, startedBy: StartedBy): Settings {
  const file = readEnvFile(join(workspace, '.env'));
  const unknown = Object.keys(file).find((name) => name.startsWith('PLACET_') && !isSetting(name));
  if (unknown !== undefined) {
    throw new ConfigError(
      'bad_setting',
      `${unknown} in .env is no setting of this version: mend the name or remove the line.`,
    );
  }
  const environment = startedBy === 'operator' ? ownEnvironment() : {};
  const variables = { ...file, ...environment };
  return parseSettings(workspace, variables);
}

/** How a decision can be verified in a workspace with these settings, weakest first. */
export function verificationsOf(
  settings: Pick<Settings, 'publicUrl' | 'oidc'>,
): readonly VerificationLevel[] {
  // A relying party of WebAuthn is a domain; without an address of its own the site is at localhost.
  const host = new URL(settings.publicUrl ?? 'http://localhost').hostname;
  return [
    'link',
    ...(settings.oidc ? ['sso' as const] : []),
    ...(isAddress(host) ? [] : ['passkey' as const]),
  ];
}

/** The channels that are set up with these settings, as a rule names them; rooms of Slack left out. */
export function channelsOf({ smtpUrl, channels }: Pick<Settings, 'smtpUrl' | 'channels'>): readonly string[] {
  const { slack, teamsUrl, webhooks, pagerduty } = channels;
  return [
    ...(smtpUrl === undefined ? [] : ['email']),
    ...(slack ? ['slack'] : []),
    ...(teamsUrl === undefined ? [] : ['teams']),
    ...webhooks.map(({ name }) => `webhook:${name}`),
    ...(pagerduty ? ['pagerduty'] : []),
  ];
}

/** Whether the host name of a URL is an IP address: WHATWG writes every form of IPv4 as four numbers. */
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname);
}

function readEnvFile(path: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigError('bad_env_file', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const values = definedOnly(parseEnv(text));
  // A quoted value may go over several lines.
  const odd = text
    .replaceAll(/(?<==[ \t]*)(["'`])[^]*?\1/g, (value) => value.replaceAll(/[^\n]/g, ''))
    .split(/\r?\n/)
    .findIndex((line) => line.trim() !== '' && !/^\s*(#|(export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=)/.test(line));
  if (odd >= 0) {
    throw new ConfigError(
      'bad_env_file',
      `${path}:${odd + 1} is not of the form NAME=value; mend or remove the line.`,
    );
  }
  return values;
}
