import type { Clock } from '../core/clock.ts';
import { mayBeFollowed } from '../core/credentials.ts';
import type { IdentitiesView, Ledger } from '../core/ledger.ts';
import { isSettled } from '../core/request.ts';
import type { CustodyCases } from '../guard/custody.ts';
import type { Guard } from '../guard/guard.ts';
import type { Clients } from './clients.ts';
import type { OpenEvidence } from './evidence-desk.ts';
import type { Notices } from './notices.ts';
import type { Streams } from './streams.ts';

/** Whether anybody is attached, or anything is under way, undelivered or waits for people. */
export function createNeeded(parts: {
  readonly clients: Pick<Clients, 'count'>;
  readonly guard: Pick<Guard, 'running'>;
  readonly custody: Pick<CustodyCases, 'busy'>;
  readonly evidence: Pick<OpenEvidence, 'busy'>;
  readonly notices: { readonly outbox: Pick<Notices['outbox'], 'undelivered'> };
  readonly streams: Pick<Streams, 'states'>;
  readonly identities: () => Pick<IdentitiesView, 'invitations'>;
  readonly ledger: Pick<Ledger, 'requests'>;
  readonly clock: Clock;
}): () => boolean {
  const { clients, guard, custody, evidence, notices, streams, identities, ledger, clock } = parts;
  return () =>
    clients.count() > 0 ||
    guard.running() > 0 ||
    custody.busy() ||
    evidence.busy() ||
    notices.outbox.undelivered().length > 0 ||
    // What cannot be sent now is sent after the next start.
    streams.states().some(({ behind, trouble }) => behind > 0 && trouble === undefined) ||
    [...identities().invitations()].some((each) => mayBeFollowed(each, clock.now())) ||
    [...ledger.requests()].some((request) => !isSettled(request));
}
