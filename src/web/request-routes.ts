import type { Entry } from '../core/entry.ts';
import { DecisionError } from '../core/errors.ts';
import { isLinkToken } from '../core/link.ts';
import type { Access, Proof, ReviewView } from '../guard/ports.ts';
import {
  AMBIGUOUS,
  decisionOf,
  NO_BUTTON,
  NO_OUTCOME,
  NOT_ASKED,
  outcomeOf,
  readForm,
  SIGN_ON_OVER,
  tooLong,
  UNPROVEN,
  UNSIGNED,
  type PostedForm,
} from './decision-form.ts';
import { waysToDecide, waysToReconcile, waysToReveal, type SignedOn } from './decision-ways.ts';
import { createFormProof, holderOf, type Served } from './form-proof.ts';
import * as problems from './problems.ts';
import type { Ctx, RequestRoutes, ShownWith, SiteKit } from './site-context.ts';
import { wantsPage } from './site-kit.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { problemPage } from './views/message-page.ts';
import { requestPage } from './views/request-page.ts';
import { revealedPage } from './views/revealed-page.ts';
import type { Html } from './views/segments.ts';
import { controlsSection } from './views/controls-section.ts';
import { storySection } from './views/story.ts';

type SessionAccess = Extract<Access, { readonly kind: 'session' }>;

/** A page that is shown again. */
interface Again extends ShownWith {
  readonly seen?: readonly string[];
  readonly signed_on?: SignedOn;
}

