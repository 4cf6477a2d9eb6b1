import type { Clock } from '../core/clock.ts';
import { requestIdOf, type Draft, type Entry, type Stamp } from '../core/entry.ts';
import { JournalError, messageOf } from '../core/errors.ts';
import { newId, type Random } from '../core/ids.ts';
import type { AppendOptions, Fold } from './journal.ts';
import { encodeEntry } from './line.ts';
import { SEGMENT_LINES } from './segments.ts';

/** One append that was judged, on its way to the disk. */
export interface Appending {
  readonly entries: readonly Entry[];
  readonly lines: readonly string[];
  /** The request that no other append may touch meanwhile. */
  readonly request: string | undefined;
}

export interface AdmissionOptions {
  readonly fold: Fold;
  readonly clock: Clock;
  readonly random: Random;
  readonly node: string;
  /** How many entries are durable. */
  readonly size: number;
}

/** Judges and stamps appends in the order in which they come, ahead of their being written. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #underWay = new Set<string>();
  #durable: number;
  #next: number;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#durable = options.size;
    this.#next = options.size;
  }

  /** How many entries are durable. */
  get size(): number {
    return this.#durable;
  }

  /** @throws JournalError `conflict`, `entry_too_long`; TransitionError from the fold; TypeError */
  admit(drafts: readonly Draft[], expect: AppendOptions['expect']): Appending {
    if (drafts.length === 0 || drafts.length > SEGMENT_LINES) {
      throw new TypeError(`An append takes 1 to ${SEGMENT_LINES} entries, not ${drafts.length}.`);
    }
    for (const draft of drafts) {
      const id = requestIdOf(draft);
      if (id !== undefined && id !== expect?.request_id) {
        throw new TypeError(
          `${draft.type} belongs to the request ${id}, whose expected version is not given.`,
        );
      }
    }
    if (expect) this.#mustBeCurrent(expect);
    const { clock, random, node } = this.#options;
    const now = clock.now();
    const time = new Date(now).toISOString();
    return this.#take(
      drafts.map((draft) => ({ draft, stamp: { id: newId('ent', now, random), time, node } })),
      expect?.request_id,
    );
  }

  /** These are on the disk: the fold takes them up, and whoever listens to it may append at once. */
  durable(appended: readonly Appending[]): void {
    for (const { entries, request } of appended) {
      for (const entry of entries) {
        this.#durable += 1;
        if (request !== undefined && entry === entries.at(-1)) this.#underWay.delete(request);
        this.#options.fold.apply(entry);
      }
    }
  }

  /**
   * Everything under way is lost; what of it has to be written again is judged anew and gets the next numbers.
   *
   * @returns what can be written again, and why the rest cannot
   */
  restart(kept: readonly Appending[]): {
    readonly again: readonly Appending[];
    readonly dropped: readonly string[];
  } {
    this.#options.fold.withdraw();
    this.#underWay.clear();
    this.#next = this.#durable;
    const again: Appending[] = [];
    const dropped: string[] = [];
    for (const { entries, request } of kept) {
      try {
        again.push(
          this.#take(
            entries.map(({ v: _v, seq: _seq, more: _more, id, time, node, ...draft }) => ({
              draft,
              stamp: { id, time, node },
            })),
            request,
          ),
        );
      } catch (error) {
        dropped.push(`${entries.map((entry) => entry.type).join(', ')} is lost: ${messageOf(error)}`);
      }
    }
    return { again, dropped };
  }

  #mustBeCurrent({ request_id: id, version }: NonNullable<AppendOptions['expect']>): void {
    if (this.#underWay.has(id)) throw conflict(id, 'another change of it is being written');
    const current = this.#options.fold.version(id) ?? null;
    if (current !== version) {
      throw conflict(id, `it stands at ${current ?? 'nothing'}, not at ${version ?? 'nothing'}`);
    }
  }

  #take(stamped: readonly Stamped[], request: string | undefined): Appending {
    const entries: Entry[] = [];
    const lines: string[] = [];
    let more = stamped.length;
    for (const { draft, stamp } of stamped) {
      more -= 1;
      const seq = this.#next + entries.length;
      const { id, time, node } = stamp;
      // In this order, because to add members behind those that are copied takes ten times as long.
      const { entry, line } = encodeEntry(
        more === 0 ? { v: 1, seq, id, time, node, ...draft } : { v: 1, seq, id, time, node, more, ...draft },
      );
      entries.push(entry);
      lines.push(line);
    }
    this.#options.fold.admit(entries);
    this.#next += entries.length;
    if (request !== undefined) this.#underWay.add(request);
    return { entries, lines, request };
  }
}

interface Stamped {
  readonly draft: Draft;
  readonly stamp: Pick<Stamp, 'id' | 'time' | 'node'>;
}

function conflict(id: string, why: string): JournalError {
  return new JournalError('conflict', `The request ${id} was changed by someone else: ${why}. Look again.`);
}
