import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { MessageId } from './message.ts';

/** The request that made a task: what the server says of the task later belongs to it. */
export interface TaskOrigin {
  /** Under which we made the request: its progress token, good for as long as the task lives. */
  readonly token: number;
  readonly message_id?: MessageId | undefined;
  readonly onProgress?: ((progress: JsonObject) => void) | undefined;
}

/** Which requests made the tasks of one server. */
export interface TaskOrigins {
  /** Takes note when the result of a request is a task. */
  answered(result: JsonObject, origin: TaskOrigin): void;
  byToken(token: number): TaskOrigin | undefined;
  /** Of what the server says, by the task that it says it is about. */
  of(params: JsonObject | undefined): TaskOrigin | undefined;
}

/** A server does not say when it forgets a task; the oldest are forgotten here. */
const MAX_TASKS = 256;
const RELATED_TASK = 'io.modelcontextprotocol/related-task';

export function createTaskOrigins(): TaskOrigins {
  const tasks = new Map<string, TaskOrigin>();
  const tokens = new Map<number, TaskOrigin>();

  return {
    answered({ task }, origin) {
      if (!isJsonObject(task) || typeof task.taskId !== 'string') return;
      tasks.set(task.taskId, origin);
      tokens.set(origin.token, origin);
      for (const map of [tasks, tokens] as Map<unknown, TaskOrigin>[]) {
        const [oldest] = map.keys();
        if (map.size > MAX_TASKS) map.delete(oldest);
      }
    },
    byToken: (token) => tokens.get(token),
    of(params) {
      const related = isJsonObject(params?._meta) ? params._meta[RELATED_TASK] : undefined;
      const taskId = isJsonObject(related) ? related.taskId : undefined;
      return typeof taskId === 'string' ? tasks.get(taskId) : undefined;
    },
  };
}
