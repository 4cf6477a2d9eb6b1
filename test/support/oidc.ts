import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Context } from 'oidc-provider';

/** Somebody at the identity provider. The tests may change it while the provider runs. */
export interface ProviderAccount {
  sub: string;
  groups?: readonly string[] | string;
  acr?: string;
}

export interface OpenProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** By the name that is typed in at the sign-in page. */
  readonly accounts: Map<string, ProviderAccount>;
  readonly close: () => Promise<void>;
}

const CLIENT_ID = 'placet';
const CLIENT_SECRET = 'a secret for tests that is long enough';
/** The authentication contexts that accounts may have. */
const ACR_VALUES = ['password', 'two-factor'];

/**
 * A real OpenID Connect provider (oidc-provider) on a free loopback port, whose sign-in page asks for an account name
 * alone. It has no scripts, so a browser and `signOnOver` use it alike.
 */
export async function openProvider(options: {
  readonly redirectUris: readonly string[];
  readonly accounts: Readonly<Record<string, ProviderAccount>>;
}): Promise<OpenProvider> {
  const accounts = new Map(Object.entries(options.accounts));
  const server = createServer();
  const issuer = await listen(server);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: options.redirectUris,
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['a key for the cookies of a test'] },
    acrValues: ACR_VALUES,
    claims: { openid: ['sub', 'groups'], acr: null, auth_time: null },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: Context, { uid }: { readonly uid: string }) => `/sign-in/${uid}` },
    ttl: {
      AccessToken: 60,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 3600,
    },
    findAccount: (_: Context, sub: string) => {
      const account = [...accounts.values()].find((each) => each.sub === sub);
      if (!account) return undefined;
      const { groups } = account;
      return { accountId: sub, claims: () => ({ sub, ...(groups === undefined ? {} : { groups }) }) };
    },
    // Nobody is asked whether this site may know who they are.
    loadExistingGrant: async ({ oidc }: Context) => {
      const { clientId } = oidc.client;
      const grant = new provider.Grant({ clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  });
  const handle = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const answered = request.url?.startsWith('/sign-in/')
      ? signIn(provider, accounts, request, response)
      : handle(request, response);
    answered.catch((error: unknown) => {
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(error));
    });
  });
  return {
    issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    accounts,
    close: () => close(server),
  };
}

async function signIn(
  provider: Provider,
  accounts: ReadonlyMap<string, ProviderAccount>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { uid } = await provider.interactionDetails(request, response);
  const page = (problem = '') =>
    response.writeHead(problem === '' ? 200 : 422, { 'Content-Type': 'text/html; charset=utf-8' }).end(
      `<!doctype html><html lang="en"><head><title>Sign in</title></head><body><main><h1>Sign in</h1>
<p role="alert">${problem}</p>
<form method="post" action="/sign-in/${uid}">
<label for="account">Account</label> <input id="account" name="account" required>
<button type="submit">Sign in</button> <button type="submit" name="cancel" value="yes" formnovalidate>Cancel</button>
</form></main></body></html>`,
    );
  if (request.method !== 'POST') {
    page();
    return;
  }
  const posted = new URLSearchParams(await bodyOf(request));
  const account = accounts.get(posted.get('account') ?? '');
  if (posted.has('cancel')) {
    const result = { error: 'access_denied', error_description: 'The person pressed Cancel.' };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    return;
  }
  if (!account) {
    page('There is no such account.');
    return;
  }
  const login = { accountId: account.sub, ...(account.acr === undefined ? {} : { acr: account.acr }) };
  await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
}

/** Cookies of one browser at one provider. */
export type CookieJar = Map<string, string>;

/**
 * Signs on as a person would in a browser: follows the provider's redirects, types the account's name where it asks
 * for one, and stops at the first address outside the provider.
 *
 * @param options.jar a browser that is kept, so that the provider may know who is there
 * @returns the address that the browser was sent back to, whether the sign-on succeeded or not
 */
export async function signOnOver(
  url: string,
  options: { readonly account: string; readonly jar?: CookieJar; readonly button?: 'sign in' | 'cancel' },
): Promise<string> {
  const { account, jar = new Map<string, string>(), button = 'sign in' } = options;
  const { origin } = new URL(url);
  let next = url;
  let form: URLSearchParams | undefined;
  for (let steps = 0; steps < 10; steps += 1) {
    const response = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) keep(line, jar);
    const location = response.headers.get('location');
    if (location === null) {
      const action = /<form method="post" action="([^"]+)"/.exec(await response.text())?.[1];
      if (action === undefined || form !== undefined) {
        throw new Error(`The provider answered ${response.status} at ${new URL(next).pathname}.`);
      }
      next = new URL(action, next).href;
      form = new URLSearchParams({ account, ...(button === 'cancel' ? { cancel: 'yes' } : {}) });
      continue;
    }
    form = undefined;
    next = new URL(location, next).href;
    if (new URL(next).origin !== origin) return next;
  }
  throw new Error('The provider redirects without end.');
}

function keep(line: string, jar: CookieJar): void {
  const [pair = '', ...attributes] = line.split(';');
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  const expires = attributes.find((each) => /^\s*expires=/i.test(each))?.split('=')[1];
  if (value === '' || (expires !== undefined && Date.parse(expires) <= Date.now())) jar.delete(name);
  else jar.set(name, value);
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'test' };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** One that was closed before, as a provider that is down, is closed. */
async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.closeAllConnections();
  await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
