import { keyOf } from './due.ts';
import type { Due } from './ways.ts';

/** A notice that is being delivered, or waits for that. */
export interface Job {
  readonly due: Due;
  attempts: number;
  failure?: string;
  /** What remains to be journalled once the channel has answered for good. */
  answer?: Answer;
  running?: Promise<void>;
}

export type Answer = { readonly message_id: string } | { readonly detail: string };

/** For the log. */
export function labelOf({ request, reviewer, notice, round, channel }: Omit<Due, 'way'>): string {
  const what = round === undefined ? notice : `${notice} ${round}`;
  return reviewer === undefined
    ? `${what} of ${request.id} in ${channel}`
    : `${what} of ${request.id} to ${reviewer} by ${channel}`;
}

/** The jobs under way, by the request that they are about. */
export interface JobBook {
  of(requestId: string): readonly Job[];
  /** The job of this notice. */
  find(due: Due): Job | undefined;
  add(job: Job): void;
  remove(job: Job): void;
  /** Whether it is still wanted. */
  holds(job: Job): boolean;
  all(): readonly Job[];
  requests(): readonly string[];
}

export function createJobBook(): JobBook {
  const books = new Map<string, Map<string, Job>>();
  const find = (due: Due): Job | undefined => books.get(due.request.id)?.get(keyOf(due));
  return {
    of: (requestId) => [...(books.get(requestId)?.values() ?? [])],
    find,
    add(job) {
      const { id } = job.due.request;
      const book = books.get(id) ?? new Map<string, Job>();
      books.set(id, book.set(keyOf(job.due), job));
    },
    remove(job) {
      const { id } = job.due.request;
      const book = books.get(id);
      if (find(job.due) === job) book?.delete(keyOf(job.due));
      if (book?.size === 0) books.delete(id);
    },
    holds: (job) => find(job.due) === job,
    all: () => [...books.values()].flatMap((book) => [...book.values()]),
    requests: () => [...books.keys()],
  };
}
