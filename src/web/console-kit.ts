import { challengeOf, type Act } from '../core/challenge.ts';
import type { PasskeyReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { LiveSession } from '../reviewers/sessions.ts';
import { AMBIGUOUS } from './decision-form.ts';
import { readJsonField, readPosted } from './posted.ts';
import * as problems from './problems.ts';
import type { FormName, SealedForms } from './sealed-forms.ts';
import { wantsPage } from './site-kit.ts';
import type { Ctx, SiteKit, Visitor } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { consolePage, type ConsolePage, type Shell } from './views/console/shell.ts';
import type { Html } from './views/segments.ts';

/** A form of the console that was served to this very session. */
export interface Posted {
  readonly visitor: Visitor;
  readonly fields: ReadonlyMap<string, string>;
  /** What the page knew when it was served. */
  readonly served: JsonObject;
}

/** What the routes of the console have in common. */
export interface ConsoleKit {
  /** Makes the page one of this session's. */
  welcome(c: Ctx, session: LiveSession): Promise<void>;
  visitorOf(c: Ctx): Visitor;
  shell(c: Ctx, current?: ConsolePage): Shell;
  page(
    c: Ctx,
    page: {
      readonly current?: ConsolePage;
      readonly title: string;
      readonly main: Html;
      readonly problem?: problems.Problem;
      /** It answers what was posted, or a sign-on: it must not be loaded again by itself. */
      readonly once?: true;
    },
  ): Response | Promise<Response>;
  /** The posted form, or what is wrong with it. */
  posted(c: Ctx, form: FormName): Promise<Posted | problems.Problem>;
  /** What a person's passkey signs for an act; nothing where they have none that can be used here. */
  toSign(person: string, act: Act): JsonObject | undefined;
  /** Checks that one of the person's passkeys signed this act. @throws IdentityError, DecisionError */
  signed(person: string, act: Act, assertionField: string | undefined): Promise<PasskeyReceipt>;
}

export function createConsoleKit(
  options: ReviewSiteOptions,
  parts: { readonly kit: SiteKit; readonly forms: SealedForms },
): ConsoleKit {
  const { passkeys, identities } = options;
  const { kit, forms } = parts;

  const visitorOf = (c: Ctx): Visitor => {
    const visitor = c.get('visitor');
    if (!visitor) throw new Error('A page of the console was reached without a session.');
    return visitor;
  };

  const shell: ConsoleKit['shell'] = (c, current) => {
    const visitor = visitorOf(c);
    return {
      root: kit.rootOf(c),
      visitor,
      signOut: forms.seal('sign_out', visitor.session.sha256),
      ...(current === undefined ? {} : { current }),
    };
  };

  return {
    async welcome(c, session) {
      const requests = await options.reviews.waiting(session.person);
      const invitations = options.enrolment.awaiting(session.person);
      c.set('visitor', {
        session,
        waiting: requests.length + invitations.length,
        changed: options.acceptance.count(session.person),
        evidence: options.evidence.maySee(session.person),
      });
    },
    visitorOf,
    shell,
    page(c, { current, problem, once, ...page }) {
      if (problem && !wantsPage(c)) return kit.refuse(c, problem);
      const shown = consolePage(shell(c, current), {
        ...page,
        ...(problem ? { problem } : {}),
        live: problem === undefined && once !== true,
      });
      return c.html(shown, problem?.status ?? 200);
    },
    async posted(c, form) {
      const visitor = visitorOf(c);
      const fields = readPosted(await c.req.text());
      if (!fields) return AMBIGUOUS;
      const served = forms.open(form, visitor.session.sha256, fields.get('proof'));
      return served ? { visitor, fields, served } : problems.STALE_FORM;
    },
    toSign(person, act) {
      const allow = identities().activePasskeysOf(person);
      return passkeys && allow.length > 0
        ? passkeys.assertionOptions({ challenge: challengeOf(act), allow })
        : undefined;
    },
    async signed(person, act, assertionField) {
      const assertion = readJsonField(assertionField);
      const id = assertion?.['id'];
      if (!passkeys || !assertion || typeof id !== 'string')
        throw new IdentityError(
          'passkey_refused',
          'No passkey answered. Press the button and use your passkey.',
        );
      const passkey = identities()
        .activePasskeysOf(person)
        .find((key) => key.id === id);
      if (!passkey)
        throw new IdentityError('passkey_refused', 'This passkey is not one of yours that can be used.');
      return passkeys.verifyAssertion({ assertion, challenge: challengeOf(act), nonce: act.nonce, passkey });
    },
  };
}

/** Whether what `posted` gave is what is wrong. */
export function isProblem(posted: Posted | problems.Problem): posted is problems.Problem {
  return 'status' in posted;
}
