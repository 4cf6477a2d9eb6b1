import type { PersonalReceipt, SignOnReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Accounts, ForeignAccount } from '../reviewers/accounts.ts';
import { isProblem, type ConsoleKit } from './console-kit.ts';
import * as problems from './problems.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import { isRefusal } from './sign-in-routes.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { accountMain } from './views/console/account-page.ts';

type Route = (c: Ctx) => Promise<Response>;

export interface AccountRoutes {
  /** `?state=…`, as the link in Slack has it. */
  readonly show: Route;
  /** The same page with a form that carries the sign-on. */
  readonly showSignedOn: (c: Ctx, state: string, signOn: SignOnReceipt) => Promise<Response>;
  readonly link: Route;
  readonly unlink: Route;
}

const STALE: problems.Problem = {
  status: 410,
  code: 'link_over',
  title: 'This link is too old',
  detail: 'It holds for ten minutes. Press the button in Slack again, and open the new link.',
};

/** A person's accounts elsewhere. To link one takes a passkey or a fresh sign-on: a session alone links nothing. */
export function createAccountRoutes(
  options: ReviewSiteOptions,
  parts: {
    readonly kit: SiteKit;
    readonly consoleKit: ConsoleKit;
    readonly forms: SealedForms;
    /** The person's own page, where something is wrong with a form that was posted from it. */
    readonly me: (c: Ctx, problem?: problems.Problem) => Promise<Response>;
  },
): AccountRoutes {
  const { accounts } = options;
  const { kit, consoleKit, forms } = parts;

  const page = async (
    c: Ctx,
    { accounts, state }: { readonly accounts: Accounts; readonly state: string },
    more: { readonly problem?: problems.Problem; readonly signOn?: SignOnReceipt } = {},
  ): Promise<Response> => {
    const account = accounts.open(state);
    if (!account) return parts.me(c, STALE);
    const { session } = consoleKit.visitorOf(c);
    const { person } = session;
    const against = accounts.obstacle(person, account);
    const nonce = forms.nonce();
    const { team, user } = account;
    const toSign = consoleKit.toSign(person, {
      act: 'link_account',
      person,
      channel: 'slack',
      team,
      user,
      nonce,
    });
    const { signOn } = more;
    const value = { state, nonce, ...(signOn ? { sign_on: signOn as unknown as JsonObject } : {}) };
    const problem = more.problem ?? (against && problems.problemOf(against));
    return consoleKit.page(c, {
      title: 'Link your account in Slack',
      main: accountMain({
        root: kit.rootOf(c),
        person: session.holder,
        account,
        possible: !against,
        proof: forms.seal('link_account', session.sha256, value),
        ...(toSign ? { toSign } : {}),
        signedOn: signOn !== undefined,
        ...(options.sso
          ? {
              signOnAt: `${kit.rootOf(c)}sso/start?${new URLSearchParams({ for: 'account', state }).toString()}`,
            }
          : {}),
      }),
      ...(problem ? { problem } : {}),
    });
  };

  const receiptOf = async (
    person: string,
    account: ForeignAccount,
    posted: { readonly served: JsonObject; readonly fields: ReadonlyMap<string, string> },
  ): Promise<PersonalReceipt> => {
    const signOn = posted.served['sign_on'];
    if (signOn !== undefined && posted.fields.get('assertion') === undefined)
      return signOn as unknown as SignOnReceipt;
    const { team, user } = account;
    const nonce = textOf(posted.served, 'nonce');
    const act = { act: 'link_account', person, channel: 'slack', team, user, nonce } as const;
    return consoleKit.signed(person, act, posted.fields.get('assertion'));
  };

  return {
    show: async (c) =>
      accounts ? page(c, { accounts, state: c.req.query('state') ?? '' }) : kit.refuse(c, problems.NOT_FOUND),

    showSignedOn: async (c, state, signOn) =>
      accounts ? page(c, { accounts, state }, { signOn }) : kit.refuse(c, problems.NOT_FOUND),

    async link(c) {
      if (!accounts) return kit.refuse(c, problems.NOT_FOUND);
      const posted = await consoleKit.posted(c, 'link_account');
      if (isProblem(posted)) return parts.me(c, posted);
      const state = textOf(posted.served, 'state');
      const { person } = posted.visitor.session;
      try {
        const account = accounts.open(state);
        if (!account) throw new IdentityError('link_over', STALE.detail);
        await accounts.link({ person, account, receipt: await receiptOf(person, account, posted) });
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        return page(c, { accounts, state }, { problem: problems.problemOf(thrown) });
      }
      return c.redirect(`${kit.rootOf(c)}console/me`, 303);
    },

    async unlink(c) {
      if (!accounts) return kit.refuse(c, problems.NOT_FOUND);
      const posted = await consoleKit.posted(c, 'unlink_account');
      if (isProblem(posted)) return parts.me(c, posted);
      const { person } = posted.visitor.session;
      try {
        const [team, user] = [textOf(posted.served, 'team'), textOf(posted.served, 'user')];
        await accounts.unlink({ person, team, user });
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        return parts.me(c, problems.problemOf(thrown));
      }
      return c.redirect(`${kit.rootOf(c)}console/me`, 303);
    },
  };
}
