import type { Entry, EntryOf } from '../../core/entry.ts';
import type { Bounds } from './bounds.ts';

export type PolicyLoaded = EntryOf<'policy.loaded'>;
export type PeopleChanged = EntryOf<'people.changed'>;

/** A version that came into force with an entry. */
export interface Loaded<E extends Entry> {
  readonly entry: E;
  /** When the next one took its place. */
  ended?: { readonly seq: number; readonly at: string };
}

/** Which policy and which people were in force, from when to when. */
export class VersionFold {
  readonly #policies: Loaded<PolicyLoaded>[] = [];
  readonly #people: Loaded<PeopleChanged>[] = [];

  take(entry: Entry): void {
    if (entry.type === 'policy.loaded') follow(this.#policies, entry);
    else if (entry.type === 'people.changed') follow(this.#people, entry);
  }

  /** Those in force when the period began, though its first entry put an end to them, and those that came into force in it. */
  policies(bounds: Bounds): readonly Loaded<PolicyLoaded>[] {
    return within(this.#policies, bounds);
  }

  people(bounds: Bounds): readonly Loaded<PeopleChanged>[] {
    return within(this.#people, bounds);
  }
}

function follow<E extends Entry>(all: Loaded<E>[], entry: E): void {
  const before = all.at(-1);
  if (before) before.ended = { seq: entry.seq, at: entry.time };
  all.push({ entry });
}

function within<E extends Entry>(all: readonly Loaded<E>[], { from, to }: Bounds): readonly Loaded<E>[] {
  return all.filter(({ entry, ended }) => entry.seq < to && (ended === undefined || ended.seq >= from));
}
