import type { Entry, EntryOf, PayloadPlace } from '../core/entry.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import type { PayloadRef, Payloads } from '../journal/payloads.ts';
import type { Problem, Report } from './problems.ts';

export interface PayloadCounts {
  /** Those that are still here and are what was committed to. */
  readonly checked: number;
  /** Neither here nor erased: lost, as a power cut can lose those of allowed calls. */
  readonly missing: number;
  /** Gone, as an entry says. */
  readonly erased: number;
  /** Calls of which the erasure was ordered and is not finished: the next start does it. */
  readonly erasing: number;
  /** The workspace's key is not here, so none was looked at. */
  readonly unread?: true;
}

export interface PayloadCheck {
  /** @returns nothing when there is nothing to wait for */
  check(entry: Entry, report: Report): Promise<void> | undefined;
  /** Whether something is gone of which no entry has told. */
  isOpen(): boolean;
  /** An entry that follows those that were checked: it can only explain what is gone. */
  excuse(entry: Entry): void;
  finish(): PayloadCounts & { readonly problems: readonly Problem[] };
}

type Found = 'here' | 'missing' | 'erased' | 'corrupt';

interface Gone {
  /** Where it is named first. */
  readonly seq: number;
  readonly found: 'missing' | 'erased';
  /** Of a held call: what somebody decided on, or what came of it. */
  held: boolean;
}

/**
 * Compares the payloads that entries name with their commitments, each where it is named first, and what is gone with
 * what the journal tells of erasures.
 *
 * @param placeOf where an entry stands, as a sentence begins
 */
export function createPayloadCheck(
  payloads: Pick<Payloads, 'get'> | undefined,
  placeOf: (seq: number) => string,
): PayloadCheck {
  let checked = 0;
  let erased = 0;
  /** By commitment, those of whose erasure no entry has told yet. Commitments stand as a byte a character. */
  const gone = new Map<string, Gone>();
  /** By call: ordered, and not told to be done. */
  const ordered = new Map<string, readonly PayloadPlace[]>();
  const excused: PayloadPlace[] = [];

  async function look(payload: PayloadRef, report?: Report): Promise<Found> {
    try {
      await payloads?.get(payload);
      return 'here';
    } catch (error) {
      const code = error instanceof PlacetError ? error.code : undefined;
      if (code === 'payload_missing') return 'missing';
      if (code === 'payload_erased') return 'erased';
      report?.('payload', messageOf(error).replace(/\.$/, ''));
      return 'corrupt';
    }
  }

  async function erasureOf({ call_id }: EntryOf<'payload.erased'>, report: Report): Promise<void> {
    const places = ordered.get(call_id) ?? [];
    ordered.delete(call_id);
    for (const { commit, at } of places) {
      const found = await look(ref(commit, at));
      if (found === 'here')
        report('not_erased', `the payload ${commit} of the call ${call_id} is still there, and can be read`);
      else if (gone.delete(packed(commit))) erased += 1;
    }
  }

  async function first(entry: Entry, named: PayloadRef, report: Report): Promise<void> {
    const found = await look(named, report);
    if (found === 'here') checked += 1;
    if (found !== 'missing' && found !== 'erased') return;
    const held = entry.type !== 'call.requested' && 'request_id' in entry;
    gone.set(packed(named.commit), { seq: entry.seq, found, held });
  }

  return {
    check(entry, report) {
      if (!payloads) return undefined;
      if (entry.type === 'payload.erasure_ordered') ordered.set(entry.call_id, entry.payloads);
      if (entry.type === 'payload.erased') return erasureOf(entry, report);
      if (entry.type === 'approval.requested') {
        const args = gone.get(packed(entry.args_commit));
        if (args) args.held = true;
      }
      const named = refOf(entry);
      return named && first(entry, named, report);
    },

    isOpen: () => gone.size > 0,

    excuse(entry) {
      if (entry.type === 'payload.erasure_ordered') excused.push(...entry.payloads);
    },

    finish() {
      // What is ordered may be gone, and may still be there.
      for (const { commit } of [...[...ordered.values()].flat(), ...excused])
        if (gone.delete(packed(commit))) erased += 1;
      const problems: Problem[] = [];
      let missing = 0;
      for (const [commit, { seq, found, held }] of gone) {
        const add = (code: string, why: string) =>
          problems.push({
            seq,
            code,
            message: `${placeOf(seq)}: the payload ${Buffer.from(commit, 'latin1').toString('hex')} ${why}.`,
          });
        if (found === 'erased') add('erased_unrecorded', 'was erased, and no entry tells of it');
        else missing += 1;
        if (found === 'missing' && held)
          add('payload_missing', 'of a held call is gone, and no entry tells that it was erased');
      }
      return {
        checked,
        missing,
        erased,
        erasing: ordered.size,
        ...(payloads ? {} : { unread: true as const }),
        problems,
      };
    },
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

function packed(commit: string): string {
  return Buffer.from(commit, 'hex').toString('latin1');
}
