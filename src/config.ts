import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import type { Verification } from './core/entry.ts';
import { ConfigError, messageOf } from './core/errors.ts';

/** The settings of a workspace, checked. */
export interface Settings {
  /** Absolute path of the workspace, links resolved. */
  readonly workspace: string;
  /** Absolute path of the data folder. */
  readonly data: string;
  /** 0 stands for a free one, which is then kept for the workspace. */
  readonly port: number;
  readonly host: string;
  /** The base of links, without a trailing slash; nothing when it follows from the port. */
  readonly publicUrl?: string;
  readonly smtpUrl?: string;
  readonly mailFrom: string;
  /** The identity provider that people sign on with; nothing where none is set up. */
  readonly oidc?: OidcSettings;
  /** A second socket, for agents of a group whose host runs as another user. */
  readonly agentsSocket?: string;
  /** What `${VAR}` in mcp.json may name. */
  readonly variables: Readonly<Record<string, string>>;
}

/** An OpenID Connect provider, and what it knows this workspace as. */
export interface OidcSettings {
  /** The issuer identifier, character for character as the provider writes it into its tokens. */
  readonly issuer: string;
  readonly clientId: string;
  /** Nothing for a public client, which PKCE alone protects. */
  readonly clientSecret?: string;
  /** Separated by spaces; `openid` is among them. */
  readonly scope: string;
  /** The claim that lists the groups of whoever signs on. */
  readonly groupsClaim: string;
  /** One of these authentication contexts must be answered; empty when any will do. */
  readonly acr: readonly string[];
}

/** Who started the host decides whether the environment may be believed. */
export type StartedBy = 'operator' | 'client';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);

export function isLoopback(hostname: string): boolean {
  return LOOPBACK.has(hostname.toLowerCase());
}

function url(protocols: readonly string[], example: string): z.ZodType<string> {
  return z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `is not an address such as ${example}`,
    // What is asked of an address is not asked of anything else.
    abort: true,
  });
}

const schema = z.object({
  PLACET_DATA: z.string().min(1, 'is empty').optional(),
  PLACET_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'is not a port number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, { error: 'is not a port number from 0 to 65535' })
    .default(7447),
  PLACET_HOST: z.string().min(1, 'is empty').default('127.0.0.1'),
  PLACET_PUBLIC_URL: url(['http:', 'https:'], 'https://placet.example.com')
    .refine((value) => new URL(value).protocol === 'https:' || isLoopback(new URL(value).hostname), {
      error: 'must begin with https:// unless it is on this machine',
    })
    .optional(),
  PLACET_SMTP_URL: url(['smtp:', 'smtps:'], 'smtps://user:password@mail.example.com').optional(),
  PLACET_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'is not a mail address such as "Placet <placet@example.com>"')
    .default('Placet <placet@localhost>'),
  PLACET_OIDC_ISSUER: url(['http:', 'https:'], 'https://login.example.com')
    .refine((value) => new URL(value).protocol === 'https:' || isLoopback(new URL(value).hostname), {
      error: 'must begin with https:// unless it is on this machine',
    })
    .refine((value) => !/[?#]/.test(value) && new URL(value).username === '', {
      error: 'must be the issuer alone, without a query, a fragment or a user name',
    })
    .optional(),
  PLACET_OIDC_CLIENT_ID: z.string().optional(),
  PLACET_OIDC_CLIENT_SECRET: z.string().optional(),
  PLACET_OIDC_SCOPE: z
    .string()
    .refine((value) => words(value).includes('openid'), {
      error: 'must hold openid, such as "openid groups"',
    })
    .default('openid'),
  PLACET_OIDC_GROUPS_CLAIM: z
    .string()
    .regex(/^\S+$/, 'is not the name of one claim, such as groups')
    .default('groups'),
  PLACET_OIDC_ACR: z.string().optional(),
  PLACET_STORE: z
    .string()
    .refine(() => false, {
      error: 'is not available in this version: remove it, and the journal is kept in the data folder',
    })
    .optional(),
  PLACET_AGENTS_SOCKET: z.string().startsWith('/', 'is not an absolute path').optional(),
});

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Where a new workspace goes: the named folder, else `PLACET_DIR`, else `~/.placet`. */
export function newWorkspaceDir(dir: string | undefined): string {
  return resolve(dir ?? process.env.PLACET_DIR ?? join(homedir(), '.placet'));
}

