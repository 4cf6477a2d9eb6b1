import {
  auth,
  extractWWWAuthenticateParams,
  type OAuthClientProvider,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { ConfigError, messageOf, PlacetError } from '../../core/errors.ts';

/**
 * Signs in at a downstream: asks it where, registers, sends the person there, and exchanges the code for tokens, which
 * the client keeps.
 *
 * @returns `not_needed` when the server asks for no sign-in
 * @throws ConfigError `sign_in_failed`
 */
export async function signInAt(options: {
  readonly server: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly client: OAuthClientProvider;
  /** The code with which the person's browser comes back. */
  readonly code: Promise<string>;
}): Promise<'connected' | 'not_needed'> {
  const { server, url, client } = options;
  try {
    const response = await fetch(url, {
      headers: { ...options.headers, Accept: 'text/event-stream' },
      redirect: 'error',
    });
    await response.body?.cancel();
    if (response.status !== 401) return 'not_needed';
    const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(response);
    const asked = {
      serverUrl: url,
      ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
      ...(scope === undefined ? {} : { scope }),
    };
    // What was granted before is given up: whoever runs this wants to sign in.
    await client.invalidateCredentials?.('tokens');
    if ((await auth(client, asked)) === 'AUTHORIZED') return 'connected';
    const result = await auth(client, { ...asked, authorizationCode: await options.code });
    if (result === 'AUTHORIZED') return 'connected';
  } catch (error) {
    if (error instanceof PlacetError) throw error;
    throw new ConfigError(
      'sign_in_failed',
      `Signing in at the server ${server} failed: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  throw new ConfigError('sign_in_failed', `The server ${server} granted nothing.`);
}
