import { challengeOf } from '../core/challenge.ts';
import type { SignOnReceipt } from '../core/entry.ts';
import type { JsonObject } from '../core/json.ts';
import { secretPlaces } from '../core/secret-places.ts';
import type { Access, ReviewView } from '../guard/ports.ts';
import type { Passkeys } from '../reviewers/passkeys.ts';

/** A sign-on that was just made, as the form carries it. */
export interface SignedOn {
  readonly receipt: SignOnReceipt;
  /** What `FormProof.sealSignOn` made. */
  readonly sealed: string;
}

/** How a form is proven: by the typed name, by it and a sign-on, or by a passkey that signs one of these. */
export type Proving =
  | { readonly kind: 'typed' }
  | { readonly kind: 'signed_on'; readonly signed_on: SignedOn }
  | { readonly kind: 'passkey'; readonly options: Readonly<Record<string, JsonObject>> };

/** What a person can do about a request on its page. */
export interface Ways {
  /** The form that stands first: it may approve only where `approves`. */
  readonly main?: { readonly proving: Proving; readonly approves: boolean; readonly rejects: boolean };
  /** A second form, in which to reject by the typed name alone. */
  readonly typed_reject: boolean;
  /** It can be signed on for this. */
  readonly sign_on: boolean;
  /** Why nothing here approves, if so. */
  readonly obstacle?: 'no_passkey' | 'no_site_for_passkeys' | 'no_sign_on' | 'not_by_link' | 'not_at_all';
}

export interface WaysQuestion {
  readonly view: ReviewView;
  readonly access: Access;
  readonly nonce: string;
  readonly passkeys?: Passkeys;
  readonly hasSso: boolean;
  readonly signed_on?: SignedOn;
}

/** How this person may decide now. */
export function waysToDecide(question: WaysQuestion): Ways {
  const { view, passkeys, nonce, signed_on } = question;
  const { approve, reject } = view.methods;
  const typed = question.access.kind === 'link';
  const either = (way: 'sso' | 'passkey') => approve.includes(way) || reject.includes(way);
  const sign_on = question.hasSso && either('sso') && !signed_on;
  const typed_reject = typed && reject.includes('link');
  if (signed_on && either('sso')) {
    const proving = { kind: 'signed_on', signed_on } as const;
    const main = { proving, approves: approve.includes('sso'), rejects: reject.includes('sso') };
    return { main, typed_reject: false, sign_on: false, ...obstacleUnless(main.approves, question) };
  }
  if (passkeys && view.passkeys.length > 0 && either('passkey')) {
    const { id: request_id, action_digest, card_digest } = view.request;
    const options = (decision: 'approve' | 'reject') =>
      passkeys.assertionOptions({
        challenge: challengeOf({
          act: 'decide',
          request_id,
          action_digest,
          card_digest,
          decision,
          reviewer: view.reviewer.id,
          nonce,
        }),
        allow: view.passkeys,
      });
    return {
      main: {
        proving: { kind: 'passkey', options: { approve: options('approve'), reject: options('reject') } },
        approves: approve.includes('passkey'),
        rejects: reject.includes('passkey'),
      },
      typed_reject,
      sign_on,
      ...obstacleUnless(approve.includes('passkey') || sign_on, question),
    };
  }
  if (typed && approve.includes('link')) {
    const main = { proving: { kind: 'typed' }, approves: true, rejects: true } as const;
    return { main, typed_reject: false, sign_on };
  }
  return { typed_reject, sign_on, ...obstacleUnless(sign_on && approve.includes('sso'), question) };
}

/** How this person may have the secrets of the call shown to them; nothing where they may not. */
export function waysToReveal(question: WaysQuestion): Ways | undefined {
  const { view, access, passkeys, nonce, signed_on } = question;
  const { request, reviewer, args } = view;
  const ways = view.reveal;
  if (ways === undefined) return undefined;
  const both = { approves: true, rejects: false };
  const none = { typed_reject: false, sign_on: false };
  if (signed_on && ways.includes('sso')) {
    return { ...none, main: { ...both, proving: { kind: 'signed_on', signed_on } } };
  }
  const sign_on = question.hasSso && ways.includes('sso');
  if (passkeys && ways.includes('passkey')) {
    const show = passkeys.assertionOptions({
      challenge: challengeOf({
        act: 'reveal',
        request_id: request.id,
        action_digest: request.action_digest,
        card_digest: request.card_digest,
        paths: secretPlaces(args),
        reviewer: reviewer.id,
        nonce,
      }),
      allow: view.passkeys,
    });
    return { ...none, sign_on, main: { ...both, proving: { kind: 'passkey', options: { show } } } };
  }
  if (access.kind === 'link' && ways.includes('link')) {
    return { ...none, sign_on, main: { ...both, proving: { kind: 'typed' } } };
  }
  return { ...none, sign_on };
}

/** How this person may say what became of an execution whose outcome is unknown; nothing where they may not. */
export function waysToReconcile(question: WaysQuestion): Ways | undefined {
  const { view, passkeys, nonce, signed_on } = question;
  const { request, reviewer } = view;
  if (view.reconcile === undefined) return undefined;
  const both = { approves: true, rejects: true, typed_reject: false };
  const linked = question.hasSso && view.reconcile.includes('sso');
  if (signed_on) {
    return {
      main: { ...both, proving: { kind: 'signed_on', signed_on } },
      typed_reject: false,
      sign_on: false,
    };
  }
  if (!passkeys || !view.reconcile.includes('passkey')) {
    return { typed_reject: false, sign_on: linked, ...(linked ? {} : { obstacle: 'no_passkey' }) };
  }
  const options = (outcome: 'done' | 'not_done') =>
    passkeys.assertionOptions({
      challenge: challengeOf({
        act: 'reconcile',
        request_id: request.id,
        action_digest: request.action_digest,
        outcome,
        reviewer: reviewer.id,
        nonce,
      }),
      allow: view.passkeys,
    });
  return {
    main: {
      ...both,
      proving: { kind: 'passkey', options: { done: options('done'), not_done: options('not_done') } },
    },
    typed_reject: false,
    sign_on: linked,
  };
}

function obstacleUnless(possible: boolean, question: WaysQuestion): Pick<Ways, 'obstacle'> {
  if (possible) return {};
  const { view, passkeys, hasSso, access } = question;
  if (view.demanded === 'passkey' || view.methods.approve.includes('passkey')) {
    if (view.passkeys.length === 0) return { obstacle: 'no_passkey' };
    if (!passkeys) return { obstacle: 'no_site_for_passkeys' };
  }
  if (view.demanded === 'sso' && !hasSso && view.passkeys.length === 0) return { obstacle: 'no_sign_on' };
  if (access.kind === 'session' && view.methods.approve.length === 0 && view.demanded === 'link') {
    return { obstacle: 'not_by_link' };
  }
  return { obstacle: view.passkeys.length === 0 ? 'no_passkey' : 'not_at_all' };
}
