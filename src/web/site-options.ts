import type { Clock } from '../core/clock.ts';
import type { ControlMapping } from '../core/controls.ts';
import type { Entry } from '../core/entry.ts';
import type { History } from '../core/history.ts';
import type { Random } from '../core/ids.ts';
import type { IdentitiesView } from '../core/ledger.ts';
import type { People } from '../core/person.ts';
import type { Acceptance } from '../guard/acceptance.ts';
import type { EvidenceReviews } from '../guard/evidence-reviews.ts';
import type { Reviews } from '../guard/ports.ts';
import type { Accounts } from '../reviewers/accounts.ts';
import type { ApiKeys } from '../reviewers/api-keys.ts';
import type { Enrolment } from '../reviewers/enrolment.ts';
import type { Limits } from '../reviewers/limits.ts';
import type { Passkeys } from '../reviewers/passkeys.ts';
import type { Seals } from '../reviewers/seal.ts';
import type { Sessions } from '../reviewers/sessions.ts';
import type { SingleSignOn } from '../reviewers/sso.ts';
import type { MetricsReading } from './api/metrics-reading.ts';
import type { WebhookDescriptions } from './api/webhooks.ts';
import type { EvidenceDesk } from './evidence-desk.ts';
import type { Hook } from './hook-routes.ts';
import type { ServedLog } from './served-log.ts';

/** What the reviewers' site stands on. The host puts it together. */
export interface ReviewSiteOptions {
  readonly reviews: Reviews;
  readonly acceptance: Acceptance;
  readonly evidence: EvidenceReviews;
  readonly evidenceDesk: EvidenceDesk;
  /** The controls that decisions and executions are evidence for. */
  readonly controls: () => Promise<ControlMapping>;
  /** The base of links, such as `http://localhost:7447`. It may have a path that a proxy strips. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly seals: Seals;
  readonly limits: Limits;
  readonly sessions: Sessions;
  readonly enrolment: Enrolment;
  readonly apiKeys: ApiKeys;
  /** Nothing where the site's host name is an IP address, which cannot be a relying party. */
  readonly passkeys?: Passkeys;
  /** Nothing where no identity provider is set up. */
  readonly sso?: SingleSignOn;
  /** Nothing where no chat is set up in which people decide. */
  readonly accounts?: Accounts;
  /** Nothing where Slack does not send what people press to this site. */
  readonly slackHook?: Hook;
  readonly people: () => People;
  readonly identities: () => IdentitiesView;
  readonly history: Pick<History, 'search' | 'item' | 'size'>;
  /** The policy as it is written, people.yaml first, and what is wrong with it. */
  readonly policy: () => Promise<{
    readonly version: string;
    readonly files: readonly { readonly file: string; readonly text: string }[];
    readonly problems: readonly string[];
  }>;
  readonly journal: () => {
    readonly entries: number;
    readonly opened_at?: string;
    readonly trouble?: string;
  };
  /** The journal as a transparency log. */
  readonly tlog: ServedLog;
  /** Tells of each durable entry. @returns the way to stop it */
  readonly onEntry: (listener: (entry: Entry) => void) => () => void;
  /** What monitors are told. */
  readonly metrics: () => MetricsReading;
  /** What Placet sends to others, for the description of the API. */
  readonly webhooks?: WebhookDescriptions;
  readonly health: () => { readonly ready: boolean; readonly reason?: string };
  /** Told of failures that the visitor is told nothing of; a line never holds a link. */
  readonly log: (line: string) => void;
}
