import { withDelegates, type Delegation } from './delegation.ts';
import type { AdmittedWay, Terms, VerificationLevel } from './entry.ts';
import { eligible, sameHuman, type People, type Person } from './person.ts';

/** A review as a rule writes it, complete: what a rule omits is taken from the policy's own terms. */
export interface Review {
  /** Ids of people and `group:NAME`. */
  readonly reviewers: readonly string[];
  readonly quorum: number;
  readonly verification: VerificationLevel;
  /** How long ago a sign-on may have been, where `verification` is `sso`. Default five minutes. */
  readonly max_age_ms?: number;
  readonly expires_ms: number;
  readonly reason: 'optional' | 'required';
  /** How long a call is held open for a quick approval before the pending answer. */
  readonly wait_ms: number;
  /** How long a started execution may stay unanswered. */
  readonly timeout_ms: number;
  /** Where it is asked, as in `Terms`. Default by mail. */
  readonly notify?: readonly string[];
  readonly remind_ms?: number;
  readonly escalate?: {
    readonly after_ms: number;
    /** Ids of people and `group:NAME`. */
    readonly to: readonly string[];
    readonly notify: readonly string[];
  };
  /** What decides besides `verification`, where that is no passkey. */
  readonly admits?: readonly AdmittedWay[];
  /** Reviewers may have secrets shown to them. */
  readonly reveal?: true;
}

/** One rule's part in a review verdict, its reviewers resolved. */
export interface Asked {
  readonly terms: Terms;
  readonly review: Review;
  /** Who may decide, whoever is away: a quorum has to be possible with them. */
  readonly people: readonly Person[];
  readonly refused: readonly Person[];
  /** Among those who may decide, now or later, who is away and is not asked. */
  readonly delegations: readonly Delegation[];
}

/** For whom, and when, people are asked. */
export interface Asking {
  readonly owner: string;
  /** Milliseconds since the epoch: who is away then is not asked. */
  readonly at: number;
  readonly people: People;
}

/** How long ago a sign-on may have been where nothing is said. */
export const MAX_AGE_MS = 5 * 60_000;

/** Whom a rule's review asks about a call of an agent of this owner, and what of each. */
export function ask(rule: { readonly id: string; readonly review: Review }, asking: Asking): Asked {
  const { review } = rule;
  const { reviewers: people, refused, solo } = eligible(review.reviewers, asking.owner, asking.people);
  const { reviewers, delegations } = withDelegates(people, { ...asking, quorum: review.quorum });
  const later = review.escalate && others(review.escalate.to, reviewers, asking);
  const last = others(asking.people.fallback ?? [], reviewers, asking);
  const all = [...delegations, ...(later?.delegations ?? []), ...last.delegations];
  const away = [...new Set(all.map((each) => each.of.id))];
  const verification = solo ? 'passkey' : review.verification;
  return {
    terms: {
      rule: rule.id,
      reviewers: idsOf(reviewers),
      quorum: review.quorum,
      verification,
      ...(verification === 'sso' ? { max_age_ms: review.max_age_ms ?? MAX_AGE_MS } : {}),
      reason: review.reason,
      ...(solo ? { solo } : {}),
      ...waysOf(review, verification),
      ...(review.reveal ? { reveal: review.reveal } : {}),
      ...(review.escalate === undefined ||
      later === undefined ||
      later.reviewers.length + review.escalate.notify.length === 0
        ? {}
        : {
            escalate: {
              after_ms: review.escalate.after_ms,
              reviewers: idsOf(later.reviewers),
              notify: review.escalate.notify,
            },
          }),
      ...(last.reviewers.length === 0 ? {} : { fallback: idsOf(last.reviewers) }),
      ...(away.length === 0 ? {} : { away }),
    },
    review,
    people,
    refused,
    delegations: all.filter((each, i) => all.findIndex(({ of }) => of.id === each.of.id) === i),
  };
}

/** Left out where they are what goes without saying, so that the terms of such a rule stay what they were. */
function waysOf(
  { notify = [], remind_ms, admits = [] }: Review,
  verification: VerificationLevel,
): Pick<Terms, 'admits' | 'notify' | 'remind_ms'> {
  const byMail = notify.every((channel) => channel === 'email');
  return {
    ...(admits.length === 0 || verification === 'passkey' ? {} : { admits }),
    ...(byMail ? {} : { notify }),
    ...(remind_ms === undefined ? {} : { remind_ms }),
  };
}

/**
 * Who can be asked besides, with their delegates. Nobody for whom the agent asks is among them, even if there is
 * nobody else: a lone owner approves as their rule's own reviewer or not at all.
 */
function others(names: readonly string[], reviewers: readonly Person[], asking: Asking) {
  const { solo: _, ...people } = asking.people;
  const isNew = (person: Person): boolean => !reviewers.some((each) => sameHuman(each, person));
  const found = eligible(names, asking.owner, people).reviewers.filter(isNew);
  const stoodIn = withDelegates(found, { ...asking, quorum: 0 });
  return {
    reviewers: stoodIn.reviewers.filter(isNew),
    // In the place of one who is away somebody else has to be asked than was before.
    delegations: stoodIn.delegations.filter(({ to }) => isNew(to)),
  };
}

function idsOf(people: readonly Person[]): readonly string[] {
  return people.map((person) => person.id);
}
