import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { actionDigest } from '../../src/core/action.ts';
import { sha256 } from '../../src/core/digest.ts';
import type { Draft, PolicyRef } from '../../src/core/entry.ts';
import { newId } from '../../src/core/ids.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { systemClock as clock, systemRandom as random } from '../../src/host/system.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { openWorkspaceKeys } from '../../src/journal/keys.ts';
import { openPayloadFiles } from '../../src/journal/payload-files.ts';
import type { Payloads } from '../../src/journal/payloads.ts';

const POLICY: PolicyRef = { rule: 'echoes', version: sha256('rules') };
/** Entries of an allowed call, and of a held one. */
const ALLOWED = 3;
const HELD = 8;
const AT_ONCE = 50;

export interface Past {
  /** At least so many entries. */
  readonly entries: number;
  /** How many allowed calls go with each held one. Default 9. */
  readonly allowed?: number;
  /** What stands after all calls. */
  readonly last?: readonly Draft[];
  /** By which the calls were judged; by default one that nobody has. */
  readonly policy?: PolicyRef;
}

/**
 * Fills the data folder of a workspace that does not run with a past in which most calls were allowed and the
 * others held, approved, executed and delivered. It goes through the real journal and payload
 * store, and leaves the snapshot that a host leaves when it ends.
 */
export async function writeHistory(data: string, past: Past, software: string): Promise<void> {
  const { entries, allowed: share = 9, last = [], policy = POLICY } = past;
  const keys = await openWorkspaceKeys(join(data, 'keys'), random);
  const payloads = openPayloadFiles({
    dir: join(data, 'payloads'),
    key: keys.derive('payloads'),
    clock,
    random,
  });
  const journal = await openJsonlJournal({
    dir: join(data, 'journal'),
    clock,
    random: (size) => randomBytes(size),
    node: 'bench',
    fold: new Ledger(),
    snapshotKey: keys.derive('snapshot'),
    software,
  });
  const chapter = async (): Promise<void> => {
    const calls = await Promise.all(Array.from({ length: share }, () => allowed(payloads, policy)));
    if (calls.length > 0) await journal.append(calls.flat(), { durability: 'written' });
    const { id, drafts } = await held(payloads, policy);
    await journal.append(drafts, { expect: { request_id: id, version: null }, durability: 'written' });
  };
  try {
    while (journal.head().size < entries) {
      const missing = Math.ceil((entries - journal.head().size) / (share * ALLOWED + HELD));
      await Promise.all(Array.from({ length: Math.min(missing, AT_ONCE) }, chapter));
    }
    if (last.length > 0) await journal.append(last);
  } finally {
    await journal.close();
    await payloads.close();
  }
}

async function requested(payloads: Payloads, tool: string) {
  const callId = newId('call', clock.now(), random);
  const args = await payloads.put(Buffer.from(JSON.stringify({ text: callId })), 'written');
  const base = {
    agent: 'claude',
    owner: 'bob',
    server: 'echo',
    tool,
    definition_sha256: sha256('definition'),
    args_commit: args.commit,
  };
  const action = {
    ...base,
    ...(args.at === undefined ? {} : { args_at: args.at }),
    action_digest: actionDigest(base),
  };
  return { callId, action, draft: { type: 'call.requested', call_id: callId, ...action } as const };
}

async function allowed(payloads: Payloads, policy: PolicyRef): Promise<readonly Draft[]> {
  const { callId, draft } = await requested(payloads, 'echo');
  return [
    draft,
    { type: 'call.allowed', call_id: callId, policy },
    { type: 'call.completed', call_id: callId, outcome: 'succeeded' },
  ];
}

async function held(
  payloads: Payloads,
  policy: PolicyRef,
): Promise<{ readonly id: string; readonly drafts: readonly Draft[] }> {
  const { callId, action, draft } = await requested(payloads, 'change');
  const { action_digest } = action;
  const id = newId('apr', clock.now(), random);
  const card_digest = sha256(id);
  const soon = new Date(clock.now() + 3_600_000).toISOString();
  const drafts: readonly Draft[] = [
    draft,
    {
      type: 'approval.requested',
      request_id: id,
      call_id: callId,
      ...action,
      card_digest,
      policy,
      terms: [{ rule: 'changes', reviewers: ['alice'], quorum: 1, verification: 'link', reason: 'optional' }],
      expires_at: soon,
      timeout_ms: 300_000,
      session: 'session',
    },
    {
      type: 'approval.decided',
      request_id: id,
      reviewer: 'alice',
      verification: 'link',
      decision: 'approve',
      opened_at: new Date(clock.now()).toISOString(),
      action_digest,
      card_digest,
    },
    { type: 'approval.resolved', request_id: id, resolution: 'approved', reason: '' },
    { type: 'execution.claimed', request_id: id, fence: 1, lease_until: soon },
    { type: 'execution.started', request_id: id, fence: 1, action_digest },
    { type: 'execution.succeeded', request_id: id, fence: 1 },
    { type: 'call.completed', call_id: callId, request_id: id, outcome: 'delivered' },
  ];
  return { id, drafts };
}
