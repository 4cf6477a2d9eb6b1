import type { Hold } from '../core/custody.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Payloads } from '../journal/payloads.ts';
import type { CallRecord } from './call-record.ts';

/** Why the payloads of a call must stay for now. */
export type InTheWay =
  | { readonly kind: 'held'; readonly hold: Hold }
  /** `unknown`: it was sent, and nobody has said yet what became of it. Who finds out needs the arguments. */
  | { readonly kind: 'under_way'; readonly unknown: boolean };

/** Answers for any number of calls, as things stand now. */
export function standingInTheWay(
  ledger: Pick<Ledger, 'custody' | 'isUnderWay' | 'requests'>,
): (callId: string) => InTheWay | undefined {
  const unknown = new Set(
    [...ledger.requests()]
      .filter((request) => request.phase.kind === 'outcome_unknown')
      .map((request) => request.call_id),
  );
  return (callId) => {
    const hold = ledger.custody.holdOn(callId);
    if (hold) return { kind: 'held', hold };
    if (unknown.has(callId)) return { kind: 'under_way', unknown: true };
    return ledger.isUnderWay(callId) ? { kind: 'under_way', unknown: false } : undefined;
  };
}

/** Whether anything is left to erase. The store is asked, and not the journal, which may speak of it much later. */
export async function isKept(payloads: Pick<Payloads, 'holds'>, record: CallRecord): Promise<boolean> {
  for (const each of record.payloads) if (await payloads.holds(each)) return true;
  return false;
}
