import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionDigest } from '../../src/core/action.ts';
import { digestOf, sha256 } from '../../src/core/digest.ts';
import type { Draft } from '../../src/core/entry.ts';
import type { Period } from '../../src/core/evidence.ts';
import { keepPolicy } from '../../src/journal/policy-files.ts';
import { loadPolicy } from '../../src/policies/load.ts';
import { bundleBench, type BundleBench } from './bundle-bench.ts';
import {
  action,
  allowed,
  at,
  claimed,
  completed,
  decided,
  held,
  requestId,
  resolved,
  started,
  succeeded,
} from './journal-drafts.ts';
import { PEOPLE, policyFolder, RULES } from './policy-folder.ts';

/** Of something of most kinds, a day before it and a day behind it. */
export interface AuditedWeek {
  readonly bench: BundleBench;
  readonly period: Period;
  /** Where the bundle of the period stands. Its sample is five of the eight calls. */
  readonly bundle: string;
  /** The bundle of the day before. */
  readonly other: string;
  /** The verifier key that signs it, and the one before that was changed. */
  readonly key: string;
  readonly oldKey: string;
  /** Ids of calls. */
  readonly calls: Readonly<Record<'carried' | 'shown' | 'erased', string>>;
}

/** A text that a spreadsheet would compute, a shell would run and a browser would show. */
export const HOSTILE = `=HYPERLINK("http://x","y")\n\u202e'; rm -rf / <b>`;

export const PERIOD: Period = { from: '2026-11-24T00:00:00.000Z', to: '2026-11-25T00:00:00.000Z' };

/** Makes a journal with everything that a bundle tells of, and bundles of it. */
export async function auditedWeek(): Promise<AuditedWeek> {
  const bench = await bundleBench();
  const { clock } = bench;
  const append = (...drafts: readonly Draft[]) => bench.journal.append(drafts);

  await loadedPolicy(bench, RULES);
  await append(...allowed('before'), completed('before'));
  clock.advance(13 * 3_600_000 + 50 * 60_000);
  await bench.cover();
  const carried = requestId(clock);
  let version = await step(bench, carried, null, held(carried, clock));
  clock.advance(5 * 60_000);
  await bench.cover();
  const oldKey = bench.ledger.custody.logKey ?? '';
  await append({ type: 'log.opened', software: '0.6.0' });

  // The period begins.
  clock.advance(10 * 60_000);
  version = await step(bench, carried, version, [decided(carried, 'alice', 'reject')]);
  await step(bench, carried, version, [
    { type: 'approval.resolved', request_id: carried, resolution: 'rejected', reason: HOSTILE },
  ]);
  await append(...allowed('read'), completed('read'));
  await append(...allowed('lost'), { type: 'call.completed', call_id: 'lost', outcome: 'unknown' });
  await append(...denied());
  await append(...hostile());
  clock.advance(60_000);
  const shown = await executed(bench, 'shown');
  const erased = await executed(bench, 'erased');
  await bench.checkpoints.rotate('A drill.');
  await bench.cover();
  await custody(bench, erased);
  await loadedPolicy(bench, RULES.replace('verdict: allow', 'verdict: review'));
  const expired = requestId(clock);
  version = await step(bench, expired, null, held(expired, clock));
  version = await step(bench, expired, version, refusals(expired));
  clock.advance(3_600_000);
  await step(bench, expired, version, [
    { type: 'approval.resolved', request_id: expired, resolution: 'expired', reason: 'Nobody decided.' },
  ]);
  await append(
    { type: 'agent.key_issued', agent: 'claude', key_id: 'key_1', key_sha256: sha256('key'), by: 'operator' },
    { type: 'log.recovered', lost_bytes: 12, kept_as: 'torn' },
  );

  // It ends.
  clock.advance(24 * 3_600_000);
  await append(...allowed('after'), completed('after'));
  await bench.cover();
  const key = bench.ledger.custody.logKey ?? '';
  await bench.close();
  keepSizes(bench.dir, [4, 7, 9, 38, 54]);
  const query = { from: '2026-11-24', to: '2026-11-24', frameworks: [], sample: 5 };
  const made = await bench.make({ period: PERIOD, query, seed: 'week-48-3' });
  const other = await bench.make();
  return {
    bench,
    period: PERIOD,
    bundle: made.out,
    other: other.out,
    key,
    oldKey,
    calls: { carried: `call ${carried}`, shown, erased },
  };
}

/** Checkpoints that were signed as the clock went on, whenever that was, are let go: lines stand around the period. */
function keepSizes(dir: string, sizes: readonly number[]): void {
  const path = join(dir, 'checkpoints.log');
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const kept = lines.filter((line) => {
    const { note } = JSON.parse(line) as { readonly note: string };
    return sizes.includes(Number(note.split('\n')[1]));
  });
  writeFileSync(path, kept.map((line) => `${line}\n`).join(''));
}

async function step(
  { journal }: BundleBench,
  id: string,
  version: number | null,
  drafts: readonly Draft[],
): Promise<number | null> {
  return (await journal.append(drafts, at(id, version))).at(-1)?.seq ?? null;
}

