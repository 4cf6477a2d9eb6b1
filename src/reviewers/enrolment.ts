import type { Invitation, Passkey } from '../core/credentials.ts';
import type { Receipt } from '../core/entry.ts';
import type { JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';

/** How people get passkeys, and lose them. */
export interface Enrolment {
  /**
   * Invites a person. The code is returned here and nowhere else: the inviter passes it on by another way than mail.
   *
   * @param by a person's id, or `operator`
   * @throws IdentityError `unknown_person`
   */
  invite(person: string, by: string): Promise<{ readonly invitation: Invitation; readonly code: string }>;
  /** Invitations that wait for a second person, and that this one may approve. */
  awaiting(approver: string): readonly (Invitation & { readonly name: string })[];
  /**
   * A second person's approval of inviting again someone who has had a passkey.
   *
   * @throws IdentityError `unknown_invitation`, `self_approval` (also of another entry of the same human),
   * `replayed`, `passkey_cloned`, …
   */
  approve(options: {
    readonly invitation: string;
    readonly by: string;
    readonly receipt: Receipt;
  }): Promise<void>;
  /** What stands behind an invitation's link. Reads only. @throws IdentityError `link_unknown`, `invitation_over` */
  view(token: string): { readonly invitation: Invitation; readonly person: Person };
  /**
   * Options for the browser, once the code is right. Five wrong codes withdraw the invitation.
   *
   * @throws IdentityError `code_wrong`, `link_unknown`, `invitation_over`
   */
  begin(options: {
    readonly token: string;
    readonly code: string;
    readonly nonce: string;
  }): Promise<JsonObject>;
  /** Enrols the key, which spends the invitation. @throws IdentityError those of `begin`, and `passkey_refused` */
  complete(options: {
    readonly token: string;
    readonly code: string;
    readonly nonce: string;
    readonly name: string;
    readonly response: JsonObject;
  }): Promise<Passkey>;
  /** Options for one more key of someone who has one. */
  beginMore(options: { readonly person: string; readonly nonce: string }): Promise<JsonObject>;
  /** One more key; the receipt is of the act `add_passkey`. @throws IdentityError */
  addMore(options: {
    readonly person: string;
    readonly receipt: Receipt;
    readonly nonce: string;
    readonly name: string;
    readonly response: JsonObject;
  }): Promise<Passkey>;
  /** @param options.by a person's id, or `operator`, who gives no receipt @throws IdentityError `unknown_passkey` */
  revoke(options: {
    readonly person: string;
    readonly credential_id: string;
    readonly by: string;
    readonly reason: string;
    readonly receipt?: Receipt;
  }): Promise<void>;
}
