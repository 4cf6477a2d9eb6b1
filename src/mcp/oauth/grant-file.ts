import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';
import { ConfigError, messageOf } from '../../core/errors.ts';

/** What an authorization server has granted this workspace for one downstream. Everything in it is secret. */
export interface Grant {
  /** The downstream's address: what was granted for another is never sent there. */
  readonly url: string;
  /** The authorization server that granted it first; no other is believed later. */
  readonly issuer?: string;
  /** As what this workspace is registered, where it registered itself. */
  readonly client?: OAuthClientInformationMixed;
  readonly tokens?: OAuthTokens;
  /** When the access token ends, in milliseconds since the epoch; absent where the server did not say. */
  readonly expires_at?: number;
  /** Where sign-ins come back to, registered with the authorization server. */
  readonly redirect_url?: string;
}

/** The grant of one downstream, kept in the workspace. */
export interface GrantStore {
  /** Nothing where there is none for this very address. @throws ConfigError `grant_unusable` */
  read(): Grant | undefined;
  /** Changes what stands; durable when it returns. @throws ConfigError `grant_unusable` */
  update(change: (standing: Grant) => Grant): void;
}

const shape = z.object({
  v: z.literal(1),
  grant: z.object({
    url: z.string(),
    issuer: z.string().exactOptional(),
    client: z.custom<OAuthClientInformationMixed>(isObject).exactOptional(),
    tokens: z.custom<OAuthTokens>(isObject).exactOptional(),
    expires_at: z.number().exactOptional(),
    redirect_url: z.string().exactOptional(),
  }),
});

/** A file that only its owner may read. It is read anew each time: `placet connect` writes it beside a running host. */
export function openGrantFile(path: string, url: string): GrantStore {
  function read(): Grant | undefined {
    let text: string;
    try {
      if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
        throw unusable(
          path,
          'can be read by other users: `chmod 600` it, and sign in again if they may have seen it',
        );
      }
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error instanceof ConfigError
        ? error
        : unusable(path, `cannot be read: ${messageOf(error)}`, error);
    }
    const grant = parse(text)?.grant;
    if (!grant) throw unusable(path, 'is damaged: remove it and sign in again');
    return grant.url === url ? grant : undefined;
  }

  return {
    read,
    update(change) {
      const grant = change(read() ?? { url });
      const draft = `${path}.${randomUUID()}`;
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writeFileSync(draft, JSON.stringify({ v: 1, grant } satisfies z.infer<typeof shape>), {
          mode: 0o600,
          flag: 'wx',
        });
        chmodSync(draft, 0o600);
        const file = openSync(draft, 'r');
        fsyncSync(file);
        closeSync(file);
        renameSync(draft, path);
      } catch (error) {
        rmSync(draft, { force: true });
        throw unusable(path, `cannot be written: ${messageOf(error)}`, error);
      }
    },
  };
}

function parse(text: string): z.infer<typeof shape> | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function unusable(path: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError('grant_unusable', `The grant ${path} ${why}.`, { cause });
}
