import type { DeliveryError, Driver, Place, PlaceNotice } from './channel.ts';
import type { Answer } from './post.ts';

/** Why a service did not take a message, and what somebody has to mend about it, if that is so. */
export interface Refusal {
  readonly error: DeliveryError;
  readonly problem?: string;
}

/**
 * The one place of a service that takes each notice by one post, as a driver. What has to be mended is told until a
 * post is taken.
 */
export function createPostedPlace(options: {
  readonly name: string;
  /** @param signal ends when the driver is closed */
  readonly post: (notice: PlaceNotice, signal: AbortSignal) => Promise<Answer>;
  /** Nothing where the answer says that it was taken. */
  readonly refusalOf: (answer: Answer) => Refusal | undefined;
  /** The same for the same notice. */
  readonly idOf: (notice: PlaceNotice) => string;
}): Driver {
  const { name, post, refusalOf, idOf } = options;
  const ending = new AbortController();
  const underWay = new Set<Promise<void>>();
  let problem: string | undefined;

  const send = async (notice: PlaceNotice): Promise<void> => {
    const refusal = refusalOf(await post(notice, ending.signal));
    problem = refusal?.problem;
    if (refusal !== undefined) throw refusal.error;
  };

  const place: Place = {
    name,
    async post(notice) {
      const sending = send(notice);
      underWay.add(sending);
      try {
        await sending;
      } finally {
        underWay.delete(sending);
      }
      return { message_id: idOf(notice) };
    },
  };

  return {
    place: (wanted) => (wanted === name ? place : undefined),
    problems: () => (problem === undefined ? [] : [problem]),
    async close() {
      ending.abort();
      await Promise.allSettled(underWay);
    },
  };
}
