import { timestamp } from '../core/clock.ts';
import type { Draft, EscalationCause, Terms } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { escalatesAt, isEscalated, tellsPlacesOnly } from '../core/escalation.ts';
import { isAuditor, sameHuman, type People, type Person } from '../core/person.ts';
import { isUnreached } from '../core/reach.ts';
import { isOver, type Request } from '../core/request.ts';
import type { GuardContext } from './context.ts';
import { isAskedFor } from './rights.ts';
import type { Streams } from './streams.ts';

/** The longest that Node's timers can wait. */
const LONGEST_MS = 2 ** 31 - 1;
const RETRY_MS = 1000;

/** Asks more people about what nobody decides in time, and about what reaches nobody. */
export interface Escalator {
  watch(request: Request): void;
  close(): void;
}

export function createEscalator(
  context: Pick<GuardContext, 'changes' | 'clock' | 'ledger' | 'policy' | 'log'>,
  streams: Pick<Streams, 'update'>,
): Escalator {
  const { changes, clock, ledger, log } = context;
  const timers = new Map<string, () => void>();
  let closed = false;

  function disarm(requestId: string): void {
    timers.get(requestId)?.();
    timers.delete(requestId);
  }

  function arm(requestId: string, ms: number): void {
    disarm(requestId);
    if (closed) return;
    timers.set(
      requestId,
      clock.after(Math.min(Math.max(ms, 0), LONGEST_MS), () => {
        timers.delete(requestId);
        void escalate(requestId);
      }),
    );
  }

  /** What is to be journalled now, of people who may be asked as people.yaml is now. */
  function due(request: Request): readonly Draft[] {
    if (request.phase.kind !== 'pending' || isOver(request, timestamp(clock))) return [];
    const { people } = context.policy();
    const unreached = isUnreached(request);
    return request.terms.flatMap((terms) => {
      const late = clock.now() >= (escalatesAt(request, terms) ?? Infinity);
      const causes: readonly EscalationCause[] = [
        ...(late ? ['time' as const] : []),
        ...(unreached ? ['unreachable' as const] : []),
      ];
      return draftsFor(causes, { request, terms, people });
    });
  }

  async function escalate(requestId: string): Promise<void> {
    try {
      const request = await streams.update(requestId, due);
      // What is due and found nobody to ask waits until people.yaml changes.
      if (request) armNext(request, clock.now() + 1);
    } catch (error) {
      log(`${requestId} could not be escalated, and is tried again: ${messageOf(error)}`);
      arm(requestId, RETRY_MS);
    }
  }

  function armNext(request: Request, earliest: number): void {
    if (request.phase.kind !== 'pending') return disarm(request.id);
    const times = request.terms
      .filter((terms) => !isEscalated(request, terms, 'time'))
      .map((terms) => escalatesAt(request, terms) ?? Infinity)
      .filter((at) => at >= earliest);
    const next = Math.min(...times);
    if (next < Infinity) arm(request.id, next - clock.now());
  }

  const unsubscribe = changes.subscribe((entry) => {
    if (entry.type === 'people.changed') {
      for (const { id, phase } of ledger.requests()) if (phase.kind === 'pending') void escalate(id);
    } else if (entry.type === 'approval.resolved') disarm(entry.request_id);
    else if (entry.type === 'approval.requested') {
      const request = ledger.request(entry.request_id);
      if (request) armNext(request, 0);
    } else if (entry.type === 'notice.failed' && entry.notice === 'ask') void escalate(entry.request_id);
  });

  return {
    watch: (request) => arm(request.id, 0),
    close() {
      closed = true;
      unsubscribe();
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** An entry for each cause that has people to ask besides those who are asked already, or places to tell. */
function draftsFor(
  causes: readonly EscalationCause[],
  { request, terms, people }: { readonly request: Request; readonly terms: Terms; readonly people: People },
): readonly Draft[] {
  const personOf = (id: string): Person | undefined => people.people.find((person) => person.id === id);
  const asked = terms.reviewers.flatMap((id) => personOf(id) ?? []);
  return causes
    .filter((cause) => !isEscalated(request, terms, cause))
    .flatMap((cause): readonly Draft[] => {
      const reviewers: string[] = [];
      for (const id of (cause === 'time' ? terms.escalate?.reviewers : terms.fallback) ?? []) {
        const person = personOf(id);
        if (!person || isAuditor(person, people) || isAskedFor(request, person, people)) continue;
        if (asked.some((other) => sameHuman(other, person))) continue;
        asked.push(person);
        reviewers.push(id);
      }
      if (reviewers.length === 0 && !(cause === 'time' && tellsPlacesOnly(terms))) return [];
      return [{ type: 'approval.escalated', request_id: request.id, rule: terms.rule, cause, reviewers }];
    });
}
