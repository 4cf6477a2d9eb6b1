import { z } from 'zod';
import { ConfigError } from './core/errors.ts';

/** How chats and programs are reached. Tokens, secrets and addresses are secret: they appear in no message. */
export interface ChannelSettings {
  readonly slack?: SlackSettings;
  /** The address of a Workflows webhook of Microsoft Teams. */
  readonly teamsUrl?: string;
  readonly webhooks: readonly WebhookSettings[];
  /** Hosts, addresses and networks (CIDR) inside, which webhooks may reach all the same. */
  readonly webhookAllow: readonly string[];
  readonly pagerduty?: { readonly routingKey: string; readonly url: string };
}

export interface SlackSettings {
  readonly botToken: string;
  /** With which Slack signs what it sends to the endpoint; nothing where only Socket Mode is used, or no button. */
  readonly signingSecret?: string;
  /** With which a connection of Socket Mode is opened. */
  readonly appToken?: string;
  /** With a slash at its end. */
  readonly apiUrl: string;
}

export interface WebhookSettings {
  /** As a rule names it, after `webhook:`. */
  readonly name: string;
  readonly url: string;
  /** Standard Webhooks: `whsec_…` (HMAC) or `whsk_…` (Ed25519). Each signs, so that they can be changed without a gap. */
  readonly secrets: readonly string[];
}

const WEBHOOK = /^PLACET_WEBHOOK_([A-Z0-9]+(?:_[A-Z0-9]+)*)_(URL|SECRET)$/;

const httpUrl = (example: string) =>
  z.string().refine((value) => URL.canParse(value) && isSecure(value) && hasNoUser(value), {
    error: `is not an address such as ${example}, or is not https beyond this machine, or holds a user or a password`,
  });

/** The settings of channels, but those of webhooks, which bear names. */
export const CHANNEL_SETTINGS = {
  PLACET_SLACK_BOT_TOKEN: z
    .string()
    .regex(/^xoxb-[\w-]+$/, 'is not the token of a bot, which begins with xoxb-')
    .optional(),
  PLACET_SLACK_SIGNING_SECRET: z
    .string()
    .regex(/^[0-9a-f]{16,128}$/, 'is not the signing secret of an app, which is hexadecimal')
    .optional(),
  PLACET_SLACK_APP_TOKEN: z
    .string()
    .regex(/^xapp-[\w-]+$/, 'is not an app-level token, which begins with xapp-')
    .optional(),
  PLACET_SLACK_API_URL: httpUrl('https://slack.com/api/').default('https://slack.com/api/'),
  PLACET_TEAMS_URL: httpUrl('https://prod-1.westeurope.logic.azure.com/workflows/…').optional(),
  PLACET_WEBHOOK_ALLOW: z.string().default(''),
  PLACET_PAGERDUTY_ROUTING_KEY: z
    .string()
    .regex(/^[A-Za-z0-9]{32}$/, 'is not a routing key of 32 letters and digits')
    .optional(),
  PLACET_PAGERDUTY_URL: httpUrl('https://events.pagerduty.com').default('https://events.pagerduty.com'),
} as const;

type Values = z.infer<z.ZodObject<typeof CHANNEL_SETTINGS>>;

export function isWebhookSetting(name: string): boolean {
  return WEBHOOK.test(name);
}

/** @throws ConfigError naming the setting, never its value */
export function channelSettingsOf(
  values: Values,
  variables: Readonly<Record<string, string>>,
): ChannelSettings {
  const {
    PLACET_SLACK_BOT_TOKEN: botToken,
    PLACET_SLACK_SIGNING_SECRET: signingSecret,
    PLACET_SLACK_APP_TOKEN: appToken,
    PLACET_PAGERDUTY_ROUTING_KEY: routingKey,
    PLACET_TEAMS_URL: teamsUrl,
  } = values;
  if (botToken === undefined && (signingSecret ?? appToken) !== undefined) {
    const given = signingSecret === undefined ? 'PLACET_SLACK_APP_TOKEN' : 'PLACET_SLACK_SIGNING_SECRET';
    throw refused(`${given} is set and PLACET_SLACK_BOT_TOKEN is not: Slack needs a bot`);
  }
  return {
    ...(botToken === undefined
      ? {}
      : {
          slack: {
            botToken,
            apiUrl: values.PLACET_SLACK_API_URL.replace(/\/*$/, '/'),
            ...(signingSecret === undefined ? {} : { signingSecret }),
            ...(appToken === undefined ? {} : { appToken }),
          },
        }),
    ...(teamsUrl === undefined ? {} : { teamsUrl }),
    webhooks: webhooksOf(variables),
    webhookAllow: words(values.PLACET_WEBHOOK_ALLOW.replaceAll(',', ' ')),
    ...(routingKey === undefined
      ? {}
      : { pagerduty: { routingKey, url: values.PLACET_PAGERDUTY_URL.replace(/\/+$/, '') } }),
  };
}

function webhooksOf(variables: Readonly<Record<string, string>>): readonly WebhookSettings[] {
  const named = Object.keys(variables).flatMap((setting) => WEBHOOK.exec(setting)?.[1] ?? []);
  return [...new Set(named)]
    .sort()
    .map((name) => {
      const [urlSetting, secretSetting] = [`PLACET_WEBHOOK_${name}_URL`, `PLACET_WEBHOOK_${name}_SECRET`];
      const url = variables[urlSetting] ?? '';
      const secrets = words(variables[secretSetting] ?? '');
      if (url === '' && secrets.length === 0) return [];
      if (url === '' || secrets.length === 0) {
        const [given, missing] = url === '' ? [secretSetting, urlSetting] : [urlSetting, secretSetting];
        throw refused(`${given} is set and ${missing} is not: a webhook needs both`);
      }
      if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol))
        throw refused(`${urlSetting} is not an address such as https://siem.example.com/placet`);
      if (!secrets.every((secret) => /^(?:whsec|whsk)_[A-Za-z0-9+/=]{32,}$/.test(secret)))
        throw refused(
          `${secretSetting} must be one or more secrets of Standard Webhooks, separated by spaces: whsec_ and the base64 of 24 bytes or more, or whsk_ and that of an Ed25519 key`,
        );
      return [{ name: name.toLowerCase().replaceAll('_', '-'), url, secrets }];
    })
    .flat();
}

function hasNoUser(address: string): boolean {
  const { username, password } = new URL(address);
  return username === '' && password === '';
}

function isSecure(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && here);
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function refused(why: string): ConfigError {
  return new ConfigError('bad_setting', `${why}. Mend it in .env or in the environment.`);
}
