import type { Draft, Entry, PasskeyReceipt, SignOnReceipt } from '../../src/core/entry.ts';

export const START = Date.parse('2026-11-23T10:00:00.000Z');
export const HOUR = 60 * 60 * 1000;
export const DAY = 24 * HOUR;

/** RFC 3339, `ms` milliseconds after the start. */
export function at(ms: number): string {
  return new Date(START + ms).toISOString();
}

/** As a journal would stamp it. */
export function entry<D extends Draft>(draft: D, ms = 0, seq = 0): Extract<Entry, { type: D['type'] }> {
  return {
    ...draft,
    v: 1,
    seq,
    id: `ent_${seq}`,
    time: at(ms),
    node: 'node_a',
  } as unknown as Extract<Entry, { type: D['type'] }>;
}

/** Bytes that were signed are not looked at by the fold. */
export function passkeyReceipt(
  credential: string,
  nonce: string,
  more: Partial<PasskeyReceipt> = {},
): PasskeyReceipt {
  return {
    kind: 'passkey',
    credential_id: credential,
    nonce,
    authenticator_data: 'YQ',
    client_data: 'Yg',
    signature: 'Yw',
    sign_count: 0,
    ...more,
  };
}

/** What `token` stands for is one answer of the identity provider. */
export function signOnReceipt(token: string, more: Partial<SignOnReceipt> = {}): SignOnReceipt {
  return {
    kind: 'sso',
    issuer: 'https://id.example.com',
    subject: 'subject of alice',
    auth_time: at(0),
    groups: [],
    id_token_sha256: token.padEnd(64, '0'),
    ...more,
  };
}

export function invited(id: string, person: string, needsApproval = false, by = 'operator') {
  return {
    type: 'passkey.invited',
    invitation: id,
    person,
    by,
    code_digest: 'c'.repeat(64),
    needs_approval: needsApproval,
  } as const satisfies Draft;
}

export function approvedInvitation(
  id: string,
  by: string,
  receipt = passkeyReceipt(`key of ${by}`, `n ${id}`),
) {
  return { type: 'passkey.invitation_approved', invitation: id, by, receipt } as const satisfies Draft;
}

export function linked(id: string, link = 'a') {
  return {
    type: 'passkey.invitation_linked',
    invitation: id,
    link_sha256: link.repeat(64),
  } as const satisfies Draft;
}

/** Valid for a day from `ms` on. */
export function sent(id: string, ms = 0) {
  return {
    type: 'passkey.invitation_sent',
    invitation: id,
    channel: 'email',
    message_id: 'm1',
    expires_at: at(ms + DAY),
  } as const satisfies Draft;
}

export function withdrawn(id: string) {
  return {
    type: 'passkey.invitation_withdrawn',
    invitation: id,
    by: 'operator',
    reason: 'sent in error',
  } as const satisfies Draft;
}

export function enrolled(
  person: string,
  credential: string,
  by: { readonly invitation?: string; readonly receipt?: PasskeyReceipt },
  signCount = 0,
) {
  return {
    type: 'passkey.enrolled',
    person,
    credential_id: credential,
    public_key: 'cG',
    algorithm: -7,
    sign_count: signCount,
    name: 'Phone',
    transports: ['internal'],
    backed_up: true,
    rp_id: 'localhost',
    ...by,
  } as const satisfies Draft;
}

export function revoked(person: string, credential: string, by = 'operator', receipt?: PasskeyReceipt) {
  return {
    type: 'passkey.revoked',
    person,
    credential_id: credential,
    by,
    reason: 'lost',
    ...(receipt === undefined ? {} : { receipt }),
  } as const satisfies Draft;
}

export function sessionOpened(
  session: string,
  person: string,
  receipt: PasskeyReceipt | SignOnReceipt,
  expires = at(8 * HOUR),
) {
  return {
    type: 'session.opened',
    session_sha256: session.repeat(64),
    person,
    expires_at: expires,
    receipt,
  } as const satisfies Draft;
}

export function sessionClosed(session: string, person: string) {
  return {
    type: 'session.closed',
    session_sha256: session.repeat(64),
    person,
    by: person,
  } as const satisfies Draft;
}
