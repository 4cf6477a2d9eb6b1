import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Ledger } from '../core/ledger.ts';
import type { People } from '../core/person.ts';
import type { Changes } from '../guard/context.ts';
import type { CustodyCases } from '../guard/custody.ts';
import type { Guard } from '../guard/guard.ts';
import type { Journal } from '../journal/journal.ts';
import { createCustodyDesk, type CustodyDesk } from './custody-desk.ts';
import { createPeopleDesk, type PeopleDesk } from './people-desk.ts';
import { createReviewDesk, type ReviewDesk } from './review-desk.ts';
import type { Reviewers } from './reviewers.ts';
import type { Transparency } from './transparency.ts';

/** What commands ask of a host, in the operator's name. */
export interface Desks {
  readonly desk: PeopleDesk;
  readonly custody: CustodyDesk;
  readonly evidence: ReviewDesk;
}

export function createDesks(parts: {
  readonly settings: Pick<Settings, 'smtpUrl'>;
  readonly reviewers: Reviewers;
  readonly guard: Pick<Guard, 'evidence'>;
  readonly custody: CustodyCases;
  readonly journal: Pick<Journal, 'head'>;
  readonly ledger: Pick<Ledger, 'custody' | 'identities'>;
  readonly transparency: Pick<Transparency, 'checkpoints'>;
  readonly people: () => People;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly publicUrl: string;
}): Desks {
  const { settings, reviewers, guard, custody, journal, ledger, transparency } = parts;
  const { people, changes, clock, publicUrl } = parts;
  return {
    desk: createPeopleDesk({
      ...reviewers,
      identities: () => ledger.identities,
      people,
      publicUrl,
      mails: () => settings.smtpUrl !== undefined,
    }),
    custody: createCustodyDesk({
      cases: custody,
      custody: () => ledger.custody,
      checkpoints: transparency.checkpoints,
      clock,
    }),
    evidence: createReviewDesk({
      reviews: guard.evidence,
      people,
      size: () => journal.head().size,
      changes,
      clock,
      publicUrl,
    }),
  };
}
