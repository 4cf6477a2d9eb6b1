import { timestamp, type Clock } from '../../src/core/clock.ts';
import { sha256 } from '../../src/core/digest.ts';
import type { SignOnReceipt } from '../../src/core/entry.ts';
import { IdentityError } from '../../src/core/errors.ts';
import { personOfSignOn, type People } from '../../src/core/person.ts';
import type { SignOnPurpose, SingleSignOn } from '../../src/reviewers/sso.ts';

export const ISSUER = 'https://login.example.com';

/** A strict fake of single sign-on: the provider's answer names whom the test signs on. Never used outside tests. */
export function fakeSso(clock: Clock, people: () => People) {
  const begun = new Map<string, SignOnPurpose>();
  const started: { purpose: SignOnPurpose; maxAgeMs?: number }[] = [];
  /** Who proves who they are at the provider. */
  const provider = { subject: 'alice-at-idp' };
  let count = 0;
  const sso: SingleSignOn = {
    issuer: ISSUER,
    async start(options) {
      count += 1;
      const state = `state-${count}`;
      begun.set(state, options.purpose);
      started.push(options);
      return { url: `${ISSUER}/auth?state=${state}`, cookie: state };
    },
    async finish({ url, cookie }) {
      const query = new URL(url).searchParams;
      const purpose = begun.get(cookie);
      if (!purpose || query.get('state') !== cookie || query.get('code') === null)
        throw new IdentityError('sso_refused', 'The answer is not for this browser.');
      begun.delete(cookie);
      const sign_on: SignOnReceipt = {
        kind: 'sso',
        issuer: ISSUER,
        subject: provider.subject,
        auth_time: timestamp(clock),
        groups: [],
        id_token_sha256: sha256(`${cookie} ${provider.subject}`),
      };
      const person = personOfSignOn(sign_on, people());
      return { purpose, sign_on, ...(person ? { person } : {}) };
    },
  };
  return { sso, provider, started };
}
