import type { PersonalReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { ConsoleKit } from './console-kit.ts';
import { isProblem } from './console-kit.ts';
import { KEY_NAME_MAX } from './enrolment-routes.ts';
import type { KeyRoutes } from './key-routes.ts';
import { readJsonField, readLine } from './posted.ts';
import * as problems from './problems.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import type { SessionDoor } from './session-door.ts';
import { isRefusal } from './sign-in-routes.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { addPasskeyMain, meMain } from './views/console/me-page.ts';

type Route = (c: Ctx) => Promise<Response>;

export interface MeRoutes {
  readonly show: (c: Ctx, problem?: problems.Problem) => Promise<Response>;
  readonly beginPasskey: Route;
  readonly addPasskey: Route;
  readonly revokePasskey: Route;
  readonly revokeSession: Route;
}

/** A person's own passkeys and sessions. To change a key takes a signature of one that the person has. */
export function createMeRoutes(
  options: ReviewSiteOptions,
  parts: {
    readonly kit: SiteKit;
    readonly consoleKit: ConsoleKit;
    readonly forms: SealedForms;
    readonly door: SessionDoor;
    readonly keys: Pick<KeyRoutes, 'section'>;
  },
): MeRoutes {
  const { enrolment, sessions, identities } = options;
  const { kit, consoleKit, forms } = parts;

  const show = async (c: Ctx, problem?: problems.Problem): Promise<Response> => {
    const { session } = consoleKit.visitorOf(c);
    const { person, sha256: own } = session;
    const signedForm = (
      form: 'add_passkey' | 'revoke_passkey',
      more: { readonly credential_id?: string },
    ): { options: JsonObject; proof: string } | undefined => {
      const nonce = forms.nonce();
      const toSign = consoleKit.toSign(
        person,
        more.credential_id === undefined
          ? { act: 'add_passkey', person, nonce }
          : { act: 'revoke_passkey', person, credential_id: more.credential_id, nonce },
      );
      return toSign && { options: toSign, proof: forms.seal(form, own, { ...more, nonce }) };
    };
    const keys = [...identities().passkeysOf(person)].sort(
      (a, b) => Number(a.revoked !== undefined) - Number(b.revoked !== undefined),
    );
    const listed = [...sessions.listOf(person)].sort((a, b) => b.used_at.localeCompare(a.used_at));
    const add = signedForm('add_passkey', {});
    return consoleKit.page(c, {
      current: 'me',
      title: session.holder.name,
      main: meMain({
        root: kit.rootOf(c),
        person: session.holder,
        impossible: options.passkeys === undefined,
        passkeys: keys.map((key) => {
          const revoke = key.revoked ? undefined : signedForm('revoke_passkey', { credential_id: key.id });
          return { key, ...(revoke ? { revoke } : {}) };
        }),
        ...(add ? { add } : {}),
        sessions: listed.map((each) => ({
          session: each,
          own: each.sha256 === own,
          proof: forms.seal('revoke_session', own, { session: each.sha256 }),
        })),
        ...(options.accounts
          ? {
              accounts: options.accounts.of(person).map((account) => {
                const { team, user } = account;
                return { account, proof: forms.seal('unlink_account', own, { team, user }) };
              }),
            }
          : {}),
        keys: parts.keys.section(c),
        ...(listed.length > 1 ? { others: forms.seal('revoke_session', own, { session: 'others' }) } : {}),
      }),
      ...(problem ? { problem } : {}),
    });
  };

  /** Does what a form asks for; a refusal is shown on the page of keys and sessions. */
  const doing = async (c: Ctx, act: () => Promise<Response>): Promise<Response> => {
    try {
      return await act();
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      return show(c, problems.problemOf(thrown));
    }
  };

  const back = (c: Ctx) => c.redirect(`${kit.rootOf(c)}console/me`, 303);

  return {
    show,

    async beginPasskey(c) {
      const posted = await consoleKit.posted(c, 'add_passkey');
      if (isProblem(posted)) return show(c, posted);
      const { person, sha256 } = posted.visitor.session;
      const name = readLine(posted.fields.get('name'), KEY_NAME_MAX) || 'Passkey';
      return doing(c, async () => {
        const act = { act: 'add_passkey', person, nonce: textOf(posted.served, 'nonce') } as const;
        const receipt = await consoleKit.signed(person, act, posted.fields.get('assertion'));
        const nonce = forms.nonce();
        const creation = await enrolment.beginMore({ person, nonce });
        const value = { receipt, nonce, name } as unknown as JsonObject;
        return consoleKit.page(c, {
          current: 'me',
          title: 'Add a passkey',
          once: true,
          main: addPasskeyMain({
            root: kit.rootOf(c),
            keyName: name,
            options: creation,
            proof: forms.seal('complete_passkey', sha256, value),
          }),
        });
      });
    },

    async addPasskey(c) {
      const posted = await consoleKit.posted(c, 'complete_passkey');
      if (isProblem(posted)) return show(c, posted);
      const { served } = posted;
      return doing(c, async () => {
        const response = readJsonField(posted.fields.get('registration'));
        if (!response)
          throw new IdentityError(
            'passkey_refused',
            'No passkey was made. Try again, with your device at hand.',
          );
        await enrolment.addMore({
          person: posted.visitor.session.person,
          receipt: served['receipt'] as unknown as PersonalReceipt,
          nonce: textOf(served, 'nonce'),
          name: textOf(served, 'name'),
          response,
        });
        return back(c);
      });
    },

    async revokePasskey(c) {
      const posted = await consoleKit.posted(c, 'revoke_passkey');
      if (isProblem(posted)) return show(c, posted);
      const { person } = posted.visitor.session;
      const credential_id = textOf(posted.served, 'credential_id');
      return doing(c, async () => {
        const nonce = textOf(posted.served, 'nonce');
        const act = { act: 'revoke_passkey', person, credential_id, nonce } as const;
        const receipt = await consoleKit.signed(person, act, posted.fields.get('assertion'));
        await enrolment.revoke({
          person,
          credential_id,
          by: person,
          reason: 'Revoked by its owner in the console.',
          receipt,
        });
        return back(c);
      });
    },

    async revokeSession(c) {
      const posted = await consoleKit.posted(c, 'revoke_session');
      if (isProblem(posted)) return show(c, posted);
      const { person, sha256: own } = posted.visitor.session;
      const target = textOf(posted.served, 'session');
      const ended = target === 'others' ? sessions.listOf(person).map(({ sha256 }) => sha256) : [target];
      return doing(c, async () => {
        for (const sha256 of ended) {
          if (target === 'others' && sha256 === own) continue;
          await sessions.close({ sha256, person });
        }
        if (target !== own) return back(c);
        parts.door.forget(c);
        return c.redirect(`${kit.rootOf(c)}sign-in`, 303);
      });
    },
  };
}
