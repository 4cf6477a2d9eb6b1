import { resolve } from 'node:path';
import { z } from 'zod';
import {
  CHANNEL_SETTINGS,
  channelSettingsOf,
  isWebhookSetting,
  type ChannelSettings,
} from './channel-settings.ts';
import { ConfigError } from './core/errors.ts';
import { isStreamSetting, streamSettingsOf, type StreamSettings } from './stream-settings.ts';
import { parseVerifier } from './tlog/note.ts';

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
  /** So many questions that wait for one person go out alone within five minutes. */
  readonly digestAfter: number;
  /** Chats and programs that are told of requests. */
  readonly channels: ChannelSettings;
  /** Where entries are sent for security teams. */
  readonly streams: readonly StreamSettings[];
  /** The identity provider that people sign on with; nothing where none is set up. */
  readonly oidc?: OidcSettings;
  /** The OAuth issuer whose access tokens agents may present over HTTP; nothing where none is set up. */
  readonly agentIssuer?: AgentIssuerSettings;
  /** Who is asked to cosign checkpoints. */
  readonly witnesses: readonly WitnessSettings[];
  /** An authority that stamps checkpoints with its time (RFC 3161). */
  readonly tsaUrl?: string;
  /** Absolute path of the certificates, in PEM, that the authority's chain must end in. */
  readonly tsaCa?: string;
  /** With which monitors may read the entries over HTTP. */
  readonly monitorToken?: string;
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

/** An authorization server for agents, and how its tokens are read. */
export interface AgentIssuerSettings {
  /** The issuer identifier, character for character as it is written into the tokens. */
  readonly issuer: string;
  /** What `aud` must hold; nothing for the address of the MCP endpoint. */
  readonly audience?: string;
  /** The claim that names the agent as people.yaml does. */
  readonly agentClaim: string;
  /** The claim that must name the agent's owner; nothing where none is asked for. */
  readonly ownerClaim?: string;
}

/** A C2SP witness. */
export interface WitnessSettings {
  /** Its verifier key, for cosignatures. */
  readonly vkey: string;
  /** The submission prefix, without a trailing slash. */
  readonly url: string;
}

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

function issuer(): z.ZodType<string> {
  return url(['http:', 'https:'], 'https://login.example.com')
    .refine((value) => isSecure(value), { error: 'must begin with https:// unless it is on this machine' })
    .refine((value) => !/[?#]/.test(value) && new URL(value).username === '', {
      error: 'must be the issuer alone, without a query, a fragment or a user name',
    });
}

function claim(example: string): z.ZodType<string> {
  return z.string().regex(/^\S+$/, `is not the name of one claim, such as ${example}`);
}

const schema = z.object({
  ...CHANNEL_SETTINGS,
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
  PLACET_DIGEST_AFTER: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'is not a whole number from 1 to 9999')
    .default('5')
    .transform(Number),
  PLACET_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'is not a mail address such as "Placet <placet@example.com>"')
    .default('Placet <placet@localhost>'),
  PLACET_OIDC_ISSUER: issuer().optional(),
  PLACET_OIDC_CLIENT_ID: z.string().optional(),
  PLACET_OIDC_CLIENT_SECRET: z.string().optional(),
  PLACET_OIDC_SCOPE: z
    .string()
    .refine((value) => words(value).includes('openid'), {
      error: 'must hold openid, such as "openid groups"',
    })
    .default('openid'),
  PLACET_OIDC_GROUPS_CLAIM: claim('groups').default('groups'),
  PLACET_OIDC_ACR: z.string().optional(),
  PLACET_AGENT_ISSUER: issuer().optional(),
  PLACET_AGENT_AUDIENCE: z.string().optional(),
  PLACET_AGENT_CLAIM: claim('client_id').default('client_id'),
  PLACET_AGENT_OWNER_CLAIM: claim('email').optional(),
  PLACET_STORE: z
    .string()
    .refine(() => false, {
      error: 'is not available in this version: remove it, and the journal is kept in the data folder',
    })
    .optional(),
  PLACET_WITNESSES: z
    .string()
    .transform((value, context) => {
      const found = words(value.replaceAll(',', ' '));
      const pairs = found.flatMap((vkey, i) => (i % 2 === 0 ? [{ vkey, url: found[i + 1] ?? '' }] : []));
      const whole = pairs.every(({ vkey, url }) => isWitnessKey(vkey) && isSecure(url));
      if (!whole) {
        context.addIssue(
          'must be pairs of a verifier key and an https:// address, such as "witness.example+1a2b3c4d+BAbc… https://witness.example"',
        );
        return z.NEVER;
      }
      return pairs.map(({ vkey, url }) => ({ vkey, url: url.replace(/\/+$/, '') }));
    })
    .default([]),
  PLACET_TSA_URL: url(['http:', 'https:'], 'https://tsa.example.com').optional(),
  PLACET_TSA_CA: z.string().optional(),
  PLACET_MONITOR_TOKEN: z
    .string()
    .regex(
      /^[\w.~+/=-]{32,256}$/,
      'must be 32 to 256 letters, digits or -._~+/=, such as "openssl rand -base64 32" gives',
    )
    .optional(),
  PLACET_AGENTS_SOCKET: z.string().startsWith('/', 'is not an absolute path').optional(),
});

