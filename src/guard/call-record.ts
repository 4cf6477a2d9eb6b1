import type { Entry, EntryOf, PayloadPlace } from '../core/entry.ts';
import { JournalError } from '../core/errors.ts';

/** One call and everything of it that the payload store was given. */
export interface CallRecord {
  readonly call_id: string;
  readonly request_id?: string;
  /** When it was made. RFC 3339, UTC. */
  readonly time: string;
  readonly server: string;
  readonly tool: string;
  readonly payloads: readonly PayloadPlace[];
  /** It had no end yet when the journal was read, and may bring more payloads. */
  readonly open?: true;
  /** When its payloads were last ordered to be erased, and why. */
  readonly ordered?: { readonly at: string; readonly reason: string };
}

/**
 * Gathers what the journal says of calls, entry by entry. It holds the calls that are open at that point of the
 * journal, and no others.
 */
export class CallRecords {
  readonly #open = new Map<string, CallRecord>();
  /** Ids of calls by those of their requests. */
  readonly #ofRequest = new Map<string, string>();

  /** @returns the call of which this entry is the last that may bring a payload */
  take(entry: Entry): CallRecord | undefined {
    switch (entry.type) {
      case 'call.requested':
        this.#begin(entry);
        return undefined;
      case 'approval.requested':
        this.#ofRequest.set(entry.request_id, entry.call_id);
        // Whoever looks for a request may not have seen its call, which names the same arguments.
        if (!this.#open.has(entry.call_id)) this.#begin(entry);
        this.#change(entry.call_id, {
          request_id: entry.request_id,
          payloads: placed(entry.card_digest, entry.card_at),
        });
        return undefined;
      case 'call.denied':
        return this.#close(entry.call_id);
      case 'call.completed':
        // That of a held call says only that its agent was told.
        if (entry.request_id !== undefined) return undefined;
        this.#change(entry.call_id, { payloads: placed(entry.result_commit, entry.result_at) });
        return this.#close(entry.call_id);
      case 'approval.resolved':
        return entry.resolution === 'approved'
          ? undefined
          : this.#close(this.#ofRequest.get(entry.request_id));
      case 'execution.succeeded':
      case 'execution.failed': {
        const callId = this.#ofRequest.get(entry.request_id);
        this.#change(callId, { payloads: placed(entry.result_commit, entry.result_at) });
        return this.#close(callId);
      }
      case 'execution.reconciled':
        return this.#close(this.#ofRequest.get(entry.request_id));
      default:
        return undefined;
    }
  }

  /** Calls without an end yet, oldest first. */
  open(): readonly CallRecord[] {
    return [...this.#open.values()];
  }

  #begin(entry: EntryOf<'call.requested'> | EntryOf<'approval.requested'>): void {
    const { call_id, time, server, tool } = entry;
    this.#open.set(call_id, {
      call_id,
      time,
      server,
      tool,
      payloads: placed(entry.args_commit, entry.args_at),
    });
  }

  #change(callId: string | undefined, more: Pick<CallRecord, 'payloads' | 'request_id'>): void {
    const record = callId === undefined ? undefined : this.#open.get(callId);
    if (!record) return;
    this.#open.set(record.call_id, {
      ...record,
      ...more,
      payloads: [...record.payloads, ...more.payloads],
    });
  }

  #close(callId: string | undefined): CallRecord | undefined {
    const record = callId === undefined ? undefined : this.#open.get(callId);
    if (!record) return undefined;
    this.#open.delete(record.call_id);
    if (record.request_id !== undefined) this.#ofRequest.delete(record.request_id);
    return record;
  }
}

/** A line of the journal, which was judged before it was written. @throws JournalError `journal_damaged` */
export function entryOf(line: Buffer): Entry {
  try {
    return JSON.parse(line.toString('utf8')) as Entry;
  } catch (cause) {
    throw new JournalError(
      'journal_damaged',
      'A line of the journal cannot be read; "placet log verify" says which.',
      { cause },
    );
  }
}

function placed(commit: string | undefined, at: string | undefined): readonly PayloadPlace[] {
  return commit === undefined ? [] : [{ commit, ...(at === undefined ? {} : { at }) }];
}
