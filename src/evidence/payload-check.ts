import type { Entry } from '../core/entry.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import type { PayloadRef, Payloads } from '../journal/payloads.ts';
import type { Report } from './entry-check.ts';

export interface PayloadCounts {
  /** Those that are still here and are what was committed to. */
  readonly checked: number;
  readonly missing: number;
  readonly erased: number;
}

/** Compares the payloads that entries name with their commitments, each where it is named first. */
export function createPayloadCheck(payloads: Pick<Payloads, 'get'> | undefined): {
  check(entry: Entry, report: Report): Promise<void>;
  counts(): PayloadCounts;
} {
  const counts = { checked: 0, missing: 0, erased: 0 };
  return {
    async check(entry, report) {
      const ref = refOf(entry);
      if (!payloads || !ref) return;
      try {
        await payloads.get(ref);
        counts.checked += 1;
      } catch (error) {
        const code = error instanceof PlacetError ? error.code : undefined;
        if (code === 'payload_missing') counts.missing += 1;
        else if (code === 'payload_erased') counts.erased += 1;
        else report('payload', messageOf(error).replace(/\.$/, ''));
      }
    },
    counts: () => ({ ...counts }),
  };
}

/** `approval.requested` names the arguments of its call again, which the ledger compares. */
function refOf(entry: Entry): PayloadRef | undefined {
  switch (entry.type) {
    case 'call.requested':
      return ref(entry.args_commit, entry.args_at);
    case 'approval.requested':
      return ref(entry.card_digest, entry.card_at);
    case 'call.completed':
    case 'execution.succeeded':
    case 'execution.failed':
      return entry.result_commit === undefined ? undefined : ref(entry.result_commit, entry.result_at);
    default:
      return undefined;
  }
}

function ref(commit: string, at: string | undefined): PayloadRef {
  return { commit, ...(at === undefined ? {} : { at }) };
}
