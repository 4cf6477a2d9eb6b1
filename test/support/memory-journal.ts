import { commitmentTo } from '../../src/core/digest.ts';
import { timestamp, type Clock } from '../../src/core/clock.ts';
import type { Entry } from '../../src/core/entry.ts';
import { requestIdOf } from '../../src/core/entry.ts';
import { JournalError } from '../../src/core/errors.ts';
import { canonicalJson } from '../../src/core/json.ts';
import type { Fold, Journal } from '../../src/journal/journal.ts';
import type { Erasing, Payloads } from '../../src/journal/payloads.ts';
import type { Secrets } from '../../src/journal/secrets.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { leafHash } from '../../src/tlog/merkle.ts';

/** A strict stand-in for the journal, in memory, that can be made to fail. Never used outside tests. */
export interface MemoryJournal extends Journal {
  readonly entries: readonly Entry[];
  /** Every append fails from now on, or no longer. */
  break(reason: string | undefined): void;
}

export function memoryJournal(fold: Fold, clock: Clock): MemoryJournal {
  const entries: Entry[] = [];
  const busy = new Set<string>();
  let trouble: string | undefined;
  let admitted = 0;
  const tree = (): Frontier => {
    const frontier = new Frontier();
    for (const entry of entries) frontier.append(leafHash(canonicalJson(entry)));
    return frontier;
  };

  return {
    entries,
    break(reason) {
      trouble = reason;
    },
    async append(drafts, { expect } = {}) {
      if (trouble !== undefined) throw new JournalError('journal_unwritable', trouble);
      for (const draft of drafts) {
        const id = requestIdOf(draft);
        if (id !== undefined && expect?.request_id !== id)
          throw new TypeError('An append names its request.');
      }
      if (expect) {
        const version = fold.version(expect.request_id) ?? null;
        if (busy.has(expect.request_id) || version !== expect.version) {
          throw new JournalError('conflict', `The request ${expect.request_id} has changed.`);
        }
      }
      const stamped = drafts.map(
        (draft, index): Entry => ({
          ...draft,
          v: 1,
          seq: admitted + index,
          id: `ent_${admitted + index}`,
          time: timestamp(clock),
          node: 'test',
        }),
      );
      fold.admit(stamped);
      admitted += stamped.length;
      if (expect) busy.add(expect.request_id);
      await Promise.resolve();
      if (expect) busy.delete(expect.request_id);
      for (const entry of stamped) {
        entries.push(JSON.parse(JSON.stringify(entry)) as Entry);
        fold.apply(entry);
      }
      return stamped;
    },
    async *read(from, to = entries.length) {
      yield* entries.slice(from, to);
    },
    readRequest: async (requestId) => entries.filter((entry) => requestIdOf(entry) === requestId),
    async *readLines(from, to = entries.length) {
      for (const entry of entries.slice(from, to)) yield Buffer.from(canonicalJson(entry));
    },
    tree: {
      pinned: () => tree().pinned(),
      async tile(tile) {
        const bytes = tree().partial(tile);
        if (bytes) return bytes;
        throw new JournalError('tile_missing', 'The journal in memory keeps its partial tiles only.');
      },
      publish: async () => undefined,
    },
    sync: async () => undefined,
    head: () => ({ size: entries.length }),
    trouble: () => trouble,
    close: async () => undefined,
  };
}

export interface MemoryPayloads extends Payloads {
  /** Erasing fails from now on, or no longer. */
  breakErasing(reason: string | undefined): void;
  /** As if another payload had been written over this one. */
  misplace(commit: string): void;
}

/** Payloads in memory, not encrypted. Never used outside tests. */
export function memoryPayloads(): MemoryPayloads {
  const kept = new Map<string, Uint8Array | 'erased' | 'misplaced'>();
  let count = 0;
  let trouble: string | undefined;
  return {
    async put(bytes) {
      count += 1;
      const commit = commitmentTo(Buffer.from(`salt ${count}`), bytes);
      kept.set(commit, bytes);
      return { commit };
    },
    sync: async () => undefined,
    async get({ commit }) {
      const bytes = kept.get(commit);
      if (!bytes) throw new JournalError('payload_missing', `There is no payload ${commit}.`);
      if (bytes === 'erased') throw new JournalError('payload_erased', 'This payload was erased.');
      if (bytes === 'misplaced')
        throw new JournalError('payload_corrupt', 'Another one stands in its place.');
      return bytes;
    },
    async holds({ commit }) {
      const bytes = kept.get(commit);
      return bytes !== undefined && bytes !== 'erased';
    },
    async erase(...refs) {
      if (trouble !== undefined) throw new JournalError('journal_unwritable', trouble);
      return refs.map(({ commit }): Erasing => {
        const bytes = kept.get(commit);
        if (bytes === undefined || bytes === 'erased') return 'gone';
        if (bytes === 'misplaced') return bytes;
        kept.set(commit, 'erased');
        return 'erased';
      });
    },
    breakErasing(reason) {
      trouble = reason;
    },
    misplace(commit) {
      kept.set(commit, 'misplaced');
    },
    close: async () => undefined,
  };
}

export interface MemorySecrets extends Secrets {
  /** What is kept, by commitment. */
  readonly kept: Map<string, Uint8Array>;
  /** Erasing fails from now on, or no longer. */
  breakErasing(reason: string | undefined): void;
}

/** Secrets in memory, not encrypted. Never used outside tests. */
export function memorySecrets(kept = new Map<string, Uint8Array>()): MemorySecrets {
  let trouble: string | undefined;
  const erase = (commit: string): void => {
    if (trouble !== undefined) throw new JournalError('journal_unwritable', trouble);
    kept.delete(commit);
  };
  return {
    kept,
    breakErasing(reason) {
      trouble = reason;
    },
    async put(bytes) {
      const commit = commitmentTo(Buffer.from(`secret ${kept.size}`), bytes);
      kept.set(commit, bytes);
      return commit;
    },
    async get(commit) {
      const bytes = kept.get(commit);
      if (!bytes) throw new JournalError('payload_missing', `There are no secrets ${commit}.`);
      return bytes;
    },
    erase: async (commit) => erase(commit),
    async eraseOthers(commits) {
      for (const commit of Array.from(kept.keys())) if (!commits.has(commit)) erase(commit);
    },
  };
}
