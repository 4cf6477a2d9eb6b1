import { IdentityError } from '../core/errors.ts';
import { isLinkToken, linkDigest } from '../core/link.ts';
import { AMBIGUOUS } from './decision-form.ts';
import { readJsonField, readLine, readPosted } from './posted.ts';
import * as problems from './problems.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import { isRefusal } from './sign-in-routes.ts';
import { wantsPage } from './site-kit.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { codePage, createKeyPage, enrolledPage } from './views/enrol-page.ts';

export interface EnrolmentRoutes {
  readonly show: (c: Ctx) => Promise<Response>;
  readonly begin: (c: Ctx) => Promise<Response>;
  readonly complete: (c: Ctx) => Promise<Response>;
}

export const KEY_NAME_MAX = 60;
const CODE_MAX = 40;
const NO_SUCH_LINK = 'No invitation has this link. Open the link of the newest mail, whole and unchanged.';

/** What an invitation's link leads to. Opening it spends nothing; the key that was made does. */
export function createEnrolmentRoutes(
  options: ReviewSiteOptions,
  parts: { readonly kit: SiteKit; readonly forms: SealedForms },
): EnrolmentRoutes {
  const { enrolment, limits } = options;
  const { kit, forms } = parts;

  /** The link's token. Unknown ones are counted by the address of who tries them. */
  const tokenOf = async (c: Ctx): Promise<string> => {
    const token = c.req.param('token') ?? '';
    const address = kit.addressOf(c);
    await limits.check('link', address);
    try {
      if (!isLinkToken(token)) throw new IdentityError('link_unknown', NO_SUCH_LINK);
      enrolment.view(token);
    } catch (thrown) {
      if (isRefusal(thrown) && thrown.code === 'link_unknown') await limits.count('link', address);
      throw thrown;
    }
    return token;
  };

  const ask = (c: Ctx, token: string, problem?: problems.Problem, keyName?: string) => {
    const { invitation, person } = enrolment.view(token);
    if (problem && !wantsPage(c)) return kit.refuse(c, problem);
    return c.html(
      codePage({
        root: kit.rootOf(c),
        token,
        name: person.name,
        possible: options.passkeys !== undefined,
        ...(invitation.expires_at === undefined ? {} : { expiresAt: invitation.expires_at }),
        ...(keyName === undefined || keyName === '' ? {} : { keyName }),
        ...(problem ? { problem } : {}),
      }),
      problem?.status ?? 200,
    );
  };

  /** Counts wrong codes, and shows the page again where the invitation still stands. */
  const refused = async (c: Ctx, token: string, thrown: unknown, keyName: string) => {
    if (!isRefusal(thrown)) throw thrown;
    if (thrown.code === 'code_wrong') await limits.count('code', kit.addressOf(c));
    return ask(c, token, problems.problemOf(thrown), keyName);
  };

  return {
    show: async (c) => ask(c, await tokenOf(c)),

    async begin(c) {
      const token = await tokenOf(c);
      await limits.check('code', kit.addressOf(c));
      const posted = readPosted(await c.req.text());
      if (!posted) return ask(c, token, AMBIGUOUS);
      const code = readLine(posted.get('code'), CODE_MAX);
      const keyName = readLine(posted.get('name'), KEY_NAME_MAX) || 'Passkey';
      const nonce = forms.nonce();
      try {
        const creation = await enrolment.begin({ token, code, nonce });
        const proof = forms.seal('enrolment', linkDigest(token), { code, nonce, name: keyName });
        const { name } = enrolment.view(token).person;
        return c.html(createKeyPage({ root: kit.rootOf(c), token, name, keyName, options: creation, proof }));
      } catch (thrown) {
        return refused(c, token, thrown, keyName);
      }
    },

    async complete(c) {
      const token = await tokenOf(c);
      await limits.check('code', kit.addressOf(c));
      const posted = readPosted(await c.req.text());
      if (!posted) return ask(c, token, AMBIGUOUS);
      const served = forms.open('enrolment', linkDigest(token), posted.get('proof'));
      if (!served) return ask(c, token, problems.STALE_FORM);
      const keyName = textOf(served, 'name');
      const { person } = enrolment.view(token);
      try {
        const response = readJsonField(posted.get('registration'));
        if (!response)
          throw new IdentityError(
            'passkey_refused',
            'No passkey was made. Try again, with your device at hand.',
          );
        const { name } = await enrolment.complete({
          token,
          code: textOf(served, 'code'),
          nonce: textOf(served, 'nonce'),
          name: keyName,
          response,
        });
        return c.html(enrolledPage({ root: kit.rootOf(c), name: person.name, keyName: name }));
      } catch (thrown) {
        return refused(c, token, thrown, keyName);
      }
    },
  };
}
