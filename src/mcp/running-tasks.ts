import { timestamp, type Clock } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import { refusal } from './answers.ts';

/** Tasks that are made here of calls whose server makes none. They end with their session. */
export interface RunningTasks {
  /** @throws RpcError where no more can be taken in */
  mustHaveRoom(): void;
  add(result: Promise<Verbatim>, controller: AbortController, ttl: number | undefined): JsonObject;
  /** @throws RpcError where there is none, or its time is over; likewise the others, and `result` that of the call */
  get(taskId: string): JsonObject;
  result(taskId: string, signal: AbortSignal): Promise<Verbatim>;
  cancel(taskId: string): JsonObject;
  all(): readonly JsonObject[];
  close(): void;
}

interface Running {
  readonly taskId: string;
  readonly createdAt: string;
  readonly ttl: number;
  readonly controller: AbortController;
  /** Or the JSON-RPC error in which the call ended. */
  readonly result: Promise<Verbatim | RpcError>;
  status: 'working' | 'completed' | 'failed' | 'cancelled';
  lastUpdatedAt: string;
  /** Of its result, once that is there. */
  bytes: number;
  forget: () => void;
}

/** At once, those that have ended and are not over yet among them. */
const MAX_TASKS = 100;
/** Of results that are kept. */
const MAX_BYTES = 64 * 1024 * 1024;
const TTL_MS = 60 * 60_000;
const LONGEST_TTL_MS = 24 * 60 * 60_000;
const POLL_MS = 1000;
const INVALID_PARAMS = -32602;

export function createRunningTasks(options: {
  readonly clock: Clock;
  readonly newTaskId: () => string;
}): RunningTasks {
  const { clock, newTaskId } = options;
  const tasks = new Map<string, Running>();

  function find(taskId: string): Running {
    const task = tasks.get(taskId);
    if (task) return task;
    throw new RpcError({
      code: INVALID_PARAMS,
      message: `There is no task ${JSON.stringify(taskId.slice(0, 100))}, or its time is over.`,
    });
  }

  function end(task: Running, status: 'completed' | 'failed' | 'cancelled'): void {
    if (task.status !== 'working') return;
    task.status = status;
    task.lastUpdatedAt = timestamp(clock);
  }

  /** Those that ended first make room for those that are new. */
  function makeRoom(size: number, bytes: number): void {
    let kept = 0;
    for (const task of tasks.values()) kept += task.bytes;
    for (const task of tasks.values()) {
      if (tasks.size <= size && kept <= bytes) return;
      if (task.status === 'working') continue;
      kept -= task.bytes;
      task.forget();
      tasks.delete(task.taskId);
    }
  }

  return {
    mustHaveRoom() {
      const working = [...tasks.values()].filter(({ status }) => status === 'working').length;
      if (working < MAX_TASKS) return;
      throw new RpcError({
        code: INVALID_PARAMS,
        message: `At most ${MAX_TASKS} tasks of a session may run at once; call without a task, or later.`,
      });
    },

    add(result, controller, asked) {
      makeRoom(MAX_TASKS - 1, MAX_BYTES);
      const now = timestamp(clock);
      const task: Running = {
        taskId: newTaskId(),
        createdAt: now,
        lastUpdatedAt: now,
        ttl: Math.min(asked ?? TTL_MS, LONGEST_TTL_MS),
        controller,
        result: result.catch((error: unknown) =>
          error instanceof RpcError ? error : Verbatim.of(refusal('failed', 'Placet failed on this call.')),
        ),
        status: 'working',
        bytes: 0,
        forget: () => undefined,
      };
      task.forget = clock.after(task.ttl, () => {
        tasks.delete(task.taskId);
        controller.abort();
      });
      tasks.set(task.taskId, task);
      void task.result.then((ended) => {
        if (ended instanceof RpcError) return end(task, 'failed');
        task.bytes = ended.text.length;
        end(task, 'completed');
        makeRoom(MAX_TASKS, MAX_BYTES);
      });
      return shown(task);
    },

    get: (taskId) => shown(find(taskId)),

    async result(taskId, signal) {
      const task = find(taskId);
      if (task.status === 'cancelled') return Verbatim.of(refusal('cancelled', 'The task was cancelled.'));
      const aborted = new Promise<undefined>((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined), { once: true });
      });
      const ended = (await Promise.race([task.result, aborted])) ?? Verbatim.of({});
      if (ended instanceof RpcError) throw ended;
      return ended;
    },

    cancel(taskId) {
      const task = find(taskId);
      if (task.status !== 'working') {
        throw new RpcError({ code: INVALID_PARAMS, message: `The task ${taskId} has ended already.` });
      }
      end(task, 'cancelled');
      task.controller.abort();
      return shown(task);
    },

    all: () => [...tasks.values()].map(shown),

    close() {
      for (const task of tasks.values()) {
        task.forget();
        task.controller.abort();
      }
      tasks.clear();
    },
  };
}

function shown({ taskId, status, createdAt, lastUpdatedAt, ttl }: Running): JsonObject {
  return { taskId, status, createdAt, lastUpdatedAt, ttl, pollInterval: POLL_MS };
}
