import type { SignOnReceipt } from '../core/entry.ts';
import { DecisionError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { AcceptanceProof, AcceptanceView } from '../guard/acceptance.ts';
import type { ConsoleKit, Posted } from './console-kit.ts';
import { isProblem } from './console-kit.ts';
import { SIGN_ON_OVER, tooLong, UNPROVEN, UNSIGNED } from './decision-form.ts';
import type { SignedOn } from './decision-ways.ts';
import { readJsonField } from './posted.ts';
import * as problems from './problems.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { acceptSection } from './views/console/accept-section.ts';
import { definitionMain, definitionTitle, toolsMain } from './views/console/tools-page.ts';

type Route = (c: Ctx) => Promise<Response>;

/** The tools whose definitions changed, and what is posted to accept one. */
export interface ToolRoutes {
  readonly list: Route;
  readonly show: Route;
  readonly accept: Route;
  /** The page of a definition with a form that carries the sign-on, which serves for it alone. */
  readonly showSignedOn: (c: Ctx, id: string, signOn: SignOnReceipt) => Promise<Response>;
}

/** A page that is shown again. */
interface Again {
  readonly problem?: problems.Problem;
  readonly reason?: string;
  readonly signedOn?: SignedOn;
}

export function createToolRoutes(
  options: ReviewSiteOptions,
  parts: { readonly kit: SiteKit; readonly consoleKit: ConsoleKit; readonly forms: SealedForms },
): ToolRoutes {
  const { acceptance, limits } = options;
  const { kit, consoleKit, forms } = parts;

  const list = async (c: Ctx, problem?: problems.Problem): Promise<Response> =>
    consoleKit.page(c, {
      current: 'tools',
      title: 'Tools',
      main: toolsMain(kit.rootOf(c), acceptance.waiting()),
      ...(problem ? { problem } : {}),
    });

  /** What waits no more is told of on the list of what does. */
  const orList = async (c: Ctx, show: () => Promise<Response>): Promise<Response> => {
    try {
      return await show();
    } catch (thrown) {
      if (!(thrown instanceof DecisionError) || thrown.code !== 'not_waiting') throw thrown;
      return list(c, problems.problemOf(thrown));
    }
  };

  const render = async (c: Ctx, view: AcceptanceView, again: Again = {}): Promise<Response> => {
    const { person, sha256 } = consoleKit.visitorOf(c).session;
    const { server, tool, definition_sha256 } = view;
    const root = kit.rootOf(c);
    const nonce = forms.nonce();
    const act = {
      act: 'accept_definition',
      server,
      tool,
      definition_sha256,
      reviewer: person,
      nonce,
    } as const;
    const toSign = view.methods.includes('passkey') ? consoleKit.toSign(person, act) : undefined;
    const linked = options.sso !== undefined && view.methods.includes('sso');
    const { problem, signedOn, reason = '' } = again;
    const form = acceptSection(view, {
      root,
      proof: forms.seal('accept_definition', sha256, { definition: view.id, nonce }),
      reason,
      ...(toSign ? { options: toSign } : {}),
      ...(linked ? { signOnAt: `${root}sso/start?for=definition&id=${view.id}` } : {}),
      ...(linked && signedOn ? { signedOn } : {}),
      ...(problem ? { problem } : {}),
    });
    return consoleKit.page(c, {
      current: 'tools',
      title: definitionTitle(view),
      main: definitionMain(root, view, form),
      ...(problem ? { problem } : {}),
      ...(signedOn ? { once: true } : {}),
    });
  };

  /** A sign-on that this very session made for this definition. */
  const signOnIn = ({ visitor, fields, served }: Posted): SignedOn | undefined => {
    const sealed = fields.get('sign_on');
    const opened = forms.open('accept_sign_on', visitor.session.sha256, sealed);
    if (sealed === undefined || !opened || opened['definition'] !== served['definition']) return undefined;
    return { receipt: opened['sign_on'] as unknown as SignOnReceipt, sealed };
  };

  /** What the form proves, or what is wrong with it. */
  const proven = (posted: Posted): AcceptanceProof | problems.Problem => {
    const { fields, served } = posted;
    if (fields.has('sign_on')) {
      const signedOn = signOnIn(posted);
      if (!signedOn) return SIGN_ON_OVER;
      return { kind: 'sso', sign_on: signedOn.receipt, confirm: fields.get('confirm') ?? '' };
    }
    const assertion = readJsonField(fields.get('assertion'));
    return assertion ? { kind: 'passkey', assertion, nonce: textOf(served, 'nonce') } : UNSIGNED;
  };

  const again = (c: Ctx, posted: Posted, problem: problems.Problem): Promise<Response> =>
    orList(c, async () => {
      const signedOn = signOnIn(posted);
      const view = acceptance.view(posted.visitor.session.person, textOf(posted.served, 'definition'));
      return render(c, view, { problem, reason: reasonIn(posted), ...(signedOn ? { signedOn } : {}) });
    });

  return {
    list: (c) => list(c),

    show: (c) =>
      orList(c, async () => {
        const { person } = consoleKit.visitorOf(c).session;
        return render(c, acceptance.view(person, c.req.param('id') ?? ''));
      }),

    async accept(c) {
      const { person } = consoleKit.visitorOf(c).session;
      const holder = `session ${person} definitions`;
      await limits.check('confirm', holder);
      const posted = await consoleKit.posted(c, 'accept_definition');
      if (isProblem(posted)) return list(c, posted);
      const reason = reasonIn(posted);
      const proof = tooLong({ reason }) ?? proven(posted);
      if ('status' in proof) return again(c, posted, proof);
      try {
        await acceptance.accept({ person, id: textOf(posted.served, 'definition'), reason, proof });
      } catch (thrown) {
        if (!(thrown instanceof DecisionError)) throw thrown;
        if (UNPROVEN.has(thrown.code)) await limits.count('confirm', holder);
        return again(c, posted, problems.problemOf(thrown));
      }
      return c.redirect(`${kit.rootOf(c)}console/tools`, 303);
    },

    showSignedOn: (c, id, receipt) =>
      orList(c, async () => {
        const { session } = consoleKit.visitorOf(c);
        const value = { definition: id, sign_on: receipt } as unknown as JsonObject;
        const sealed = forms.seal('accept_sign_on', session.sha256, value);
        return render(c, acceptance.view(session.person, id), { signedOn: { receipt, sealed } });
      }),
  };
}

function reasonIn({ fields }: Posted): string {
  return (fields.get('reason') ?? '').replaceAll('\r\n', '\n').trim();
}