/** What `.env` may name; `PLACET_DIR` says elsewhere where it is. */
const KNOWN: ReadonlySet<string> = new Set([...Object.keys(schema.shape), 'PLACET_DIR']);

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
  const unknown = Object.keys(file).find((name) => name.startsWith('PLACET_') && !KNOWN.has(name));
  if (unknown !== undefined) {
    throw new ConfigError(
      'bad_setting',
      `${unknown} in .env is no setting of this version: mend the name or remove the line.`,
    );
  }
  const environment = startedBy === 'operator' ? definedOnly(process.env) : {};
  const variables = { ...file, ...environment };
  const parsed = schema.safeParse(
    Object.fromEntries(
      Object.entries(variables).filter(([name, value]) => name.startsWith('PLACET_') && value !== ''),
    ),
  );
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ConfigError('bad_setting', `${sentences.join('; ')}. Mend it in .env or in the environment.`);
  }
  const settings = parsed.data;
  return {
    workspace,
    data: resolve(workspace, settings.PLACET_DATA ?? 'data'),
    port: settings.PLACET_PORT,
    host: settings.PLACET_HOST,
    ...(settings.PLACET_PUBLIC_URL === undefined
      ? {}
      : { publicUrl: settings.PLACET_PUBLIC_URL.replace(/\/+$/, '') }),
    ...(settings.PLACET_SMTP_URL === undefined ? {} : { smtpUrl: settings.PLACET_SMTP_URL }),
    mailFrom: settings.PLACET_MAIL_FROM,
    ...oidcOf(settings),
    ...(settings.PLACET_AGENTS_SOCKET === undefined ? {} : { agentsSocket: settings.PLACET_AGENTS_SOCKET }),
    variables,
  };
}

/** @throws ConfigError naming the setting that is missing, never a value */
function oidcOf(settings: z.infer<typeof schema>): { readonly oidc?: OidcSettings } {
  const { PLACET_OIDC_ISSUER: issuer, PLACET_OIDC_CLIENT_ID: clientId } = settings;
  const { PLACET_OIDC_CLIENT_SECRET: clientSecret } = settings;
  if (issuer === undefined || clientId === undefined) {
    const others = ['PLACET_OIDC_CLIENT_ID', 'PLACET_OIDC_CLIENT_SECRET', 'PLACET_OIDC_ACR'] as const;
    const given =
      issuer === undefined ? others.find((name) => settings[name] !== undefined) : 'PLACET_OIDC_ISSUER';
    if (given === undefined) return {};
    const missing = issuer === undefined ? 'PLACET_OIDC_ISSUER' : 'PLACET_OIDC_CLIENT_ID';
    throw new ConfigError(
      'bad_setting',
      `${given} is set and ${missing} is not: single sign-on needs both. Mend it in .env or in the environment.`,
    );
  }
  return {
    oidc: {
      issuer,
      clientId,
      ...(clientSecret === undefined ? {} : { clientSecret }),
      scope: words(settings.PLACET_OIDC_SCOPE).join(' '),
      groupsClaim: settings.PLACET_OIDC_GROUPS_CLAIM,
      acr: words(settings.PLACET_OIDC_ACR ?? ''),
    },
  };
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

/** The environment of this process: what a wrapped command, or a host that an operator starts, is given. */
export function ownEnvironment(): Record<string, string> {
  return definedOnly(process.env);
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
