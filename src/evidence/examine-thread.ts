import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { Examined } from '../core/evidence.ts';
import type { ExamineOptions } from './examine.ts';
import { ownWorker } from './own-worker.ts';

/** `examinePeriod` in a thread of its own: whoever asks goes on with other things meanwhile. */
export interface ExamineThreads {
  examine(options: Omit<ExamineOptions, 'scratch'>): Promise<Examined>;
  /** Ends those that are at it. */
  close(): Promise<void>;
}

/** Of a thread's own, in MiB: a journal that takes more ends its thread, and not the host. */
const HEAP_MB = 1024;

/** @param folder for what does not stay in memory; it is made */
export function createExamineThreads(folder: string, heapMb = HEAP_MB): ExamineThreads {
  const workers = new Set<Worker>();
  return {
    async examine(options) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const scratch = await mkdtemp(join(folder, 'period-'));
      try {
        const worker = ownWorker('examine-worker', {
          workerData: { ...options, scratch } satisfies ExamineOptions,
          resourceLimits: { maxOldGenerationSizeMb: heapMb },
        });
        workers.add(worker);
        try {
          return await answerOf(worker);
        } finally {
          workers.delete(worker);
          await worker.terminate();
        }
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}

const TOO_LARGE =
  'It takes more memory than is set aside for it: choose a shorter period, or make a bundle of this one with "placet evidence".';

function answerOf(worker: Worker): Promise<Examined> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new Error(TOO_LARGE, { cause: error }) : error),
    );
    worker.once('exit', () => reject(new Error('The thread that reads the journal has ended.')));
  });
}
