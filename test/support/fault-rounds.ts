import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  nothingGiven,
  startFaultWriter,
  wrongAfterCrash,
  wrongIn,
  type FaultWriter,
  type Given,
  type WriterLine,
} from './fault-writer.ts';
import { whileFailing } from './strace.ts';
import { tempDir } from './temp.ts';

/** A process that writes, in rounds of appends and a checkpoint, each of which something may befall. */
export interface FaultRounds {
  readonly data: string;
  readonly given: Given;
  readonly writer: FaultWriter;
  /** An append of each kind and a checkpoint. @returns codes of what was refused */
  readonly round: () => Promise<readonly string[]>;
  /** Asserts that it goes on by itself: nothing but further tries is needed. */
  readonly recovers: () => Promise<void>;
  /** What is wrong with the folder at this moment. */
  readonly wrong: () => Promise<readonly string[]>;
  /**
   * Rounds in which one call fails, the first, then the second, until there are no more; again until one was made to
   * fail on each of these files, as what runs in the background does not always come in the same order.
   *
   * @param before faults that come first, each time
   */
  eachInTurn(
    call: string,
    fault: string,
    files: readonly string[],
    before?: readonly string[],
  ): Promise<void>;
  /** Ends the process, and asserts that all it ever acknowledged and gave out still stands. */
  end(): Promise<void>;
}

const CODES = ['journal_unwritable', 'checkpoint_unwritable', 'tiles_unwritable'];

export async function faultRounds(): Promise<FaultRounds> {
  const data = join(tempDir(), 'data');
  const given = nothingGiven();
  const writer = await startFaultWriter({ data, given });
  const wrong = () => wrongAfterCrash(data, given, writer.pid);
  const round = async () => {
    const answers: WriterLine[] = [];
    for (const word of ['append', 'large', 'cover'] as const) answers.push(await writer.ask(word));
    return answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []));
  };
  const recovers = async () => {
    for (let tries = 0; tries < 5; tries += 1) if ((await round()).length === 0) return;
    assert.unreachable(`it does not recover: ${JSON.stringify(await writer.ask('append'))}`);
  };
  return {
    data,
    given,
    writer,
    wrong,
    round,
    recovers,
    async eachInTurn(call, fault, files, before = []) {
      const failed: string[] = [];
      const missed = () => files.filter((file) => !failed.some((line) => line.includes(file)));
      for (let sweep = 0; sweep < 6 && missed().length > 0; sweep += 1) {
        for (let n = 1; ; n += 1) {
          const faults = [...before, `${call}:${fault}:when=${n}`];
          const { result, failed: all } = await whileFailing(writer.pid, faults, async () => ({
            refused: await round(),
            found: await wrong(),
          }));
          const now = all.filter((line) => line.includes(`${call}(`));
          assert.equal(result.found, [], `${call} ${n}, ${fault}: ${now.join('; ')}`);
          for (const code of result.refused) assert.ok(CODES.includes(code), code);
          await recovers();
          if (now.length === 0) break;
          failed.push(...now);
        }
      }
      assert.equal(missed(), [], failed.join('\n'));
    },
    async end() {
      assert.equal(await writer.ask('close'), { ended: true });
      await writer.ended;
      assert.equal(await wrongAfterCrash(data, given), []);
      assert.equal(await wrongIn(data), []);
    },
  };
}
