import type { Clock } from '../core/clock.ts';
import { EvidenceError } from '../core/errors.ts';
import type { EvidenceReview } from '../core/evidence-review.ts';
import type { Period } from '../core/evidence.ts';
import { wordsOf } from '../core/period.ts';
import type { People } from '../core/person.ts';
import type { Changes } from '../guard/context.ts';
import type { EvidenceReviews } from '../guard/evidence-reviews.ts';
import type { Reviewed } from './evidence-ops.ts';

/** Tells the command line where a period is reviewed, and that it was. It records nothing by itself. */
export interface ReviewDesk {
  /**
   * @param question.after only a review whose entry is this one or later
   * @param question.wait_ms how long it waits for one
   * @throws EvidenceError `not_eligible` where the person could not record one
   */
  ask(question: {
    readonly period: Period;
    readonly person?: string | undefined;
    readonly after?: number | undefined;
    readonly wait_ms: number;
  }): Promise<Reviewed>;
}

export function createReviewDesk(parts: {
  readonly reviews: Pick<EvidenceReviews, 'all' | 'maySee'>;
  readonly people: () => People;
  readonly size: () => number;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly publicUrl: string;
}): ReviewDesk {
  const { reviews, people, size, changes, clock, publicUrl } = parts;

  function found(
    { from, to }: Period,
    person: string | undefined,
    after: number,
  ): EvidenceReview | undefined {
    return reviews
      .all()
      .findLast(
        (each) =>
          each.seq >= after &&
          each.from === from &&
          each.to === to &&
          (person === undefined || each.reviewer === person),
      );
  }

  /** Resolves at the next review, or when the time is over. */
  function next(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        stop();
        cancel();
        resolve();
      };
      const stop = changes.subscribe((entry) => {
        if (entry.type === 'evidence.reviewed') end();
      });
      const cancel = clock.after(ms, end);
    });
  }

  return {
    async ask({ period, person, after = Infinity, wait_ms }) {
      const named = people().people.filter(({ id }) => reviews.maySee(id));
      if (person !== undefined && !named.some(({ id }) => id === person)) {
        throw new EvidenceError(
          'not_eligible',
          `${person} cannot record a review: auditors and the top-level reviewers can, who are ${named.map(({ id }) => id).join(', ') || 'nobody here'}.`,
        );
      }
      const until = clock.now() + wait_ms;
      let review = found(period, person, after);
      while (!review && clock.now() < until) {
        await next(until - clock.now());
        review = found(period, person, after);
      }
      const { first, last } = wordsOf(period);
      const query = new URLSearchParams({ from: first, to: last }).toString();
      return {
        console_url: `${publicUrl}/console/evidence?${query}`,
        size: size(),
        people: named.map(({ id, name }) => ({ person: id, name })),
        ...(review ? { review } : {}),
      };
    },
  };
}
