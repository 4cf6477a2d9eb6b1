/** Where a payload stands: its commitment (64 hexadecimal characters) and an opaque place, absent for large ones. */
export interface PayloadRef {
  readonly commit: string;
  readonly at?: string;
}

/** What became of a payload that was to be erased; `misplaced`: another one stands in its place, and was left alone. */
export type Erasing = 'erased' | 'gone' | 'misplaced';

/**
 * Arguments, results and cards, each encrypted under a key of its own that the workspace's key wraps. What the
 * journal holds is SHA-256(salt ‖ bytes); the salt stands with the key, and destroying both erases the payload.
 */
export interface Payloads {
  /**
   * Keeps the bytes. With `synced` it MUST NOT resolve before they are on the disk; with `written` they are
   * synced at most 5 ms later.
   *
   * @throws JournalError `journal_unwritable`
   */
  put(bytes: Uint8Array, durability: 'synced' | 'written'): Promise<PayloadRef>;
  /** Resolves when everything that was put before is on the disk. @throws JournalError `journal_unwritable` */
  sync(): Promise<void>;
  /**
   * The bytes that were kept, checked against the commitment.
   *
   * @throws JournalError `payload_missing`, `payload_erased`, `payload_corrupt`
   */
  get(ref: PayloadRef): Promise<Uint8Array>;
  /**
   * Whether there is something to erase: it is neither erased nor missing.
   *
   * @throws JournalError `payload_unreadable`, also where the whole store is gone, which is no proof of anything
   */
  holds(ref: PayloadRef): Promise<boolean>;
  /**
   * Destroys keys and salts, so that nobody can read these payloads or test a guess of them. MUST NOT resolve before
   * that is on the disk; to do it again harms nothing.
   *
   * @returns what became of each, in order; `gone` are those that had been erased before, or are not kept here
   * @throws JournalError `journal_unwritable`, `payload_unreadable`; then some may be erased
   */
  erase(...refs: readonly PayloadRef[]): Promise<readonly Erasing[]>;
  close(): Promise<void>;
}