function isWitnessKey(vkey: string): boolean {
  try {
    return parseVerifier(vkey).kind === 'cosignature';
  } catch {
    return false;
  }
}

/** https, or on this machine. */
function isSecure(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** What `.env` may name, besides those of webhooks and streams; `PLACET_DIR` says elsewhere where it is. */
export const KNOWN_SETTINGS: ReadonlySet<string> = new Set([...Object.keys(schema.shape), 'PLACET_DIR']);

export function isSetting(name: string): boolean {
  return KNOWN_SETTINGS.has(name) || isWebhookSetting(name) || isStreamSetting(name);
}

/** @throws ConfigError naming the setting, never its value */
export function parseSettings(workspace: string, variables: Readonly<Record<string, string>>): Settings {
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
  const data = resolve(workspace, settings.PLACET_DATA ?? 'data');
  return {
    workspace,
    data,
    port: settings.PLACET_PORT,
    host: settings.PLACET_HOST,
    ...(settings.PLACET_PUBLIC_URL === undefined
      ? {}
      : { publicUrl: settings.PLACET_PUBLIC_URL.replace(/\/+$/, '') }),
    ...(settings.PLACET_SMTP_URL === undefined ? {} : { smtpUrl: settings.PLACET_SMTP_URL }),
    mailFrom: settings.PLACET_MAIL_FROM,
    digestAfter: settings.PLACET_DIGEST_AFTER,
    channels: channelSettingsOf(settings, variables),
    streams: streamSettingsOf(variables, { workspace, data }),
    ...oidcOf(settings),
    ...agentIssuerOf(settings),
    witnesses: settings.PLACET_WITNESSES,
    ...(settings.PLACET_TSA_URL === undefined ? {} : { tsaUrl: settings.PLACET_TSA_URL }),
    ...(settings.PLACET_TSA_CA === undefined ? {} : { tsaCa: resolve(workspace, settings.PLACET_TSA_CA) }),
    ...(settings.PLACET_MONITOR_TOKEN === undefined ? {} : { monitorToken: settings.PLACET_MONITOR_TOKEN }),
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

/** @throws ConfigError naming the setting that is missing, never a value */
function agentIssuerOf(settings: z.infer<typeof schema>): { readonly agentIssuer?: AgentIssuerSettings } {
  const { PLACET_AGENT_ISSUER: found, PLACET_AGENT_AUDIENCE: audience } = settings;
  const { PLACET_AGENT_OWNER_CLAIM: ownerClaim } = settings;
  if (found === undefined) {
    const others = ['PLACET_AGENT_AUDIENCE', 'PLACET_AGENT_OWNER_CLAIM'] as const;
    const given = others.find((name) => settings[name] !== undefined);
    if (given === undefined) return {};
    throw new ConfigError(
      'bad_setting',
      `${given} is set and PLACET_AGENT_ISSUER is not: tokens of agents need an issuer. Mend it in .env or in the environment.`,
    );
  }
  return {
    agentIssuer: {
      issuer: found,
      agentClaim: settings.PLACET_AGENT_CLAIM,
      ...(audience === undefined ? {} : { audience }),
      ...(ownerClaim === undefined ? {} : { ownerClaim }),
    },
  };
}