/** The page of one request, and what is posted from it. */
export function createRequestRoutes(options: ReviewSiteOptions, kit: SiteKit): RequestRoutes {
  const { reviews, clock, limits, random } = options;
  const proofs = createFormProof(options.seals, () => clock.now());

  /** Reads the request; unknown links are counted by the address of who tries them. */
  async function view(c: Ctx, access: Access): Promise<ReviewView> {
    if (access.kind === 'session') return reviews.view(access);
    const address = kit.addressOf(c);
    await limits.check('link', address);
    try {
      if (!isLinkToken(access.token)) throw new DecisionError('link_unknown', problems.LINK_UNKNOWN.detail);
      return await reviews.view(access);
    } catch (thrown) {
      if (thrown instanceof DecisionError && thrown.code === 'link_unknown') {
        await limits.count('link', address);
      }
      throw thrown;
    }
  }

  async function render(c: Ctx, access: Access, seen: ReviewView, extra: Again = {}): Promise<Response> {
    const nonce = Buffer.from(random(16)).toString('base64url');
    const { card_digest } = seen.request;
    const root = kit.rootOf(c);
    const question = {
      view: seen,
      access,
      nonce,
      hasSso: options.sso !== undefined,
      ...(options.passkeys ? { passkeys: options.passkeys } : {}),
      ...(extra.signed_on ? { signed_on: extra.signed_on } : {}),
    };
    const here = hereOf(root, access);
    const reconcile = waysToReconcile(question);
    const reveal = waysToReveal(question);
    const told = access.kind === 'session' || seen.state !== 'open';
    const entries = told ? await reviews.story(seen.reviewer.id, seen.request.id) : [];
    const story = access.kind === 'session' ? storyOf(entries, root) : undefined;
    return c.html(
      requestPage({
        view: seen,
        access: access.kind,
        root,
        now: clock.now(),
        form: {
          action: here,
          sign_on_at: signOnPath(root, access),
          proof: proofs.seal(access, { card_digest, opened_at: seen.opened_at, nonce }),
          reason: extra.reason ?? '',
          seen: extra.seen ?? [],
          ...(extra.problem ? { problem: extra.problem } : {}),
        },
        ...(seen.state === 'open' ? { decide: waysToDecide(question) } : {}),
        ...(reconcile ? { reconcile } : {}),
        ...(reveal ? { reveal } : {}),
        ...(story ? { story } : {}),
        ...(seen.state === 'open' ? {} : { controls: controlsSection(await options.controls(), entries) }),
        ...(extra.after ? { after: extra.after } : {}),
        frame: frameOf(c, access, extra),
      }),
      extra.problem?.status ?? 200,
    );
  }

  function storyOf(entries: readonly Entry[], root: string): Html {
    return storySection({
      entries,
      names: namesOf(),
      root,
      covered: options.tlog.newest()?.size ?? 0,
    });
  }

  /** What is left of a request whose payloads were erased: since when and why, and what the journal says of it. */
  async function showErased(c: Ctx, access: SessionAccess, erased: DecisionError): Promise<Response> {
    const root = kit.rootOf(c);
    const problem = problems.problemOf(erased);
    const { live: _, ...frame } = kit.frame(c, access);
    const entries = await reviews.story(access.person, access.request_id);
    return c.html(problemPage(problem, root, { frame, after: storyOf(entries, root) }), problem.status);
  }

  /** A page that was posted for, or that a sign-on led to, must not be loaded again by itself. */
  function frameOf(c: Ctx, access: Access, extra: Again): ReturnType<SiteKit['frame']> {
    const { live, ...frame } = kit.frame(c, access);
    return live === undefined || extra.problem || extra.signed_on ? frame : { ...frame, live };
  }

  function namesOf(): ReadonlyMap<string, string> {
    return new Map(options.people().people.map((person) => [person.id, person.name]));
  }

  /** Shows people the request again, with what went wrong above it. */
  async function again(c: Ctx, access: Access, problem: problems.Problem, form?: PostedForm) {
    const seen = await view(c, access);
    if (!wantsPage(c)) return kit.refuse(c, problem);
    const receipt = form ? proofs.openSignOn(access, form.sign_on) : undefined;
    return render(c, access, seen, {
      problem,
      ...(form ? { reason: form.reason, seen: form.seen } : {}),
      ...(form && receipt ? { signed_on: { receipt, sealed: form.sign_on } } : {}),
    });
  }

  /** What a form proves, or what is wrong with it. */
  function proven(
    access: Access,
    form: PostedForm,
    served: Served,
  ): { readonly proof: Proof } | { readonly problem: problems.Problem } {
    if (form.assertion) {
      return { proof: { kind: 'passkey', assertion: form.assertion, nonce: served.nonce } };
    }
    if (form.by_passkey) return { problem: UNSIGNED };
    if (form.sign_on === '') return { proof: { kind: 'typed', confirm: form.confirm } };
    const sign_on = proofs.openSignOn(access, form.sign_on);
    return sign_on ? { proof: { kind: 'sso', sign_on, confirm: form.confirm } } : { problem: SIGN_ON_OVER };
  }

  /** Reads what was posted, hands it on, and leads back to the page. */
  async function posted(
    c: Ctx,
    access: Access,
    act: (form: PostedForm, served: Served) => Promise<problems.Problem | Response | undefined>,
  ): Promise<Response> {
    const holder = holderOf(access);
    if (access.kind === 'link' && !isLinkToken(access.token)) await view(c, access);
    await limits.check('confirm', holder);
    const form = readForm(await c.req.text());
    if (!form) return again(c, access, AMBIGUOUS);
    const served = proofs.open(access, form.proof);
    if (!served) return again(c, access, problems.FORGED);
    const early = tooLong(form);
    if (early) return again(c, access, early, form);
    try {
      const answer = await act(form, served);
      if (answer instanceof Response) return answer;
      if (answer) return await again(c, access, answer, form);
    } catch (thrown) {
      if (!(thrown instanceof DecisionError)) throw thrown;
      if (thrown.code === 'link_unknown' || thrown.code === 'not_found') throw thrown;
      const tried = form.confirm !== '' || form.assertion !== undefined;
      if (tried && UNPROVEN.has(thrown.code)) await limits.count('confirm', holder);
      return again(c, access, problems.problemOf(thrown), form);
    }
    return c.redirect(hereOf(kit.rootOf(c), access), 303);
  }

  return {
    show: async (c, access, extra = {}) => {
      try {
        return await render(c, access, await view(c, access), extra);
      } catch (thrown) {
        const erased = thrown instanceof DecisionError && thrown.code === 'erased';
        if (!erased || access.kind !== 'session' || !wantsPage(c)) throw thrown;
        return showErased(c, access, thrown);
      }
    },

    decide: (c, access) =>
      posted(c, access, async (form, served) => {
        const decision = decisionOf(form);
        if (!decision) return NO_BUTTON;
        const shown = proven(access, form, served);
        if ('problem' in shown) return shown.problem;
        const { card_digest, opened_at } = served;
        const { reason, seen } = form;
        await reviews.decide({ access, decision, reason, proof: shown.proof, card_digest, opened_at, seen });
        return undefined;
      }),

    reveal: (c, access) =>
      posted(c, access, async (form, served) => {
        if (form.button !== 'show') return NOT_ASKED;
        const shown = proven(access, form, served);
        if ('problem' in shown) return shown.problem;
        const { proof } = shown;
        if (proof.kind === 'slack' || proof.kind === 'api') return UNSIGNED;
        const revealed = await reviews.reveal({ access, proof, card_digest: served.card_digest });
        const root = kit.rootOf(c);
        const { live: _, ...frame } = kit.frame(c, access);
        c.header('Cache-Control', 'no-store');
        return c.html(revealedPage({ revealed, root, here: hereOf(root, access), frame }));
      }),

    reconcile: (c, access) =>
      posted(c, access, async (form, served) => {
        const outcome = outcomeOf(form);
        if (!outcome) return NO_OUTCOME;
        const shown = proven(access, form, served);
        if ('problem' in shown) return shown.problem;
        if (shown.proof.kind !== 'passkey' && shown.proof.kind !== 'sso') return UNSIGNED;
        await reviews.reconcile({ access, outcome, reason: form.reason, proof: shown.proof });
        return undefined;
      }),

    showSignedOn: async (c, access, receipt) => {
      const seen = await view(c, access);
      const sealed = proofs.sealSignOn(access, receipt, seen.max_age_ms);
      return render(c, access, seen, { signed_on: { receipt, sealed } });
    },
  };
}

/** The page of the request. */
function hereOf(root: string, access: Access): string {
  return access.kind === 'link' ? `${root}r/${access.token}` : `${root}console/requests/${access.request_id}`;
}

function signOnPath(root: string, access: Access): string {
  const asked = new URLSearchParams(
    access.kind === 'link' ? { for: 'link', token: access.token } : { for: 'request', id: access.request_id },
  );
  return `${root}sso/start?${asked.toString()}`;
}
