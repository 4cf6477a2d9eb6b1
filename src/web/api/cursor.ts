import type { Clock } from '../../core/clock.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Seals } from '../../reviewers/seal.ts';

/** Where a list goes on: after the item that was last on the page before. */
export interface Position {
  readonly id: string;
  /** What the list is ordered by before the id. */
  readonly by: string;
}

/** Opaque places in a list, each good for the person and the list that it was made for. */
export interface Cursors {
  seal(person: string, list: string, position: Position): string;
  open(person: string, list: string, cursor: string): Position | undefined;
}

const PURPOSE = 'api cursor';
const GOOD_MS = 24 * 60 * 60 * 1000;

export function createCursors(seals: Seals, clock: Clock): Cursors {
  return {
    seal: (person, list, { id, by }) => seals.seal(PURPOSE, { person, list, id, by }, clock.now() + GOOD_MS),
    open(person, list, cursor) {
      const opened = seals.open(PURPOSE, cursor);
      if (opened === undefined || !isJsonObject(opened)) return undefined;
      const { person: whose, list: which, id, by } = opened;
      if (whose !== person || which !== list || typeof id !== 'string' || typeof by !== 'string')
        return undefined;
      return { id, by };
    },
  };
}
