import { challengeOf } from '../core/challenge.ts';
import { DecisionError, IdentityError, TransitionError } from '../core/errors.ts';
import { readJsonField, readPosted } from './posted.ts';
import * as problems from './problems.ts';
import type { ReturnPaths } from './return-path.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import type { SessionDoor } from './session-door.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { AMBIGUOUS } from './decision-form.ts';
import { wantsPage } from './site-kit.ts';
import { signInPage } from './views/sign-in-page.ts';

export interface SignInRoutes {
  readonly show: (c: Ctx) => Promise<Response>;
  readonly signIn: (c: Ctx) => Promise<Response>;
  readonly signOut: (c: Ctx) => Promise<Response>;
}

/** Before a sign-in there is nothing that a form could be bound to. */
const NOBODY = '';

/** The console's door: in by a passkey, and out. */
export function createSignInRoutes(
  options: ReviewSiteOptions,
  parts: {
    readonly kit: SiteKit;
    readonly door: SessionDoor;
    readonly forms: SealedForms;
    readonly returns: ReturnPaths;
  },
): SignInRoutes {
  const { passkeys, limits } = options;
  const { kit, door, forms, returns } = parts;

  const page = async (c: Ctx, to: string, problem?: problems.Problem): Promise<Response> => {
    if (problem && !wantsPage(c)) return kit.refuse(c, problem);
    const root = kit.rootOf(c);
    const nonce = forms.nonce();
    const back = returns.seal(to);
    if (problem?.retry_after !== undefined) c.header('Retry-After', String(problem.retry_after));
    return c.html(
      signInPage({
        root,
        ...(passkeys
          ? {
              passkey: {
                options: passkeys.assertionOptions({
                  challenge: challengeOf({ act: 'sign_in', nonce }),
                  allow: [],
                }),
                proof: forms.seal('sign_in', NOBODY, { nonce, to }),
              },
            }
          : {}),
        ...(options.sso
          ? { signOn: `${root}sso/start?for=sign-in${back === undefined ? '' : `&to=${back}`}` }
          : {}),
        ...(problem ? { problem } : {}),
      }),
      problem?.status ?? 200,
    );
  };

  const verified = async (assertionField: string | undefined, nonce: string) => {
    const assertion = readJsonField(assertionField);
    const id = assertion?.['id'];
    if (!passkeys || !assertion || typeof id !== 'string')
      throw new IdentityError(
        'passkey_refused',
        'No passkey answered. Press the button and use your passkey.',
      );
    const passkey = options.identities().passkey(id);
    if (!passkey)
      throw new IdentityError('passkey_refused', 'This passkey is not one that is enrolled here.');
    if (passkey.revoked)
      throw new IdentityError('passkey_refused', 'This passkey was revoked, so it opens nothing any more.');
    if (!options.people().people.some(({ id: listed }) => listed === passkey.person))
      throw new IdentityError(
        'passkey_refused',
        'The person whose passkey this is no longer stands in people.yaml.',
      );
    const challenge = challengeOf({ act: 'sign_in', nonce });
    return {
      person: passkey.person,
      receipt: await passkeys.verifyAssertion({ assertion, challenge, nonce, passkey }),
    };
  };

  return {
    async show(c) {
      const to = returns.open(c.req.query('to'));
      if (door.sessionOf(c)) return c.redirect(`${kit.rootOf(c)}${to}`, 303);
      return page(c, to);
    },

    async signIn(c) {
      const address = kit.addressOf(c);
      await limits.check('sign_in', address);
      const posted = readPosted(await c.req.text());
      if (!posted) return page(c, returns.open(undefined), AMBIGUOUS);
      const served = forms.open('sign_in', NOBODY, posted.get('proof'));
      if (!served) return page(c, returns.open(undefined), problems.STALE_FORM);
      const to = textOf(served, 'to');
      try {
        const { person, receipt } = await verified(posted.get('assertion'), textOf(served, 'nonce'));
        await door.admit(c, person, receipt);
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        await limits.count('sign_in', address);
        return page(c, to, problems.problemOf(thrown));
      }
      return c.redirect(`${kit.rootOf(c)}${to}`, 303);
    },

    async signOut(c) {
      const session = door.sessionOf(c);
      if (!session) return c.redirect(`${kit.rootOf(c)}sign-in`, 303);
      const posted = readPosted(await c.req.text());
      if (!posted) return kit.refuse(c, AMBIGUOUS);
      if (!forms.open('sign_out', session.sha256, posted.get('proof')))
        return kit.refuse(c, problems.STALE_FORM);
      await options.sessions.close({ sha256: session.sha256, person: session.person });
      door.forget(c);
      return c.redirect(`${kit.rootOf(c)}sign-in`, 303);
    },
  };
}

/** Whether something thrown is the person's to mend. */
export function isRefusal(thrown: unknown): thrown is DecisionError | IdentityError | TransitionError {
  return (
    thrown instanceof DecisionError || thrown instanceof IdentityError || thrown instanceof TransitionError
  );
}
