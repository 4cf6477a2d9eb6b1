import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { actionDigest } from '../../src/core/action.ts';
import { sha256 } from '../../src/core/digest.ts';
import type { Draft } from '../../src/core/entry.ts';
import { newId } from '../../src/core/ids.ts';
import { canonicalJson } from '../../src/core/json.ts';
import { SEGMENT_LINES, segmentName } from '../../src/journal/segments.ts';
import { checkpointText } from '../../src/tlog/checkpoint.ts';
import { Frontier, type TileBytes } from '../../src/tlog/frontier.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { formatNote, makeSignerKey, parseSigner } from '../../src/tlog/note.ts';
import { tilePath } from '../../src/tlog/tile.ts';

export interface MadeJournal {
  readonly entries: number;
  readonly bytes: number;
  readonly checkpoints: number;
  /** The verifier key of the log. */
  readonly key: string;
  /** What stands in its `log.key`. */
  readonly secret: string;
}

const START = Date.parse('2026-01-05T08:00:00.000Z');
const SEED = Buffer.alloc(32, 7);
const HASH = sha256('bench');
const POLICY = { rule: 'writes', version: HASH };
/** One story in so many is of a held call that people decided on, the others of an allowed one. */
const HELD_EVERY = 8;

/**
 * Writes a journal as a host leaves it: segments, tiles, and a checkpoint after every resolution and execution. It is
 * made up, legal, and the same each time.
 *
 * @param options.dir where the segments go, such as `data/journal`
 * @param options.entries how many there are to be, at least
 * @param options.lineBytes about how long a line is
 */
export function makeJournal(options: {
  readonly dir: string;
  readonly entries: number;
  readonly lineBytes: number;
}): MadeJournal {
  const { dir, entries, lineBytes } = options;
  mkdirSync(dir, { recursive: true });
  const secret = makeSignerKey('signature', 'localhost/placet-0123456789ab', SEED);
  const signer = parseSigner(secret);
  const frontier = new Frontier();
  const history = openSync(join(dir, 'checkpoints.log'), 'w');
  let seq = 0;
  let bytes = 0;
  let checkpoints = 0;
  let segment: number | undefined;
  let note = '';

  const keepTiles = (tiles: readonly TileBytes[]): void => {
    for (const { tile, bytes: hashes } of tiles) {
      const path = join(dir, tilePath(tile));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, hashes);
    }
  };
  const sign = (): void => {
    const text = checkpointText({ origin: signer.verifier.name, ...frontier.pinned() });
    note = formatNote(text, [signer.sign(text, 0)]);
    writeSync(history, `${JSON.stringify({ at: timeOf(seq), note })}\n`);
    checkpoints += 1;
  };
  /** One append. */
  const append = (...drafts: readonly Draft[]): void => {
    if (segment === undefined || seq % SEGMENT_LINES > SEGMENT_LINES - 8) {
      if (segment !== undefined) closeSync(segment);
      segment = openSync(join(dir, segmentName(seq)), 'w');
    }
    const lines = drafts.map((draft, i) => {
      const at = START + seq * 50;
      const more = drafts.length - 1 - i;
      const stamp = { v: 1, seq, id: newId('ent', at, idTail(seq)), time: timeOf(seq) };
      const entry = { ...draft, ...stamp, ...(more > 0 ? { more } : {}), node: '' };
      const bare = Buffer.byteLength(canonicalJson(entry));
      const line = canonicalJson({ ...entry, node: 'n'.repeat(Math.max(1, lineBytes - 1 - bare)) });
      keepTiles(frontier.append(leafHash(line)));
      seq += 1;
      return `${line}\n`;
    });
    bytes += writeSync(segment, lines.join(''));
    if (drafts.some(({ type }) => type === 'approval.resolved' || type.startsWith('execution.'))) sign();
  };

  append({ type: 'log.opened', software: 'bench' });
  append({ type: 'log.key', key: signer.verifier.vkey, by: 'placet' });
  const written = () => seq;
  for (let story = 0; written() < entries; story += 1) {
    const call = newId('cal', START + seq * 50, idTail(seq));
    if (story % HELD_EVERY === 0) heldCall(append, call, newId('apr', START + seq * 50, idTail(seq)), seq);
    else allowedCall(append, call);
  }
  if (segment !== undefined) closeSync(segment);
  sign();
  keepTiles(frontier.partials());
  closeSync(history);
  writeFileSync(join(dir, 'checkpoint'), note);
  return { entries: seq, bytes, checkpoints, key: signer.verifier.vkey, secret };
}

function allowedCall(append: (...drafts: Draft[]) => void, call_id: string): void {
  append(
    { type: 'call.requested', call_id, ...action(call_id), args_at: '1:1' },
    { type: 'call.allowed', call_id, policy: POLICY },
  );
  append({ type: 'call.completed', call_id, outcome: 'succeeded', result_commit: sha256(`r${call_id}`) });
}

/** Asked, approved by one, executed, delivered. */
function heldCall(
  append: (...drafts: Draft[]) => void,
  call_id: string,
  request_id: string,
  seq: number,
): void {
  const { action_digest, ...rest } = action(call_id);
  const card_digest = sha256(`card ${call_id}`);
  append(
    { type: 'call.requested', call_id, action_digest, ...rest },
    {
      type: 'approval.requested',
      request_id,
      call_id,
      action_digest,
      ...rest,
      card_digest,
      policy: POLICY,
      terms: [{ rule: 'writes', reviewers: ['alice'], quorum: 1, verification: 'link', reason: 'optional' }],
      expires_at: new Date(START + seq * 50 + 1_800_000).toISOString(),
      timeout_ms: 300_000,
      session: 'session',
    },
  );
  append({ type: 'link.issued', request_id, reviewer: 'alice', link_sha256: sha256(`l${call_id}`) });
  const notice = { request_id, reviewer: 'alice', channel: 'email', message_id: call_id };
  append({ type: 'notice.sent', ...notice, notice: 'ask' });
  append(
    {
      type: 'approval.decided',
      request_id,
      reviewer: 'alice',
      verification: 'link',
      decision: 'approve',
      opened_at: timeOf(seq),
      action_digest,
      card_digest,
    },
    { type: 'approval.resolved', request_id, resolution: 'approved', reason: '' },
  );
  append({ type: 'execution.claimed', request_id, fence: 1, lease_until: timeOf(seq + 1200) });
  append({ type: 'execution.started', request_id, fence: 1, action_digest });
  append({ type: 'execution.succeeded', request_id, fence: 1, result_commit: sha256(`r${call_id}`) });
  append({ type: 'call.completed', call_id, request_id, outcome: 'delivered' });
  append({ type: 'notice.sent', ...notice, notice: 'outcome' });
}

function action(name: string) {
  const base = {
    agent: 'claude-desktop',
    owner: 'bob',
    server: 'files',
    tool: 'write_file',
    definition_sha256: HASH,
    args_commit: sha256(name),
  };
  return { ...base, action_digest: actionDigest(base) };
}

function timeOf(seq: number): string {
  return new Date(START + seq * 50).toISOString();
}

/** Bytes that no other number gives. */
function idTail(seq: number): (size: number) => Uint8Array {
  return (size) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32BE(seq, size - 4);
    for (let at = 0; at < 7; at += 1) bytes[at] = Math.floor(seq / 32 ** at) % 32;
    return bytes;
  };
}
