import type { Act } from '../core/challenge.ts';
import type { PersonalReceipt, SignOnReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { isAuditor, personOfSignOn, sameHuman, type Person } from '../core/person.ts';
import type { ReviewerKey } from '../core/reviewer-access.ts';
import type { ConsoleKit, Posted } from './console-kit.ts';
import { isProblem } from './console-kit.ts';
import { KEY_NAME_MAX } from './enrolment-routes.ts';
import { readLine } from './posted.ts';
import * as problems from './problems.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import { isRefusal } from './sign-in-routes.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import {
  keysSection,
  LIFETIMES,
  madeKeyMain,
  proveKeyMain,
  type WantedKey,
} from './views/console/keys-section.ts';
import type { Html } from './views/segments.ts';

type Route = (c: Ctx) => Promise<Response>;

export interface KeyRoutes {
  /** The person's keys, and the form in which one is asked for. */
  readonly section: (c: Ctx) => Html;
  readonly begin: Route;
  readonly make: Route;
  readonly revoke: Route;
  /** The form that makes a key which was asked for, with the sign-on that proves who asked. */
  readonly showSignedOn: (c: Ctx, draft: string, signOn: SignOnReceipt) => Promise<Response>;
}

/** How long ago a sign-on may have been. */
export const SIGN_ON_MS = 5 * 60 * 1000;
/** How far a provider's clock may be ahead of ours. */
const SKEW_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;

const UNCLEAR: problems.Problem = {
  status: 422,
  code: 'key_unclear',
  title: 'No key was made',
  detail: 'Say what the key is called, what it may do, and for how long it holds.',
};

/** A person's keys for the API. To make one they prove who they are; to revoke one they need not. */
export function createKeyRoutes(
  options: Pick<ReviewSiteOptions, 'apiKeys' | 'clock' | 'identities' | 'passkeys' | 'people' | 'sso'>,
  parts: { readonly kit: SiteKit; readonly consoleKit: ConsoleKit; readonly forms: SealedForms },
): KeyRoutes {
  const { apiKeys, identities } = options;
  const { kit, consoleKit, forms } = parts;

  const canSignOn = (holder: Person): boolean => options.sso !== undefined && (holder.sso ?? []).length > 0;

  const section = (c: Ctx): Html => {
    const { person, sha256, holder } = consoleKit.visitorOf(c).session;
    const canSign = options.passkeys !== undefined && identities().activePasskeysOf(person).length > 0;
    return keysSection({
      root: kit.rootOf(c),
      keys: apiKeys.listOf(person).map((each) => ({
        ...each,
        ...(each.state === 'good'
          ? { revoke: forms.seal('revoke_key', sha256, { key_id: each.key.key_id }) }
          : {}),
      })),
      decides: !isAuditor(holder, options.people()),
      ...(canSign || canSignOn(holder) ? { make: forms.seal('begin_key', sha256) } : {}),
    });
  };

  const page = (c: Ctx, title: string, main: Html, problem?: problems.Problem) =>
    consoleKit.page(c, { current: 'me', title, main, once: true, ...(problem ? { problem } : {}) });

  const again = (c: Ctx, problem: problems.Problem) => page(c, 'Keys for programs', section(c), problem);

  const doing = async (c: Ctx, act: () => Promise<Response>): Promise<Response> => {
    try {
      return await act();
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      return again(c, problems.problemOf(thrown));
    }
  };

  /** @throws IdentityError, DecisionError */
  const proven = async ({ visitor, fields, served }: Posted, wanted: WantedKey): Promise<PersonalReceipt> => {
    const { person, holder } = visitor.session;
    const signOn = served['sign_on'] as unknown as SignOnReceipt | undefined;
    if (!signOn) {
      const act = actOf(person, wanted, textOf(served, 'nonce'));
      return consoleKit.signed(person, act, fields.get('assertion'));
    }
    const whose = personOfSignOn(signOn, options.people());
    if (!whose || !sameHuman(whose, holder))
      throw new IdentityError('sign_on_other', 'The account that you signed in with is not linked to you.');
    const age = options.clock.now() - Date.parse(signOn.auth_time);
    if (age <= SIGN_ON_MS && age >= -SKEW_MS) return signOn;
    throw new IdentityError('sign_on_stale', 'You proved who you are too long ago for this: begin again.');
  };

  return {
    section,

    async showSignedOn(c, draft, signOn) {
      const { sha256 } = consoleKit.visitorOf(c).session;
      const served = forms.open('make_key', sha256, draft);
      if (!served) return again(c, problems.STALE_FORM);
      const value = { ...served, sign_on: signOn } as unknown as JsonObject;
      const main = proveKeyMain({
        root: kit.rootOf(c),
        wanted: wantedOf(served),
        signedOn: forms.seal('make_key', sha256, value),
      });
      return page(c, 'Make a key', main);
    },

    async begin(c) {
      const posted = await consoleKit.posted(c, 'begin_key');
      if (isProblem(posted)) return again(c, posted);
      const wanted = wantedIn(posted.fields);
      if (!wanted) return again(c, UNCLEAR);
      const { person, sha256, holder } = posted.visitor.session;
      const nonce = forms.nonce();
      const toSign = consoleKit.toSign(person, actOf(person, wanted, nonce));
      const proof = forms.seal('make_key', sha256, { ...wanted, nonce });
      const root = kit.rootOf(c);
      const main = proveKeyMain({
        root,
        wanted,
        ...(toSign ? { sign: { options: toSign, proof } } : {}),
        ...(canSignOn(holder) ? { signOnAt: `${root}sso/start?for=key&draft=${proof}` } : {}),
      });
      return page(c, 'Make a key', main);
    },

    async make(c) {
      const posted = await consoleKit.posted(c, 'make_key');
      if (isProblem(posted)) return again(c, posted);
      const { person } = posted.visitor.session;
      const wanted = wantedOf(posted.served);
      const { name, scope } = wanted;
      return doing(c, async () => {
        const receipt = await proven(posted, wanted);
        const made = await apiKeys.issue({ person, name, scope, lasts_ms: wanted.days * DAY_MS, receipt });
        return page(c, 'The key', madeKeyMain({ root: kit.rootOf(c), wanted, made }));
      });
    },

    async revoke(c) {
      const posted = await consoleKit.posted(c, 'revoke_key');
      if (isProblem(posted)) return again(c, posted);
      const { person } = posted.visitor.session;
      return doing(c, async () => {
        await apiKeys.revoke({
          person,
          key_id: textOf(posted.served, 'key_id'),
          by: person,
          reason: 'Revoked by its owner in the console.',
        });
        return c.redirect(`${kit.rootOf(c)}console/me`, 303);
      });
    },
  };
}

/** The key as it was asked for, or nothing when something of it was not said. */
function wantedIn(fields: ReadonlyMap<string, string>): WantedKey | undefined {
  const name = readLine(fields.get('name'), KEY_NAME_MAX);
  const scope = fields.get('scope');
  const days = LIFETIMES.find((each) => String(each) === fields.get('days'));
  if (name === '' || !isScope(scope) || days === undefined) return undefined;
  return { name, scope, days };
}

/** What `begin` has read and sealed. */
function wantedOf({ name, scope, days }: JsonObject): WantedKey {
  return { name, scope, days } as unknown as WantedKey;
}

function actOf(
  person: string,
  { name, scope }: WantedKey,
  nonce: string,
): Extract<Act, { readonly act: 'issue_key' }> {
  return { act: 'issue_key', person, scope, name, nonce };
}

function isScope(text: string | undefined): text is ReviewerKey['scope'] {
  return text === 'read' || text === 'decide';
}
