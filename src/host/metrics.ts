import type { Clock } from '../core/clock.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Journal } from '../journal/journal.ts';
import type { MetricsReading } from '../web/api/metrics-reading.ts';
import type { Streams } from './streams.ts';

/** States are listed at zero, too, so that what watches them sees them before the first. */
const STATES = [
  'pending',
  'approved',
  'claimed',
  'started',
  'succeeded',
  'failed',
  'outcome_unknown',
  'rejected',
  'expired',
  'cancelled',
  'voided',
  'reconciled_done',
  'reconciled_not_done',
] as const;

/** Counts what the fold holds, each time it is asked. */
export function createMetricsReader(parts: {
  readonly ledger: Pick<Ledger, 'requests'>;
  readonly journal: Pick<Journal, 'head'>;
  readonly streams: Pick<Streams, 'states'>;
  readonly clock: Clock;
}): () => MetricsReading {
  const { ledger, journal, streams, clock } = parts;
  const startedAt = clock.now();

  return () => {
    const requests: Record<string, number> = Object.fromEntries(STATES.map((state) => [state, 0]));
    let failed = 0;
    for (const { phase, notices } of ledger.requests()) {
      requests[phase.kind] = (requests[phase.kind] ?? 0) + 1;
      failed += notices.filter((notice) => notice.state === 'failed').length;
    }
    return {
      requests,
      notices_failed: failed,
      journal_entries: journal.head().size,
      streams: streams.states().map(({ name, behind, dead_letters }) => ({ name, behind, dead_letters })),
      uptime_s: Math.floor((clock.now() - startedAt) / 1000),
    };
  };
}
