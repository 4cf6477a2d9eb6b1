import type { SignOnReceipt } from '../core/entry.ts';
import { DecisionError, IdentityError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { isLinkToken } from '../core/link.ts';
import type { SignOnPurpose, SingleSignOn } from '../reviewers/sso.ts';
import type { AccountRoutes } from './account-routes.ts';
import type { ConsoleKit } from './console-kit.ts';
import { cookieLine, readCookie, type CookieNames } from './cookies.ts';
import { AMBIGUOUS } from './decision-form.ts';
import { SIGN_ON_MS, type KeyRoutes } from './key-routes.ts';
import { readPosted } from './posted.ts';
import * as problems from './problems.ts';
import type { ReturnPaths } from './return-path.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import type { SessionDoor } from './session-door.ts';
import { isRefusal } from './sign-in-routes.ts';
import { wantsPage } from './site-kit.ts';
import type { Ctx, RequestRoutes, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import type { ToolRoutes } from './tool-routes.ts';
import { continuePage, unlinkedPage } from './views/sign-in-page.ts';

export interface SsoRoutes {
  /**
   * `?for=sign-in&to=…`, `?for=link&token=…`, `?for=request&id=…`, `?for=definition&id=…`,
   * `?for=account&state=…` or `?for=key&draft=…`
   */
  readonly start: (c: Ctx) => Promise<Response>;
  readonly callback: (c: Ctx) => Promise<Response>;
  readonly resume: (c: Ctx) => Promise<Response>;
}

/** How long somebody may take at the identity provider, and then to press the button. */
const UNDER_WAY_MS = 10 * 60 * 1000;
/** How long ago somebody may have proved who they are who links an account. */
const ACCOUNT_MS = 5 * 60 * 1000;
const PURPOSE = 'sso_under_way';
const COOKIE_MAX = 4096;

const NOT_SET_UP: problems.Problem = {
  status: 404,
  code: 'not_found',
  title: 'There is no single sign-on here',
  detail: 'This workspace has no identity provider. Whoever runs Placet can set one with PLACET_OIDC_ISSUER.',
};

/** The way to the identity provider and back. Nothing here is appended by a GET. */
export function createSsoRoutes(
  options: ReviewSiteOptions,
  parts: {
    readonly kit: SiteKit;
    readonly door: SessionDoor;
    readonly forms: SealedForms;
    readonly returns: ReturnPaths;
    readonly cookies: CookieNames;
    readonly requests: RequestRoutes;
    readonly tools: Pick<ToolRoutes, 'showSignedOn'>;
    readonly accounts: Pick<AccountRoutes, 'showSignedOn'>;
    readonly keys: Pick<KeyRoutes, 'showSignedOn'>;
    readonly consoleKit: ConsoleKit;
    readonly publicUrl: URL;
  },
): SsoRoutes {
  const { clock, seals, limits, reviews, acceptance } = options;
  const { kit, door, forms, returns, cookies, requests } = parts;

  const set = (c: Ctx, value: string, maxAge: number) =>
    c.header('Set-Cookie', cookieLine(cookies.signOn, value, maxAge, cookies), { append: true });
  const held = (c: Ctx) => readCookie(c.req.header('cookie'), cookies.signOn);

  /** How fresh a sign-on has to be for a link. Unknown links are counted by the address of who tries them. */
  const maxAgeOfLink = async (c: Ctx, token: string): Promise<number> => {
    const address = kit.addressOf(c);
    await limits.check('link', address);
    try {
      if (!isLinkToken(token)) throw new DecisionError('link_unknown', problems.LINK_UNKNOWN.detail);
      return (await reviews.view({ kind: 'link', token })).max_age_ms;
    } catch (thrown) {
      if (isRefusal(thrown) && thrown.code === 'link_unknown') await limits.count('link', address);
      throw thrown;
    }
  };

  /** What is asked for: why, and how fresh the sign-on has to be. */
  const purposeOf = async (
    c: Ctx,
  ): Promise<{ purpose: SignOnPurpose; maxAgeMs?: number } | problems.Problem> => {
    switch (c.req.query('for')) {
      case 'sign-in':
        return { purpose: { kind: 'sign_in' } };
      case 'link': {
        const token = c.req.query('token') ?? '';
        return { purpose: { kind: 'link', token }, maxAgeMs: await maxAgeOfLink(c, token) };
      }
      case 'request': {
        const session = door.sessionOf(c);
        if (!session) return problems.SIGNED_OUT;
        const access = {
          kind: 'session',
          person: session.person,
          request_id: c.req.query('id') ?? '',
        } as const;
        const { max_age_ms: maxAgeMs } = await reviews.view(access);
        return { purpose: access, maxAgeMs };
      }
      case 'definition': {
        const session = door.sessionOf(c);
        if (!session) return problems.SIGNED_OUT;
        const { person } = session;
        const definition = c.req.query('id') ?? '';
        const { max_age_ms: maxAgeMs } = acceptance.view(person, definition);
        return { purpose: { kind: 'acceptance', person, definition }, maxAgeMs };
      }
      case 'account': {
        const session = door.sessionOf(c);
        if (!session) return problems.SIGNED_OUT;
        const state = c.req.query('state') ?? '';
        if (options.accounts?.open(state) === undefined) return problems.NOT_FOUND;
        return { purpose: { kind: 'account', person: session.person, state }, maxAgeMs: ACCOUNT_MS };
      }
      case 'key': {
        const session = door.sessionOf(c);
        if (!session) return problems.SIGNED_OUT;
        const draft = c.req.query('draft') ?? '';
        if (!forms.open('make_key', session.sha256, draft)) return problems.STALE_FORM;
        return { purpose: { kind: 'key', person: session.person, draft }, maxAgeMs: SIGN_ON_MS };
      }
      default:
        return problems.NOT_FOUND;
    }
  };

  const finish = async (c: Ctx, sso: SingleSignOn) => {
    const cookie = held(c);
    const sealed =
      cookie !== undefined && cookie.length <= COOKIE_MAX ? seals.open(PURPOSE, cookie) : undefined;
    if (typeof sealed !== 'object' || sealed === null || Array.isArray(sealed))
      throw new IdentityError(
        'sso_refused',
        'This browser did not begin this sign-on, or too long ago. Begin again, and allow the cookies of this site.',
      );
    const url = `${parts.publicUrl.href.replace(/\/$/, '')}${c.req.path}${new URL(c.req.url).search}`;
    const begun = sealed as JsonObject;
    return { ...(await sso.finish({ url, cookie: textOf(begun, 'cookie') })), to: textOf(begun, 'to') };
  };

  const askToContinue = (c: Ctx, person: { id: string; name: string }, signOn: SignOnReceipt, to: string) => {
    // Bound to this browser: a form that was copied out of it opens nothing elsewhere.
    const browser = forms.nonce();
    set(c, browser, UNDER_WAY_MS / 1000);
    const value = { person: person.id, sign_on: signOn, to, until: clock.now() + UNDER_WAY_MS };
    const proof = forms.seal('sso_continue', browser, value as unknown as JsonObject);
    return c.html(continuePage({ root: kit.rootOf(c), name: person.name, proof }));
  };

  return {
    async start(c) {
      if (!options.sso) return kit.refuse(c, NOT_SET_UP);
      await limits.check('sign_in', kit.addressOf(c));
      const asked = await purposeOf(c);
      if ('status' in asked) {
        return asked === problems.SIGNED_OUT && wantsPage(c)
          ? c.redirect(`${kit.rootOf(c)}sign-in`, 303)
          : kit.refuse(c, asked);
      }
      const { url, cookie } = await options.sso.start(asked);
      const to = returns.open(c.req.query('to'));
      set(c, seals.seal(PURPOSE, { cookie, to }, clock.now() + UNDER_WAY_MS), UNDER_WAY_MS / 1000);
      return c.redirect(url, 302);
    },

    async callback(c) {
      const { sso } = options;
      if (!sso) return kit.refuse(c, NOT_SET_UP);
      const address = kit.addressOf(c);
      await limits.check('sign_in', address);
      let finished: Awaited<ReturnType<typeof finish>>;
      try {
        finished = await finish(c, sso);
      } catch (thrown) {
        set(c, '', 0);
        if (isRefusal(thrown) && problems.problemOf(thrown).status < 500)
          await limits.count('sign_in', address);
        throw thrown;
      }
      const { purpose, person, sign_on: signOn, to } = finished;
      if (!person) {
        set(c, '', 0);
        return c.html(unlinkedPage({ root: kit.rootOf(c), signOn }), 403);
      }
      if (purpose.kind === 'sign_in') return askToContinue(c, person, signOn, to);
      set(c, '', 0);
      if (purpose.kind !== 'link') {
        const session = door.sessionOf(c);
        if (session?.person !== purpose.person) return kit.refuse(c, problems.SIGNED_OUT);
        await parts.consoleKit.welcome(c, session);
      }
      if (purpose.kind === 'acceptance') return parts.tools.showSignedOn(c, purpose.definition, signOn);
      if (purpose.kind === 'account') return parts.accounts.showSignedOn(c, purpose.state, signOn);
      if (purpose.kind === 'key') return parts.keys.showSignedOn(c, purpose.draft, signOn);
      return requests.showSignedOn(c, purpose, signOn);
    },

    async resume(c) {
      const address = kit.addressOf(c);
      await limits.check('sign_in', address);
      const posted = readPosted(await c.req.text());
      if (!posted) return kit.refuse(c, AMBIGUOUS);
      const browser = held(c);
      const served =
        browser === undefined ? undefined : forms.open('sso_continue', browser, posted.get('proof'));
      const signOn = served?.['sign_on'];
      const person = options.people().people.find((each) => each.id === textOf(served ?? {}, 'person'));
      if (!served || Number(served['until']) <= clock.now() || !person || typeof signOn !== 'object') {
        await limits.count('sign_in', address);
        return kit.refuse(c, problems.STALE_FORM);
      }
      set(c, '', 0);
      try {
        await door.admit(c, person.id, signOn as unknown as SignOnReceipt);
      } catch (thrown) {
        if (isRefusal(thrown)) await limits.count('sign_in', address);
        throw thrown;
      }
      return c.redirect(`${kit.rootOf(c)}${textOf(served, 'to')}`, 303);
    },
  };
}
