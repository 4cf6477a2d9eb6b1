import { verificationsOf, type Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { DecisionError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { IdentitiesView, ReviewerAccessView } from '../core/ledger.ts';
import type { People } from '../core/person.ts';
import type { VerifyAssertion } from '../guard/ports.ts';
import type { Journal } from '../journal/journal.ts';
import type { WorkspaceKeys } from '../journal/keys.ts';
import { createAccounts, type Accounts } from '../reviewers/accounts.ts';
import { createApiKeys, type ApiKeys } from '../reviewers/api-keys.ts';
import type { Append } from '../reviewers/append.ts';
import { createEnrolment, type Enrolment } from '../reviewers/enrolment.ts';
import { createLimits, type Limits } from '../reviewers/limits.ts';
import { createPasskeys, type Passkeys } from '../reviewers/passkeys.ts';
import { createSeals, type Seals } from '../reviewers/seal.ts';
import { createSessions, type Sessions } from '../reviewers/sessions.ts';
import type { SingleSignOn } from '../reviewers/sso.ts';

/** How people prove who they are in this workspace. */
export interface Reviewers {
  readonly seals: Seals;
  readonly limits: Limits;
  readonly sessions: Sessions;
  readonly enrolment: Enrolment;
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly passkeys?: Passkeys;
  readonly verifyAssertion: VerifyAssertion;
  readonly sso?: SingleSignOn;
}

/** What speaks to identity providers is loaded where there is one. */
export async function createReviewers(options: {
  readonly settings: Settings;
  readonly publicUrl: string;
  readonly keys: WorkspaceKeys;
  readonly journal: Journal;
  readonly identities: () => IdentitiesView;
  readonly access: () => ReviewerAccessView;
  readonly people: () => People;
  readonly clock: Clock;
  readonly random: Random;
}): Promise<Reviewers> {
  const { settings, publicUrl, keys, journal, identities, access, people, clock, random } = options;
  const append: Append = (drafts) => journal.append(drafts);
  const seals = createSeals(keys.derive('seals'), clock, random);
  const passkeys = verificationsOf(settings).includes('passkey')
    ? createPasskeys({ origin: new URL(publicUrl).origin })
    : undefined;
  const sso = settings.oidc && (await import('../reviewers/sso.ts'));
  return {
    seals,
    limits: createLimits(),
    accounts: createAccounts({ append, identities, access, people, seals, clock }),
    sessions: createSessions({ append, identities, people, clock, random }),
    enrolment: createEnrolment({
      append,
      identities,
      people,
      passkeys,
      codeKey: keys.derive('invitation-codes'),
      clock,
      random,
    }),
    apiKeys: createApiKeys({ append, access: options.access, identities, people, clock, random }),
    ...(passkeys === undefined ? {} : { passkeys }),
    verifyAssertion: passkeys?.verifyAssertion ?? withoutPasskeys,
    ...(sso === undefined || settings.oidc === undefined
      ? {}
      : {
          sso: sso.createSingleSignOn({
            ...settings.oidc,
            redirectUri: `${publicUrl}/sso/callback`,
            seals,
            people,
            clock,
            random,
          }),
        }),
  };
}

/** Without passkeys nobody has one, so nobody comes here. */
const withoutPasskeys: VerifyAssertion = () =>
  Promise.reject(
    new DecisionError('passkey_refused', 'This site has an IP address, which cannot have passkeys.'),
  );
