import { parentPort, workerData } from 'node:worker_threads';
import { examinePeriod, type ExamineOptions } from './examine.ts';

parentPort?.postMessage(await examinePeriod(workerData as ExamineOptions));
