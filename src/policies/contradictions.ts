import { isReadByPeople } from '../core/audience.ts';
import { expand, sameHuman, type People } from '../core/person.ts';
import { formatDuration } from './duration.ts';
import type { Path } from './positions.ts';
import type { RawReview } from './rules-schema.ts';
import { completeTerms } from './terms.ts';

/** Something about a review, at the keys that lead to it. */
export interface Remark {
  readonly path: Path;
  readonly message: string;
}

/** What a review says that cannot be had with what else holds for it. */
export function contradictions(own: RawReview, top: RawReview): readonly Remark[] {
  const { expires_ms, verification } = completeTerms(own, top);
  const expires = `expires, which is ${formatDuration(expires_ms)}`;
  const remarks: Remark[] = [];
  if (own.remind !== undefined && own.remind >= expires_ms) {
    const message = `remind must be shorter than ${expires}: after that nobody is reminded any more.`;
    remarks.push({ path: ['remind'], message });
  }
  if (own.escalate !== undefined && own.escalate.after >= expires_ms) {
    const message = `after must be shorter than ${expires}: after that nobody is asked any more.`;
    remarks.push({ path: ['escalate', 'after'], message });
  }
  const { notify } = completeTerms(own, top);
  if (own.notify !== undefined && notify !== undefined && !notify.some(isReadByPeople)) {
    const message =
      'notify names webhooks alone, which ask nobody: add email, slack, or a place that people read.';
    remarks.push({ path: ['notify'], message });
  }
  for (const way of ['slack', 'api'] as const) {
    if (own[way] !== 'decide' || verification !== 'passkey') continue;
    const message = `${way}: decide cannot be had where the verification is passkey, whose place nothing else takes; leave it out, or ask for link or sso.`;
    remarks.push({ path: [way], message });
  }
  return remarks;
}

/** What a review says, or inherits, that comes to nothing. */
export function idleTerms(own: RawReview, top: RawReview, people: People): readonly Remark[] {
  const review = completeTerms(own, top);
  const remarks: Remark[] = [];
  for (const [key, ms] of [
    ['remind', own.remind === undefined ? top.remind : undefined],
    ['escalate', own.escalate === undefined ? top.escalate?.after : undefined],
  ] as const) {
    if (ms === undefined || ms < review.expires_ms) continue;
    const message = `The ${key} of the top-level review comes after ${formatDuration(ms)}, when this is over: it does nothing here.`;
    remarks.push({ path: ['expires'], message });
  }
  const { notify = ['email'], admits = [] } = review;
  if (
    own.slack === 'decide' &&
    admits.includes('slack') &&
    !notify.some((name) => name.startsWith('slack'))
  ) {
    const message = 'slack: decide does nothing while notify names no channel of Slack.';
    remarks.push({ path: ['slack'], message });
  }
  if (own.escalate !== undefined || own.reviewers !== undefined) {
    const asked = expand(review.reviewers, people);
    const later = expand(review.escalate?.to ?? [], people);
    const isAsked = later.every((person) => asked.some((other) => sameHuman(other, person)));
    if (later.length > 0 && isAsked) {
      const message = 'escalate does nothing: everybody in to is a reviewer already.';
      remarks.push({ path: own.escalate === undefined ? ['reviewers'] : ['escalate', 'to'], message });
    }
  }
  return remarks;
}
