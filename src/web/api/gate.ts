import type { MiddlewareHandler } from 'hono';
import { IdentityError, LimitError } from '../../core/errors.ts';
import { AGENT_KEY_PREFIX } from '../../guard/agent-keys.ts';
import type { KeyHolder } from '../../reviewers/api-keys.ts';
import type { Problem } from '../problems.ts';
import type { Ctx, Env, SiteKit } from '../site-context.ts';
import type { ReviewSiteOptions } from '../site-options.ts';
import { AGENT_KEY, NO_KEY } from './problems.ts';

const POLICY = 'key';

/** Lets nobody to the API but by a reviewer's key that holds. Cookies are not read. */
export function createGate(
  options: Pick<ReviewSiteOptions, 'apiKeys' | 'limits'>,
  kit: SiteKit,
): MiddlewareHandler<Env> {
  const { apiKeys, limits } = options;

  const callerOf = (c: Ctx): KeyHolder | Problem => {
    const [, bearer] = /^bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
    if (bearer === undefined) return NO_KEY;
    if (bearer.startsWith(AGENT_KEY_PREFIX)) return AGENT_KEY;
    try {
      return apiKeys.authenticate(bearer);
    } catch (thrown) {
      if (!(thrown instanceof IdentityError)) throw thrown;
      const { code, message: detail } = thrown;
      return { status: 401, code, title: 'The key was not accepted', detail };
    }
  };

  return async (c, next) => {
    const caller = callerOf(c);
    if ('status' in caller) {
      // Those whose key holds are let in, however many others fail from their address.
      await limits.count('bearer', kit.addressOf(c));
      const why = caller === NO_KEY ? '' : ', error="invalid_token"';
      c.header('WWW-Authenticate', `Bearer realm="Placet API"${why}`);
      return kit.refuse(c, caller);
    }
    const quota = await limits.count('key', caller.key.key_sha256).catch((thrown: unknown) => {
      if (thrown instanceof LimitError) c.header('RateLimit', `"${POLICY}";r=0;t=${thrown.retry_after}`);
      throw thrown;
    });
    c.set('caller', caller);
    await next();
    c.res.headers.set('RateLimit-Policy', `"${POLICY}";q=${quota.limit};w=${quota.window}`);
    c.res.headers.set('RateLimit', `"${POLICY}";r=${quota.left};t=${quota.reset}`);
  };
}

/** Who called, behind the gate. */
export function callerIn(c: Ctx): KeyHolder {
  const caller = c.get('caller');
  if (!caller) throw new Error('The API was reached without a key.');
  return caller;
}
