import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Verification } from './core/entry.ts';
import { ConfigError, messageOf } from './core/errors.ts';
import { KNOWN_SETTINGS, parseSettings, type Settings } from './settings.ts';

export {
  isLoopback,
  type AgentIssuerSettings,
  type OidcSettings,
  type Settings,
  type WitnessSettings,
} from './settings.ts';

/** Who started the host decides whether the environment may be believed. */
export type StartedBy = 'operator' | 'client';

const AGENT_KEY = 'PLACET_AGENT_KEY';

/** Where a new workspace goes: the named folder, else `PLACET_DIR`, else `~/.placet`. */
export function newWorkspaceDir(dir: string | undefined): string {
  return resolve(dir ?? process.env.PLACET_DIR ?? join(homedir(), '.placet'));
}

/** The folder of the workspace: `--dir`, else `PLACET_DIR`, else the current folder where allowed, else `~/.placet`. */
export function workspaceDir(options: {
  readonly dir?: string | undefined;
  /** Commands that a person types take the current folder when it has `policies/`; a client's never do. */
  readonly currentFolder: boolean;
}): string {
  const named = options.dir ?? process.env.PLACET_DIR;
  const dir =
    named !== undefined && named !== ''
      ? resolve(named)
      : options.currentFolder && existsSync('policies')
        ? process.cwd()
        : join(homedir(), '.placet');
  if (!existsSync(dir)) {
    throw new ConfigError(
      'no_workspace',
      `There is no workspace at ${dir}: make one with "placet init", or name another with --dir.`,
    );
  }
  return realpathSync(dir);
}

/**
 * Reads the workspace's `.env` and, when an operator started the host, the environment over it.
 *
 * @throws ConfigError naming the setting, never its value
 */
export function loadSettings(workspace: string, startedBy: StartedBy): Settings {
  const file = readEnvFile(join(workspace, '.env'));
  const unknown = Object.keys(file).find((name) => name.startsWith('PLACET_') && !KNOWN_SETTINGS.has(name));
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
export function verificationsOf(settings: Pick<Settings, 'publicUrl' | 'oidc'>): readonly Verification[] {
  // A relying party of WebAuthn is a domain; without an address of its own the site is at localhost.
  const host = new URL(settings.publicUrl ?? 'http://localhost').hostname;
  return [
    'link',
    ...(settings.oidc ? ['sso' as const] : []),
    ...(isAddress(host) ? [] : ['passkey' as const]),
  ];
}

/** Whether the host name of a URL is an IP address: WHATWG writes every form of IPv4 as four numbers. */
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname);
}

/** What a host that a client starts may see of that client's environment: the means to find programs. */
export function bareEnvironment(workspace: string): Record<string, string> {
  const kept = [
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'LANG',
    'SYSTEMROOT',
    'APPDATA',
    'LOCALAPPDATA',
    'USERPROFILE',
  ];
  const environment: Record<string, string> = { PLACET_DIR: workspace };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/**
 * The environment of this process: what a wrapped command, or a host that an operator starts, is given. An agent's key
 * is for Placet alone.
 */
export function ownEnvironment(): Record<string, string> {
  const { [AGENT_KEY]: _, ...environment } = definedOnly(process.env);
  return environment;
}

/** The key by which the agent that started this process proves who it is. */
export function agentKey(): string | undefined {
  const key = process.env[AGENT_KEY];
  return key === '' ? undefined : key;
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
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
