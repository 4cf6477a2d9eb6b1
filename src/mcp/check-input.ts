import { Worker } from 'node:worker_threads';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { CheckInput } from '../guard/ports.ts';
import type { CheckReply, CheckRequest } from './check-input-worker.ts';

export interface InputCheckerOptions {
  readonly clock: Clock;
  /** How long one check may take, in milliseconds. Default one second. */
  readonly limitMs?: number;
}

export interface InputChecker {
  readonly check: CheckInput;
  close(): Promise<void>;
}

interface Job {
  readonly request: CheckRequest;
  readonly settle: (reply: CheckReply) => void;
  stopTimer: () => void;
}

const LIMIT_MS = 1000;
/** How long a check may wait for its turn: others' slow checks and the worker's start come first. */
const QUEUE_LIMITS = 5;
const MAX_MEMORY_MB = 256;

/**
 * Checks arguments against input schemas in one worker thread, one at a time. A check that takes too long (a
 * hostile `pattern` can take for ever) ends with the worker, which is replaced for the next one.
 */
export function createInputChecker({ clock, limitMs = LIMIT_MS }: InputCheckerOptions): InputChecker {
  const queue: Job[] = [];
  let worker: Worker | undefined;
  let ready = false;
  let running: Job | undefined;
  let closed = false;

  function next(): void {
    if (running || closed) return;
    if (queue.length > 0 && !worker) worker = start();
    if (!ready) return;
    const job = queue.shift();
    if (!job || !worker) return;
    running = job;
    job.stopTimer();
    job.stopTimer = clock.after(limitMs, () => {
      replace();
      end(job, { kind: 'unchecked', why: `The check took longer than ${limitMs / 1000} s and was ended.` });
    });
    worker.postMessage(job.request);
  }

  function start(): Worker {
    const made = newWorker();
    made.on('message', (message: 'ready' | CheckReply) => {
      if (made !== worker) return;
      if (message === 'ready') ready = true;
      else if (running) end(running, message);
      next();
    });
    made.on('error', (error) => {
      if (made !== worker) return;
      replace();
      const failed = running ?? queue.shift();
      if (failed) end(failed, { kind: 'unchecked', why: `The check could not be made: ${messageOf(error)}` });
    });
    return made;
  }

  function replace(): void {
    const old = worker;
    worker = undefined;
    ready = false;
    // Terminating fails only for a worker that has ended.
    void old?.terminate();
  }

  function end(job: Job, reply: CheckReply): void {
    job.stopTimer();
    if (running === job) running = undefined;
    job.settle(reply);
    next();
    // An idle worker keeps no process from ending.
    if (!running && queue.length === 0) worker?.unref();
  }

  return {
    check: (schema: unknown, args: JsonObject) =>
      new Promise<CheckReply>((settle) => {
        const job: Job = { request: { schema, args }, settle, stopTimer: () => undefined };
        job.stopTimer = clock.after(limitMs * QUEUE_LIMITS, () => {
          queue.splice(queue.indexOf(job), 1);
          end(job, { kind: 'unchecked', why: 'Too many checks were waiting before this one.' });
        });
        queue.push(job);
        worker?.ref();
        next();
      }),

    async close() {
      closed = true;
      const old = worker;
      worker = undefined;
      for (const job of [...(running ? [running] : []), ...queue.splice(0)]) {
        end(job, { kind: 'unchecked', why: 'The host is ending.' });
      }
      await old?.terminate();
    },
  };
}

/** From the sources the worker has to be told how to read TypeScript: on Node 20 it does not inherit that. */
function newWorker(): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: MAX_MEMORY_MB };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./check-input-worker.js', import.meta.url), { resourceLimits });
  }
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const entry = JSON.stringify(new URL('./check-input-worker.ts', import.meta.url).href);
  return new Worker(`import(${tsx}).then(({ register }) => { register(); return import(${entry}); });`, {
    eval: true,
    execArgv: [],
    resourceLimits,
  });
}
