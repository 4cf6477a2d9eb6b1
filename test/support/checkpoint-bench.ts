import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from '../../src/core/ledger.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { openCheckpoints } from '../../src/journal/checkpoint-files.ts';
import type { Checkpoints, SignedCheckpoint } from '../../src/journal/checkpoints.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { consistencyProof, extendsTree } from '../../src/tlog/merkle.ts';
import { parseVerifier } from '../../src/tlog/note.ts';
import { subtreesOf } from '../../src/tlog/tile.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { countingDisk, type CountingDisk } from './counting-disk.ts';
import { rejection } from './journal-suite.ts';
import { tempDir } from './temp.ts';

/** A data folder with the real journal and what signs it. */
export interface CheckpointBench {
  readonly data: string;
  readonly dir: string;
  readonly keysDir: string;
  readonly clock: FakeClock;
  /** Of the checkpoints and the keys; the journal has a disk that works. */
  readonly disk: CountingDisk;
  readonly logs: string[];
  /** Every checkpoint that was told or answered, before and after restarts and crashes. */
  readonly given: SignedCheckpoint[];
  journal: Journal;
  ledger: Ledger;
  checkpoints: Checkpoints;
  /** As `checkpoints.cover`, taking note of what was given. */
  cover(): Promise<SignedCheckpoint>;
  /** Opens what stands in the folder. */
  open(): Promise<void>;
  close(): Promise<void>;
  reopen(): Promise<void>;
  /** As if the process had been killed now: another bench on a copy of what is on the disk. Not opened. */
  crashed(): Promise<CheckpointBench>;
  /** Resolves when nothing is being signed and nothing is asked for. */
  idle(): Promise<void>;
}

let made = 0;

export function checkpointBench(from?: string): CheckpointBench {
  const data = tempDir();
  if (from !== undefined) cpSync(from, data, { recursive: true });
  made += 1;
  const random = seededRandom(made * 7919);
  const clock = new FakeClock();
  const disk = countingDisk();
  const dir = join(data, 'journal');
  const keysDir = join(data, 'keys');
  const logs: string[] = [];
  const given: SignedCheckpoint[] = [];
  const closed = (): never => {
    throw new TypeError('The bench is not open.');
  };

  const bench: CheckpointBench = {
    data,
    dir,
    keysDir,
    clock,
    disk,
    logs,
    given,
    get journal() {
      return closed();
    },
    get ledger() {
      return closed();
    },
    get checkpoints() {
      return closed();
    },
    async cover() {
      const checkpoint = await bench.checkpoints.cover();
      given.push(checkpoint);
      return checkpoint;
    },
    async open() {
      const log = (line: string) => void logs.push(line);
      const ledger = new Ledger();
      const { fold, changes } = observedLedger(ledger, log);
      const journal = await openJsonlJournal({
        dir,
        clock,
        random,
        node: 'host',
        fold,
        snapshotKey: Buffer.alloc(32, 7),
        software: '0.3.0',
        onTrouble: log,
      });
      try {
        const checkpoints = await openCheckpoints({
          dir,
          keysDir,
          host: 'placet.example',
          journal,
          custody: () => ledger.custody,
          changes,
          clock,
          random,
          log,
          disk,
        });
        checkpoints.subscribe((checkpoint) => given.push(checkpoint));
        for (const [name, value] of Object.entries({ journal, ledger, checkpoints }))
          Object.defineProperty(bench, name, { value, configurable: true });
      } catch (error) {
        await journal.close();
        throw error;
      }
      const newest = bench.checkpoints.newest();
      if (newest) given.push(newest);
    },
    async close() {
      try {
        await bench.checkpoints.close();
      } finally {
        await bench.journal.close();
      }
    },
    async reopen() {
      await bench.close();
      await bench.open();
    },
    async crashed() {
      const other = checkpointBench(data);
      other.given.push(...given);
      return other;
    },
    async idle() {
      const nothing = { origin: 'nobody', size: -1, root: Buffer.alloc(32) };
      await rejection(bench.checkpoints.addCosignatures(nothing, []));
    },
  };
  return bench;
}

/** The notes of `checkpoints.log`, oldest first. */
export function historyOf(dir: string): readonly string[] {
  const lines = readFileSync(join(dir, 'checkpoints.log'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { note: string }).note);
}

/** Sizes of what stands in `checkpoints.log`, oldest first. */
export function sizesIn(dir: string): readonly number[] {
  return historyOf(dir).map((note) => Number(note.split('\n')[1]));
}

/**
 * What an outsider would find wrong: a checkpoint that was given and that the journal does not extend, that no key in
 * force at its size signed, or that is not in the history.
 */
export async function wrongIn(bench: CheckpointBench): Promise<readonly string[]> {
  const { journal } = bench;
  const keys: { readonly from: number; readonly key: string }[] = [];
  for await (const entry of journal.read(0))
    if (entry.type === 'log.key') keys.push({ from: entry.seq + 1, key: entry.key });
  const tree = journal.tree.pinned();
  const history = new Set(historyOf(bench.dir).map((note) => note.split('\n\n')[0]));
  const wrong: string[] = [];
  for (const { note } of bench.given) {
    const verifiers = keys.map(({ key }) => parseVerifier(key));
    const { checkpoint, right, wrong: badly } = openCheckpoint(note, verifiers);
    const { size } = checkpoint;
    const inForce = keys.findLast(({ from }) => from <= size)?.key;
    const proof = size <= tree.size ? await proofFor(bench, size) : [];
    if (!extendsTree(tree, checkpoint, proof)) wrong.push(`${size} is contradicted`);
    if (badly.length > 0) wrong.push(`${size} has a wrong signature`);
    if (!right.some(({ verifier }) => verifier.vkey === inForce))
      wrong.push(`${size} lacks its key’s signature`);
    if (!history.has(note.split('\n\n')[0])) wrong.push(`${size} is not in the history`);
  }
  return wrong;
}

function proofFor({ journal }: CheckpointBench, size: number) {
  const { size: now } = journal.tree.pinned();
  return consistencyProof(size, now, subtreesOf(now, journal.tree.tile));
}
