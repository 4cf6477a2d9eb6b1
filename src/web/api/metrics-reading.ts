/** What the host counts, of its fold. Nothing in it is named by an agent. */
export interface MetricsReading {
  /** Of the requests that the ledger holds, by where they stand. */
  readonly requests: Readonly<Record<string, number>>;
  /** Of those requests, the notices that a channel refused for good. */
  readonly notices_failed: number;
  readonly journal_entries: number;
  readonly uptime_s: number;
}
