export interface Problem {
  /** The sequence number at which it was met, counting lines; null for what is not of one line. */
  readonly seq: number | null;
  /**
   * Of the lines: `journal_missing`, `segment_name`, `segment_too_long`, `sequence`, `line_too_long`,
   * `not_canonical`, `not_an_entry`, `append_torn`, `time`, `illegal`, `action_digest`, `no_quorum`,
   * `owner_approved`, `receipt`. Of payloads: `payload`, `payload_missing`, `not_erased`, `erased_unrecorded`. Of the
   * log: `tile`, `log_key`, `checkpoint`, `checkpoint_key`, `checkpoint_signature`, `checkpoint_missing`,
   * `cosignature`, `tail_cut`, `head_mark`, `time_stamp`. Of checkpoints that were handed in: `contradicts`, `checkpoint_key`,
   * `checkpoint_signature`, `checkpoint_unreadable`, `tail_cut`, `other_log`.
   */
  readonly code: string;
  /** One sentence with the file and the line. It may quote the journal, so it is shown through `reveal`. */
  readonly message: string;
}

/** Says what is wrong with what is at hand: a stable code, and the rest of a sentence. */
export type Report = (code: string, why: string) => void;

const LISTED = 100;
/** Of one kind, so that a flood of them hides no other. */
const LISTED_OF_KIND = 40;

/** What was found wrong: counted, and the first of each kind listed. */
export class Problems {
  readonly #listed: Problem[] = [];
  readonly #ofKind = new Map<string, number>();
  #found = 0;

  /** @param where the beginning of the sentence */
  at(seq: number | null, where: string): Report {
    return (code, why) => this.add({ seq, code, message: `${where}: ${why}.` });
  }

  add(problem: Problem): void {
    this.#found += 1;
    const before = this.#ofKind.get(problem.code) ?? 0;
    this.#ofKind.set(problem.code, before + 1);
    if (before < LISTED_OF_KIND && this.#listed.length < LISTED) this.#listed.push(problem);
  }

  get found(): number {
    return this.#found;
  }

  /** In the order of the entries, those of no entry first. */
  get listed(): readonly Problem[] {
    return this.#listed.toSorted((a, b) => (a.seq ?? -1) - (b.seq ?? -1));
  }
}
