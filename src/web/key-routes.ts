import type { ReviewerKey } from '../core/reviewer-access.ts';
import type { ConsoleKit } from './console-kit.ts';
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
  signKeyMain,
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
}

const DAY_MS = 24 * 60 * 60 * 1000;

const UNCLEAR: problems.Problem = {
  status: 422,
  code: 'key_unclear',
  title: 'No key was made',
  detail: 'Say what the key is called, what it may do, and for how long it holds.',
};

/** A person's keys for the API. To make one takes a signature of theirs; to revoke one does not. */
export function createKeyRoutes(
  options: Pick<ReviewSiteOptions, 'apiKeys' | 'identities' | 'passkeys'>,
  parts: { readonly kit: SiteKit; readonly consoleKit: ConsoleKit; readonly forms: SealedForms },
): KeyRoutes {
  const { apiKeys, identities } = options;
  const { kit, consoleKit, forms } = parts;

  const section = (c: Ctx): Html => {
    const { person, sha256 } = consoleKit.visitorOf(c).session;
    const canSign = options.passkeys !== undefined && identities().activePasskeysOf(person).length > 0;
    return keysSection({
      root: kit.rootOf(c),
      keys: apiKeys.listOf(person).map((each) => ({
        ...each,
        ...(each.state === 'good'
          ? { revoke: forms.seal('revoke_key', sha256, { key_id: each.key.key_id }) }
          : {}),
      })),
      ...(canSign ? { make: forms.seal('begin_key', sha256) } : {}),
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

  return {
    section,

    async begin(c) {
      const posted = await consoleKit.posted(c, 'begin_key');
      if (isProblem(posted)) return again(c, posted);
      const wanted = wantedIn(posted.fields);
      if (!wanted) return again(c, UNCLEAR);
      const { person, sha256 } = posted.visitor.session;
      const nonce = forms.nonce();
      const { name, scope } = wanted;
      const toSign = consoleKit.toSign(person, { act: 'issue_key', person, scope, name, nonce });
      if (!toSign) return again(c, problems.STALE_FORM);
      const proof = forms.seal('make_key', sha256, { ...wanted, nonce });
      return page(c, 'Make a key', signKeyMain({ root: kit.rootOf(c), wanted, options: toSign, proof }));
    },

    async make(c) {
      const posted = await consoleKit.posted(c, 'make_key');
      if (isProblem(posted)) return again(c, posted);
      const { person } = posted.visitor.session;
      const { served } = posted;
      // What is sealed was read by `begin`.
      const wanted = served as unknown as WantedKey;
      const { name, scope } = wanted;
      return doing(c, async () => {
        const act = { act: 'issue_key', person, scope, name, nonce: textOf(served, 'nonce') } as const;
        const receipt = await consoleKit.signed(person, act, posted.fields.get('assertion'));
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

function isScope(text: string | undefined): text is ReviewerKey['scope'] {
  return text === 'read' || text === 'decide';
}
