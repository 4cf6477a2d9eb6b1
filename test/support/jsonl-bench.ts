import { Ledger } from '../../src/core/ledger.ts';
import type { Pinned } from '../../src/tlog/merkle.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { diskError, faultyDisk, type FaultyDisk } from './faulty-disk.ts';
import type { JournalBench } from './journal-suite.ts';
import { tempDir } from './temp.ts';

export interface JsonlBench extends JournalBench {
  readonly dir: string;
  readonly disk: FaultyDisk;
  /** What was told to no caller. */
  readonly troubles: string[];
  /** The tree that the journal must extend when it is opened next. */
  extends: Pinned | undefined;
  /** Opens what another left behind. */
  open(): Promise<void>;
}

export const SNAPSHOT_KEY = Buffer.alloc(32, 7);

export async function jsonlBench(dir = tempDir(), software = '0.1.0'): Promise<JsonlBench> {
  const clock = new FakeClock();
  const disk = faultyDisk();
  const random = seededRandom();
  const troubles: string[] = [];
  const start = async (pinned?: Pinned) => {
    const ledger = new Ledger();
    const journal = await openJsonlJournal({
      dir,
      clock,
      random,
      node: 'host',
      fold: ledger,
      snapshotKey: SNAPSHOT_KEY,
      software,
      onTrouble: (sentence) => troubles.push(sentence),
      extends: pinned,
      disk,
    });
    return { journal, ledger };
  };
  const bench: JsonlBench = {
    ...(await start()),
    clock,
    dir,
    disk,
    troubles,
    extends: undefined,
    async open() {
      Object.assign(bench, await start(bench.extends));
    },
    async reopen() {
      await bench.journal.close();
      await bench.open();
    },
    fail(failing) {
      disk.syncError = failing ? diskError('EIO') : undefined;
    },
    holdSyncs() {
      let release: () => void = () => undefined;
      disk.holdSync = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
  };
  return bench;
}
