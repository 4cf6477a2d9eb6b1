import type { Examined, ExceptionRange, Period } from '../core/evidence.ts';

/** A bundle on its way to somebody. */
export interface SentBundle {
  /** Such as `placet-evidence-2026-11-01-2026-11-30.tar.gz`. */
  readonly name: string;
  /** Everything that was made for it is removed when it ends, is cancelled or fails. */
  readonly body: ReadableStream<Uint8Array>;
}

/** Evidence for the console. Both MUST leave the host's own thread to decisions, and neither writes to the journal. */
export interface EvidenceDesk {
  /** @throws EvidenceError `evidence_busy`, `evidence_failed` */
  examine(period: Period, range: ExceptionRange, person: string): Promise<Examined>;
  /**
   * Makes the auditor's bundle, one at a time for each person.
   *
   * @param signal ends the making when whoever asked is gone
   * @throws EvidenceError `evidence_busy`, `evidence_failed`
   */
  bundle(period: Period, person: string, signal: AbortSignal): Promise<SentBundle>;
}
