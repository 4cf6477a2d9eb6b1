/** Where a payload stands: its commitment (64 hexadecimal characters) and an opaque place, absent for large ones. */
export interface PayloadRef {
  readonly commit: string;
  readonly at?: string;
}

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
  /**
   * The bytes that were kept, checked against the commitment.
   *
   * @throws JournalError `payload_missing`, `payload_erased`, `payload_corrupt`
   */
  get(ref: PayloadRef): Promise<Uint8Array>;
  close(): Promise<void>;
}
