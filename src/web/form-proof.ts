import type { Json } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { linkDigest } from '../core/link.ts';
import type { SignOnReceipt } from '../core/entry.ts';
import type { Access } from '../guard/ports.ts';
import type { Seals } from '../reviewers/seal.ts';

/** What a page knew when it was served, and its form brings back unchanged. */
export interface Served {
  readonly card_digest: string;
  /** RFC 3339, UTC. */
  readonly opened_at: string;
  /** For what a passkey signs: 16 random bytes, base64url. */
  readonly nonce: string;
}

/** How long a page may stand open. Shorter than nonces are remembered, so that none is taken twice. */
const FORM_MS = 12 * 60 * 60 * 1000;
const FIELD_MAX = 16_384;

/** The hidden fields of the forms of a request, each good for the access to which its page was served. */
export interface FormProof {
  /** Against forgery: only a page that was served to this very access can be posted by it. */
  seal(access: Access, served: Served): string;
  /** What was served, or nothing when it was not for this access, or too long ago. */
  open(access: Access, field: string): Served | undefined;
  /** A sign-on, for as long as `maxAgeMs`. */
  sealSignOn(access: Access, signOn: SignOnReceipt, maxAgeMs: number): string;
  openSignOn(access: Access, field: string): SignOnReceipt | undefined;
}

export function createFormProof(seals: Seals, now: () => number): FormProof {
  const open = (purpose: string, access: Access, field: string): Json | undefined => {
    if (field === '' || field.length > FIELD_MAX) return undefined;
    const opened = seals.open(purpose, field);
    if (opened === undefined || !isJsonObject(opened)) return undefined;
    return opened['access'] === holderOf(access) ? opened['value'] : undefined;
  };
  const seal = (purpose: string, access: Access, value: object, ms: number): string =>
    seals.seal(purpose, { access: holderOf(access), value: value as Json }, now() + ms);
  return {
    seal: (access, served) => seal('decision form', access, served, FORM_MS),
    open: (access, field) => open('decision form', access, field) as Served | undefined,
    sealSignOn: (access, signOn, maxAgeMs) => seal('decision sign-on', access, signOn, maxAgeMs),
    openSignOn: (access, field) => open('decision sign-on', access, field) as SignOnReceipt | undefined,
  };
}

/** What a form is bound to, and whose failures are counted together. */
export function holderOf(access: Access): string {
  return access.kind === 'link'
    ? `link ${linkDigest(access.token)}`
    : `session ${access.person} ${access.request_id}`;
}
