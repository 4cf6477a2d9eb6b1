import { actionDigest } from '../../src/core/action.ts';
import type { Card } from '../../src/core/card.ts';
import { timestamp, type Clock } from '../../src/core/clock.ts';
import { digestOf } from '../../src/core/digest.ts';
import type { Draft, Entry, Terms } from '../../src/core/entry.ts';
import { newId, type Random } from '../../src/core/ids.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { People } from '../../src/core/person.ts';
import type { Request } from '../../src/core/request.ts';

export interface NewRequest {
  readonly args?: JsonObject;
  readonly terms?: readonly Terms[];
  readonly card?: Partial<Card>;
  readonly expires_in_ms?: number;
  readonly owner_channels?: readonly string[];
}

export const PEOPLE: People = {
  people: [
    { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'] },
    { id: 'bob', name: 'Bob Lee', emails: ['bob@example.com'] },
    { id: 'carol', name: 'Carol Diaz', emails: ['carol@example.com'] },
    { id: 'dan', name: 'Dan Roe', emails: [] },
  ],
  groups: { ops: ['alice', 'bob', 'carol'] },
  agents: [{ id: 'claude-desktop', owner: 'bob' }],
};

export const WRITES: Terms = {
  rule: 'writes',
  reviewers: ['alice', 'carol'],
  quorum: 1,
  verification: 'link',
  reason: 'optional',
};

/** A journal in memory that is as strict as the real one: every entry passes through the ledger. */
export function createMemoryRequests(clock: Clock, random: Random) {
  const ledger = new Ledger();
  const entries: Entry[] = [];
  const contents = new Map<string, { card: Card; args: JsonObject }>();

  const append = (drafts: readonly Draft[]): void => {
    const stamped = drafts.map(
      (draft, index): Entry => ({
        ...draft,
        v: 1,
        seq: entries.length + index,
        id: newId('ent', clock.now(), random),
        time: timestamp(clock),
        node: 'test',
      }),
    );
    ledger.admit(stamped);
    for (const entry of stamped) {
      ledger.apply(entry);
      entries.push(entry);
    }
  };

  const get = (id: string): Request => {
    const request = ledger.request(id);
    if (!request) throw new Error(`no request ${id}`);
    return request;
  };

  const open = (made: NewRequest = {}): Request => {
    const id = newId('apr', clock.now(), random);
    const callId = newId('call', clock.now(), random);
    const args = made.args ?? { path: '/srv/report.md', content: '# Report\n' };
    const terms = made.terms ?? [WRITES];
    const named = {
      agent: 'claude-desktop',
      owner: 'bob',
      server: 'files',
      tool: 'write_file',
      definition_sha256: digestOf('write_file'),
      args_commit: digestOf(args),
    };
    const action_digest = actionDigest(named);
    const expires_at = timestamp(clock, made.expires_in_ms ?? 30 * 60_000);
    const card: Card = {
      v: 1,
      request_id: id,
      tool: 'files__write_file',
      server: 'files',
      tool_name: 'write_file',
      tags: [],
      agent: 'claude-desktop',
      owner: { id: 'bob', name: 'Bob Lee' },
      identity: 'claimed',
      args_commit: named.args_commit,
      definition_sha256: named.definition_sha256,
      action_digest,
      input_check: 'valid',
      terms,
      requested_at: timestamp(clock),
      expires_at,
      ...made.card,
    };
    append([
      { type: 'call.requested', call_id: callId, ...named, action_digest },
      {
        type: 'approval.requested',
        request_id: id,
        call_id: callId,
        ...named,
        action_digest,
        card_digest: digestOf(card),
        policy: { rule: terms.map((each) => each.rule).join(','), version: digestOf('policy') },
        terms,
        expires_at,
        timeout_ms: 300_000,
        session: 'ses_test',
        ...(made.owner_channels === undefined ? {} : { owner_channels: made.owner_channels }),
      },
    ]);
    contents.set(id, { card, args });
    return get(id);
  };

  return {
    ledger,
    entries,
    append,
    open,
    get,
    requests: (): Iterable<Request> => ledger.requests(),
    requestWithId: (id: string): Request | undefined => ledger.request(id),
    content: async (request: Request) => {
      const content = contents.get(request.id);
      if (!content) throw new Error(`no content of ${request.id}`);
      return content;
    },
    update: async (id: string, drafts: (request: Request) => readonly Draft[] | undefined) => {
      const made = drafts(get(id));
      if (made === undefined) return undefined;
      append(made);
      return get(id);
    },
    /** Ends a pending request by a person's rejection. */
    reject: (id: string, reviewer = 'alice'): void => {
      const request = get(id);
      const { action_digest, card_digest } = request;
      append([
        {
          type: 'approval.decided',
          request_id: id,
          reviewer,
          verification: 'link',
          decision: 'reject',
          opened_at: timestamp(clock),
          action_digest,
          card_digest,
        },
        {
          type: 'approval.resolved',
          request_id: id,
          resolution: 'rejected',
          reason: 'Rejected by a reviewer.',
        },
      ]);
    },
  };
}

export type MemoryRequests = ReturnType<typeof createMemoryRequests>;
