import type { MiddlewareHandler } from 'hono';
import type { ConsoleKit } from './console-kit.ts';
import * as problems from './problems.ts';
import type { ReturnPaths } from './return-path.ts';
import type { SessionDoor } from './session-door.ts';
import { wantsPage } from './site-kit.ts';
import type { Ctx, Env, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';

/** Lets nobody below `/console` who is not signed in: people are led to the door, programs are told. */
export function createConsoleGate(
  options: ReviewSiteOptions,
  parts: {
    readonly kit: SiteKit;
    readonly consoleKit: ConsoleKit;
    readonly door: SessionDoor;
    readonly returns: ReturnPaths;
  },
): MiddlewareHandler<Env> {
  const { kit, door, returns } = parts;

  const toTheDoor = (c: Ctx): Response | Promise<Response> => {
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
    if (!reads || !wantsPage(c)) {
      c.header('WWW-Authenticate', 'Session realm="Placet"');
      return kit.refuse(c, problems.SIGNED_OUT);
    }
    const back = returns.seal(`${c.req.path.slice(1)}${new URL(c.req.url).search}`);
    return c.redirect(`${kit.rootOf(c)}sign-in${back === undefined ? '' : `?to=${back}`}`, 303);
  };

  return async (c, next) => {
    const session = door.sessionOf(c);
    await options.limits.count('api', session?.sha256 ?? kit.addressOf(c));
    if (!session) return toTheDoor(c);
    await parts.consoleKit.welcome(c, session);
    return next();
  };
}
