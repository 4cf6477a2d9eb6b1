/**
 * What calls under way need and nobody may keep: the secrets of held arguments, and results that are kept masked until
 * they are handed over. Each is encrypted under a key of its own, and gone from the disk once it is erased.
 */
export interface Secrets {
  /**
   * Keeps the bytes. MUST NOT resolve before they are on the disk.
   *
   * @returns their salted commitment, 64 hexadecimal characters
   * @throws JournalError `journal_unwritable`
   */
  put(bytes: Uint8Array): Promise<string>;
  /**
   * The bytes that were kept, checked against the commitment.
   *
   * @throws JournalError `payload_missing`, `payload_corrupt`, `payload_unreadable`
   */
  get(commit: string): Promise<Uint8Array>;
  /**
   * Destroys key and salt. MUST NOT resolve before that is on the disk; to do it again harms nothing.
   *
   * @throws JournalError `journal_unwritable`
   */
  erase(commit: string): Promise<void>;
  /**
   * Erases all but these: what a crash left behind that no entry names. Nothing may be put meanwhile.
   *
   * @throws JournalError `journal_unwritable`
   */
  eraseOthers(commits: ReadonlySet<string>): Promise<void>;
}