/** As a host does. */
async function loadedPolicy(bench: BundleBench, rules: string): Promise<void> {
  const loaded = await loadPolicy({ dir: policyFolder({ 'people.yaml': PEOPLE, 'rules.yaml': rules }) });
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  const { version, people, rules: list } = loaded.policy;
  mkdirSync(join(bench.data, 'policies'), { recursive: true });
  await keepPolicy({ dir: join(bench.data, 'policies'), version, files: loaded.texts });
  const drafts: Draft[] = [
    { type: 'policy.loaded', policy: { rule: '*', version }, rules: list.length },
    {
      type: 'people.changed',
      version: digestOf(people),
      people: people.people.length,
      agents: people.agents.length,
    },
  ];
  const same = bench.ledger.peopleVersion === digestOf(people);
  await bench.journal.append(same ? drafts.slice(0, 1) : drafts);
}

function denied(): readonly Draft[] {
  return [
    { type: 'call.requested', call_id: 'denied', ...action('denied') },
    { type: 'call.denied', call_id: 'denied', policy: { rule: 'no', version: 'v1' }, reason: HOSTILE },
  ];
}

/** A call whose every text is hostile. */
function hostile(): readonly Draft[] {
  const base = { ...action('hostile'), agent: HOSTILE, tool: HOSTILE, server: '+1' };
  const { action_digest: _digest, ...named } = base;
  return [
    { type: 'call.requested', call_id: '../../up', ...named, action_digest: actionDigest(named) },
    { type: 'call.allowed', call_id: '../../up', policy: { rule: '@SUM(1)', version: 'v1' } },
    { type: 'call.completed', call_id: '../../up', outcome: 'failed', detail: HOSTILE },
  ];
}

/** A call that was held and done, with payloads. @returns its id */
async function executed(bench: BundleBench, name: string): Promise<string> {
  const { clock, payloads } = bench;
  const id = requestId(clock);
  const put = async (value: unknown) => payloads.put(Buffer.from(JSON.stringify(value)), 'synced');
  const args = await put({ path: name, text: HOSTILE });
  const card = await put({ v: 1, request_id: id });
  const result = await put({ result: { content: [] } });
  const { action_digest: _digest, ...base } = { ...action(name), args_commit: args.commit };
  const action_digest = actionDigest(base);
  const of = { ...base, action_digest, ...(args.at === undefined ? {} : { args_at: args.at }) };
  const drafts = held(id, clock).map((draft): Draft => {
    if (draft.type === 'call.requested') return { ...draft, ...of };
    if (draft.type !== 'approval.requested') return draft;
    return {
      ...draft,
      ...of,
      card_digest: card.commit,
      ...(card.at === undefined ? {} : { card_at: card.at }),
    };
  });
  let version = await step(bench, id, null, drafts);
  const decision = decided(id);
  if (decision.type !== 'approval.decided') throw new Error('That is no decision.');
  version = await step(bench, id, version, [
    { ...decision, action_digest, card_digest: card.commit, reason: HOSTILE },
    resolved(id),
  ]);
  version = await step(bench, id, version, [claimed(id)]);
  version = await step(bench, id, version, [{ ...started(id), action_digest } as Draft]);
  await step(bench, id, version, [
    {
      ...succeeded(id),
      result_commit: result.commit,
      ...(result.at === undefined ? {} : { result_at: result.at }),
    } as Draft,
  ]);
  return `call ${id}`;
}

/** A hold that comes and goes, and an erasure. */
async function custody(bench: BundleBench, callId: string): Promise<void> {
  const { journal, payloads } = bench;
  const places: { commit: string; at?: string }[] = [];
  for await (const entry of journal.read(0)) {
    if (entry.type !== 'call.requested' || entry.call_id !== callId) continue;
    places.push({ commit: entry.args_commit, ...(entry.args_at === undefined ? {} : { at: entry.args_at }) });
  }
  await journal.append([{ type: 'hold.placed', hold_id: 'hld_1', reason: 'A dispute.', by: 'operator' }]);
  await journal.append([
    { type: 'hold.released', hold_id: 'hld_1', reason: 'It is settled.', by: 'operator' },
  ]);
  await journal.append([
    {
      type: 'payload.erasure_ordered',
      call_id: callId,
      payloads: places,
      reason: 'Asked for.',
      by: 'operator',
    },
  ]);
  await payloads.erase(...places);
  await journal.append([{ type: 'payload.erased', call_id: callId, erased: places.length }]);
}

function refusals(id: string): readonly Draft[] {
  return [
    { type: 'self_approval.refused', request_id: id, reviewer: 'bob', reason: 'The agent acts for bob.' },
    {
      type: 'verification.refused',
      request_id: id,
      reviewer: 'alice',
      verification: 'passkey',
      reason: 'The signature is not by the key.',
    },
    {
      type: 'notice.failed',
      request_id: id,
      reviewer: 'carol',
      channel: 'email',
      notice: 'ask',
      detail: 'No such mailbox.',
    },
  ];
}
