import { IdentityError } from '../../src/core/errors.ts';
import type { People } from '../../src/core/person.ts';
import { createSeals } from '../../src/reviewers/seal.ts';
import { createSingleSignOn, type SingleSignOn, type SingleSignOnOptions } from '../../src/reviewers/sso.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { rejection } from './rejects.ts';

export const CALLBACK = 'http://localhost:7447/sso/callback';
export const MINUTE_MS = 60_000;

/** Single sign-on at a provider that runs, with one person, Alice. The provider's time is the machine's. */
export function signOnAt(
  provider: { readonly issuer: string; readonly clientId: string; readonly clientSecret?: string },
  more: Partial<SingleSignOnOptions> = {},
) {
  const { issuer, clientId, clientSecret } = provider;
  const clock = new FakeClock(new Date().toISOString());
  const random = seededRandom(7);
  const directory: People = {
    people: [
      {
        id: 'alice',
        name: 'Alice Ng',
        emails: ['alice@example.com'],
        sso: [{ issuer, subject: 'alice-at-idp' }],
      },
    ],
    groups: { engineering: [], finance: [] },
    group_claims: { engineering: 'eng', finance: 'Finance Team' },
    agents: [],
  };
  const seals = createSeals(random(32), clock, random);
  const sso = createSingleSignOn({
    issuer,
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    scope: 'openid',
    groupsClaim: 'groups',
    acr: [],
    redirectUri: CALLBACK,
    seals,
    people: () => directory,
    clock,
    random,
    ...more,
  });
  return { sso, clock, seals };
}

/** With what code and words an answer is refused; one that is taken fails the test. */
export async function refusal(finished: Promise<unknown>): Promise<string> {
  const thrown = await rejection(finished);
  if (!(thrown instanceof IdentityError)) throw thrown;
  return `${thrown.code}: ${thrown.message}`;
}

export const begin = (sso: SingleSignOn, maxAgeMs?: number) =>
  sso.start({ purpose: { kind: 'sign_in' }, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) });
