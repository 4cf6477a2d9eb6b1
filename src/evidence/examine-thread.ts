import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ExaminedPeriod, ExamineOptions } from './examine.ts';

/** `examinePeriod` in a thread of its own: whoever asks goes on with other things meanwhile. */
export interface ExamineThreads {
  examine(options: Omit<ExamineOptions, 'scratch'>): Promise<ExaminedPeriod>;
  /** Ends those that are at it. */
  close(): Promise<void>;
}

/** @param folder for what does not stay in memory; it is made */
export function createExamineThreads(folder: string): ExamineThreads {
  const workers = new Set<Worker>();
  return {
    async examine(options) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const scratch = await mkdtemp(join(folder, 'period-'));
      try {
        const worker = newWorker({ ...options, scratch });
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

function answerOf(worker: Worker): Promise<ExaminedPeriod> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The thread that reads the journal has ended.')));
  });
}

/** From the sources the worker has to be told how to read TypeScript: on Node 20 it does not inherit that. */
function newWorker(workerData: ExamineOptions): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./examine-worker.js', import.meta.url), { workerData });
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const entry = JSON.stringify(new URL('./examine-worker.ts', import.meta.url).href);
  return new Worker(`import(${tsx}).then(({ register }) => { register(); return import(${entry}); });`, {
    eval: true,
    execArgv: [],
    workerData,
  });
}
