import type { HttpBindings } from '@hono/node-server';
import { isLoopback, type AgentIssuerSettings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { CallError, LimitError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { People } from '../core/person.ts';
import { REVIEWER_KEY_PREFIX } from '../core/reviewer-access.ts';
import { AGENT_KEY_PREFIX } from '../guard/agent-keys.ts';
import type { VerifiedToken } from '../mcp/agent-token.ts';
import { failure } from '../mcp/http-answers.ts';
import { createHttpEndpoint, type HttpClient } from '../mcp/http-endpoint.ts';
import { createLimits } from '../reviewers/limits.ts';
import { addressBehind } from '../web/client-address.ts';
import type { AgentAccess } from './agent-access.ts';
import type { Clients } from './clients.ts';

type Bindings = Partial<HttpBindings>;

/** Where agents speak MCP over HTTP, beside the reviewers' site and with nothing in common with it. */
export interface McpSite {
  /** Nothing for what is not its own. */
  fetch(request: Request, env: Bindings): Promise<Response> | undefined;
  close(): Promise<void>;
}

/** What begins the credential of who has a key. */
const OF_KEY = 'key ';
const METADATA = '/.well-known/oauth-protected-resource';

export function createMcpSite(options: {
  readonly publicUrl: string;
  readonly issuer: AgentIssuerSettings | undefined;
  readonly access: AgentAccess;
  readonly clients: Pick<Clients, 'open'>;
  readonly people: () => People;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): McpSite {
  const { publicUrl, issuer, access, clients, people, clock } = options;
  const base = new URL(publicUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  const resource = `${base.origin}${prefix}/mcp`;
  const metadataUrl = `${base.origin}${METADATA}${prefix}/mcp`;
  const limits = createLimits();
  const tokens = issuer && tokensOf(issuer, { audience: issuer.audience ?? resource, people, clock });
  const endpoint = createHttpEndpoint({
    ...options,
    async open(link, { agent, credential }) {
      const session = await clients.open(link, { agent, identity: 'authenticated' });
      const key = credential.startsWith(OF_KEY) ? access.keyOf(credential.slice(OF_KEY.length)) : undefined;
      if (key) void session.closed.then(access.sessions.opened(key, () => void link.close()));
      return session;
    },
  });

  async function prove(request: Request): Promise<HttpClient> {
    const [, bearer] = /^Bearer +([\w.~+/=-]+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    if (bearer === undefined)
      throw new CallError('agent_credential_needed', 'This needs a bearer credential of an agent.');
    const isKey = [AGENT_KEY_PREFIX, REVIEWER_KEY_PREFIX].some((prefix) => bearer.startsWith(prefix));
    if (!isKey && tokens) return tokens(bearer);
    const { agent, key_id, expires_at } = access.authenticate(bearer);
    if (!people().agents.some((each) => each.id === agent)) {
      throw new CallError('unknown_agent', `This workspace does not know the agent ${agent} any more.`);
    }
    return {
      agent,
      credential: `${OF_KEY}${key_id}`,
      ...(expires_at === undefined ? {} : { expires_at: Date.parse(expires_at) }),
    };
  }

  async function answer(request: Request, env: Bindings): Promise<Response> {
    const forwarded = request.headers.get('x-forwarded-for') ?? undefined;
    const address = addressBehind(env.incoming?.socket.remoteAddress, forwarded, base);
    try {
      // Proving comes first: whoever guesses from an address must not lock out those there who need not.
      const client = await prove(request).catch(async (error: unknown) => {
        if (isWrongTry(error)) await limits.count('sign_in', address);
        throw error;
      });
      return await endpoint.answer(request, client);
    } catch (error) {
      if (error instanceof LimitError) {
        return failure(429, error.message, { 'Retry-After': String(error.retry_after) });
      }
      if (!(error instanceof CallError)) throw error;
      return refused(error);
    }
  }

  /** RFC 6750, section 3, and RFC 9728, section 5.1. */
  function refused({ code, message }: CallError): Response {
    if (code === 'issuer_unreachable') return failure(503, message, { 'Retry-After': '5' });
    if (code === 'unknown_agent' || code === 'wrong_owner') return failure(403, message);
    const where = issuer ? [`resource_metadata="${metadataUrl}"`] : [];
    const why = code === 'agent_credential_needed' ? [] : ['error="invalid_token"'];
    return failure(401, message, {
      'WWW-Authenticate': `Bearer ${['realm="placet"', ...why, ...where].join(', ')}`,
    });
  }

  function metadata(): Response {
    if (!issuer)
      return failure(404, 'No issuer of tokens is set up here: agents use keys that Placet issues.');
    return Response.json({
      resource,
      authorization_servers: [issuer.issuer],
      bearer_methods_supported: ['header'],
      resource_name: 'Placet',
    });
  }

  /**
   * Against pages that let a name of theirs point here (DNS rebinding), and against pages of others. The name counts and
   * not the port: what a page of this machine lacks is the credential, which no browser sends by itself.
   */
  function isAddressedToUs({ headers }: Request): boolean {
    const origin = headers.get('origin');
    return isOurName(`http://${headers.get('host') ?? ''}`) && (origin === null || isOurName(origin));
  }

  function isOurName(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const { hostname } = new URL(address);
    return hostname === base.hostname || isLoopback(hostname);
  }

  return {
    fetch(request, env) {
      const { pathname } = new URL(request.url);
      const own = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname;
      const isMetadata = pathname === METADATA || pathname === `${METADATA}${prefix}/mcp`;
      if (own !== '/mcp' && !isMetadata) return undefined;
      if (!isAddressedToUs(request)) {
        return Promise.resolve(
          failure(403, 'This came from another site, or under a name that is not ours.'),
        );
      }
      if (own === '/mcp') return answer(request, env);
      return Promise.resolve(
        request.method === 'GET' || request.method === 'HEAD' ? metadata() : failure(405, 'Use GET.'),
      );
    },
    close: () => endpoint.close(),
  };
}

/**
 * Who asks where to get a token has tried none, that an issuer is away is nobody's fault, and who shows what was issued
 * to them guesses nothing.
 */
const NO_WRONG_TRY: ReadonlySet<string> = new Set([
  'agent_credential_needed',
  'agent_token_expired',
  'issuer_unreachable',
  'unknown_agent',
  'wrong_owner',
]);

function isWrongTry(error: unknown): boolean {
  return !(error instanceof CallError && NO_WRONG_TRY.has(error.code));
}

/** What checks tokens is loaded with the first of them. */
function tokensOf(
  { issuer, agentClaim, ownerClaim }: AgentIssuerSettings,
  rest: { readonly audience: string; readonly people: () => People; readonly clock: Clock },
): (token: string) => Promise<VerifiedToken> {
  let loading: Promise<(token: string) => Promise<VerifiedToken>> | undefined;
  const load = async () => {
    const { createAgentTokens } = await import('../mcp/agent-token.ts');
    return createAgentTokens({
      issuer,
      agentClaim,
      ...(ownerClaim === undefined ? {} : { ownerClaim }),
      ...rest,
    });
  };
  return async (token) => (await (loading ??= load()))(token);
}
