import type { Clock } from '../core/clock.ts';
import type { ControlMapping } from '../core/controls.ts';
import type { History } from '../core/history.ts';
import type { Random } from '../core/ids.ts';
import type { IdentitiesView, Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { People } from '../core/person.ts';
import type { Changes } from '../guard/context.ts';
import type { Guard } from '../guard/guard.ts';
import type { Journal } from '../journal/journal.ts';
import type { EvidenceDesk } from '../web/evidence-desk.ts';
import type { Hook } from '../web/hook-routes.ts';
import { webhookEventSchema } from '../notify/webhook/event.ts';
import { createReviewSite, type ReviewSite } from '../web/site.ts';
import { createMetricsReader } from './metrics.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { policyTexts } from './policy-texts.ts';
import type { Reviewers } from './reviewers.ts';
import type { Streams } from './streams.ts';
import type { Transparency } from './transparency.ts';

const WEBHOOKS = {
  approval: {
    summary: 'What endpoints that a rule names with webhook:NAME are sent, signed (Standard Webhooks)',
    schema: webhookEventSchema,
  },
};

/** The reviewers' site, over the parts of a host. */
export function reviewSiteOf(parts: {
  readonly reviewers: Reviewers;
  readonly guard: Pick<Guard, 'acceptance' | 'evidence' | 'reviews'>;
  readonly evidenceDesk: EvidenceDesk;
  readonly controls: () => Promise<ControlMapping>;
  readonly journal: Journal;
  readonly ledger: Pick<Ledger, 'requests'>;
  readonly transparency: Transparency;
  readonly streams: Pick<Streams, 'states'>;
  readonly policy: Pick<PolicyInForce, 'current' | 'problems'>;
  /** The folder of the policy's files. */
  readonly policies: string;
  readonly people: () => People;
  readonly identities: () => IdentitiesView;
  readonly history: History;
  readonly changes: Changes;
  readonly publicUrl: string;
  readonly slack: { readonly hook?: Hook } | undefined;
  readonly monitorToken: string | undefined;
  /** Whether an authority is asked for time stamps. */
  readonly stamped: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): ReviewSite {
  const { reviewers, guard, journal, transparency, policy, policies, changes } = parts;
  const { accounts, ...proofs } = reviewers;
  const slackHook = parts.slack?.hook;
  return createReviewSite({
    ...proofs,
    ...(parts.slack ? { accounts } : {}),
    ...(slackHook ? { slackHook } : {}),
    reviews: guard.reviews,
    acceptance: guard.acceptance,
    evidence: guard.evidence,
    evidenceDesk: parts.evidenceDesk,
    controls: parts.controls,
    publicUrl: parts.publicUrl,
    clock: parts.clock,
    random: parts.random,
    people: parts.people,
    identities: parts.identities,
    history: parts.history,
    policy: async () => ({
      version: policy.current().version,
      files: await policyTexts(policies),
      problems: policy.problems(),
    }),
    journal: () => {
      const trouble = journal.trouble();
      return { entries: journal.head().size, ...(trouble === undefined ? {} : { trouble }) };
    },
    onEntry: (listener) => changes.subscribe(listener),
    metrics: createMetricsReader(parts),
    webhooks: WEBHOOKS,
    health: () => {
      const reason = journal.trouble() ?? transparency.checkpoints.trouble();
      return reason === undefined ? { ready: true } : { ready: false, reason };
    },
    tlog: {
      newest: () => transparency.checkpoints.newest(),
      tile: (tile) => journal.tree.tile(tile),
      lines: (from, to) => journal.readLines(from, to),
      key: () => transparency.checkpoints.verifier(),
      witnesses: () => transparency.witnesses(),
      ...(parts.stamped ? { stamp: () => transparency.lastStamp() } : {}),
      trouble: () => transparency.checkpoints.trouble(),
      ...(parts.monitorToken === undefined ? {} : { monitorToken: parts.monitorToken }),
    },
    log: parts.log,
  });
}
