import type { Clock } from '../core/clock.ts';
import { mayBeFollowed } from '../core/credentials.ts';
import type { Ledger } from '../core/ledger.ts';
import { isSettled } from '../core/request.ts';
import type { Notices } from './notices.ts';
import type { Streams } from './streams.ts';

/** Whether a host that ends when idle has something to do or to wait for. */
export function isNeeded(parts: {
  readonly clients: { count(): number };
  readonly guard: { running(): number };
  readonly custody: { busy(): boolean };
  readonly notices: Pick<Notices, 'outbox'>;
  readonly streams: Pick<Streams, 'states'>;
  readonly ledger: Pick<Ledger, 'identities' | 'requests'>;
  readonly clock: Clock;
}): boolean {
  const { clients, guard, custody, notices, streams, ledger, clock } = parts;
  return (
    clients.count() > 0 ||
    guard.running() > 0 ||
    custody.busy() ||
    notices.outbox.undelivered().length > 0 ||
    // What cannot be sent now is sent after the next start.
    streams.states().some(({ behind, trouble }) => behind > 0 && trouble === undefined) ||
    [...ledger.identities.invitations()].some((each) => mayBeFollowed(each, clock.now())) ||
    [...ledger.requests()].some((request) => !isSettled(request))
  );
}
