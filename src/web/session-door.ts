import type { Clock } from '../core/clock.ts';
import type { PersonalReceipt } from '../core/entry.ts';
import type { LiveSession, Sessions } from '../reviewers/sessions.ts';
import { cookieLine, readCookie, type CookieNames } from './cookies.ts';
import type { Ctx } from './site-context.ts';

/** How a browser carries its session. */
export interface SessionDoor {
  /** The session that the request's cookie opens; a cookie that names none is nothing. */
  sessionOf(c: Ctx): LiveSession | undefined;
  /**
   * Opens a session under a token that nobody saw before, closes the one that the browser had, and sets the cookie.
   *
   * @throws IdentityError those of `Sessions.open`
   */
  admit(c: Ctx, person: string, receipt: PersonalReceipt): Promise<void>;
  /** Makes the browser forget its cookie. */
  forget(c: Ctx): void;
}

/** 32 bytes, base64url. */
const TOKEN = /^[\w-]{43}$/;

export function createSessionDoor(sessions: Sessions, cookies: CookieNames, clock: Clock): SessionDoor {
  const tokenOf = (c: Ctx): string | undefined => {
    const token = readCookie(c.req.header('cookie'), cookies.session);
    return token !== undefined && TOKEN.test(token) ? token : undefined;
  };
  const sessionOf = (c: Ctx): LiveSession | undefined => {
    const token = tokenOf(c);
    return token === undefined ? undefined : sessions.find(token);
  };
  const set = (c: Ctx, value: string, seconds: number) =>
    c.header('Set-Cookie', cookieLine(cookies.session, value, seconds, cookies), { append: true });

  return {
    sessionOf,
    async admit(c, person, receipt) {
      const replaces = sessionOf(c) && tokenOf(c);
      const { token, expires_at } = await sessions.open({
        person,
        receipt,
        ...(replaces === undefined ? {} : { replaces }),
      });
      set(c, token, (Date.parse(expires_at) - clock.now()) / 1000);
    },
    forget: (c) => set(c, '', 0),
  };
}
