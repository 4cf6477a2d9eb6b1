import type { Draft, Entry } from '../../src/core/entry.ts';

/** Entries with numbers and times, a second apart, as a journal would give them. */
export interface EntryStory {
  readonly entries: readonly Entry[];
  /** Adds an entry. @param at RFC 3339; default: a second after the one before it */
  add(draft: Draft, at?: string): Entry;
  /** A call that is allowed, and how it ended. */
  allowed(id: string, outcome?: 'succeeded' | 'failed' | 'unknown'): void;
  denied(id: string): void;
  /** A call that is held: its request is `apr_` and the id. */
  held(id: string): void;
  /** Of a held call: approved by alice and executed. */
  approved(id: string): void;
  resolved(id: string, resolution: 'approved' | 'rejected' | 'expired' | 'voided'): void;
}

const named = { agent: 'claude', owner: 'bob', server: 'files', definition_sha256: 'd'.repeat(64) };
const policy = { rule: 'writes', version: 'f'.repeat(64) };

export function entryStory(start = '2026-11-23T10:00:00.000Z'): EntryStory {
  const entries: Entry[] = [];
  let now = Date.parse(start) - 1000;
  const action = (id: string, tool: string) => ({
    ...named,
    tool,
    action_digest: hex(`a${id}`),
    args_commit: hex(`c${id}`),
  });
  const story: EntryStory = {
    entries,
    add(draft, at) {
      now = at === undefined ? now + 1000 : Date.parse(at);
      const seq = entries.length;
      const time = new Date(now).toISOString();
      const entry: Entry = { ...draft, v: 1, seq, id: `ent_${seq}`, time, node: 'nod_a' };
      entries.push(entry);
      return entry;
    },
    allowed(id, outcome = 'succeeded') {
      story.add({ type: 'call.requested', call_id: id, ...action(id, 'read_file') });
      story.add({ type: 'call.allowed', call_id: id, policy: { ...policy, rule: 'reads' } });
      story.add({ type: 'call.completed', call_id: id, outcome, result_commit: hex(`r${id}`) });
    },
    denied(id) {
      story.add({ type: 'call.requested', call_id: id, ...action(id, 'delete_file') });
      story.add({ type: 'call.denied', call_id: id, policy, reason: 'Nothing is deleted here.' });
    },
    held(id) {
      story.add({ type: 'call.requested', call_id: id, ...action(id, 'write_file') });
      story.add({
        type: 'approval.requested',
        request_id: `apr_${id}`,
        call_id: id,
        ...action(id, 'write_file'),
        card_digest: hex(`e${id}`),
        policy,
        terms: [
          {
            rule: 'writes',
            reviewers: ['alice', 'carol'],
            quorum: 1,
            verification: 'link',
            reason: 'optional',
          },
        ],
        expires_at: new Date(now + 30 * 60_000).toISOString(),
        timeout_ms: 300_000,
        session: 'ses_1',
      });
    },
    approved(id) {
      const request_id = `apr_${id}`;
      story.add({
        type: 'approval.decided',
        request_id,
        reviewer: 'alice',
        verification: 'link',
        decision: 'approve',
        opened_at: new Date(now).toISOString(),
        action_digest: hex(`a${id}`),
        card_digest: hex(`e${id}`),
      });
      story.resolved(id, 'approved');
      story.add({ type: 'execution.claimed', request_id, fence: 1, lease_until: '2026-11-23T11:00:00.000Z' });
      story.add({ type: 'execution.started', request_id, fence: 1, action_digest: hex(`a${id}`) });
      story.add({ type: 'execution.succeeded', request_id, fence: 1, result_commit: hex(`r${id}`) });
    },
    resolved(id, resolution) {
      story.add({
        type: 'approval.resolved',
        request_id: `apr_${id}`,
        resolution,
        reason: `It was ${resolution}.`,
      });
    },
  };
  return story;
}

/** A hash that tells which it is. */
function hex(text: string): string {
  return Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);
}
