/** What the host counts, of its fold. Nothing in it is named by an agent. */
export interface MetricsReading {
  /** Of the requests that the ledger holds, by where they stand. */
  readonly requests: Readonly<Record<string, number>>;
  /** Of those requests, the notices that a channel refused for good. */
  readonly notices_failed: number;
  readonly journal_entries: number;
  /** By the names that the settings give them. */
  readonly streams: readonly {
    readonly name: string;
    /** Entries that the receiver has not confirmed. */
    readonly behind: number;
    /** Entries that it refused for good. */
    readonly dead_letters: number;
  }[];
  readonly uptime_s: number;
}
