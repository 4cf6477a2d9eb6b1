import { timestamp } from '../core/clock.ts';
import { newId, timeOfId } from '../core/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError, type Answer, type Approval, type IncomingCall, type OfferedTool } from '../guard/ports.ts';
import { STANDING } from './answers.ts';
import type { Links } from './links.ts';
import { createRunningTasks } from './running-tasks.ts';
import type { Downstream } from './server-side.ts';
import type { Asked } from './session.ts';
import type { SessionContext } from './session-methods.ts';
import { createTaskOwners } from './task-owners.ts';

/** Calls that a client makes as tasks (MCP 2025-11-25), and those that a downstream made tasks of. */
export interface SessionTasks {
  /** A call with a `task` member. @returns a CreateTaskResult */
  call(call: IncomingCall, task: JsonObject): Promise<Verbatim>;
  /** `tasks/get`, `result`, `cancel` and `list`. @throws RpcError */
  answer(asked: Asked, pass: (server: string, asked: Asked) => Promise<Verbatim>): Promise<Verbatim>;
  /** Passes on what a server says of a task of its own, and of no other. */
  told(server: string, taskId: Json | undefined, pass: () => void): void;
  close(): void;
}

const POLL_MS = 5000;
const WAIT_MS = 60_000;
/** Who is answered sooner than this that nothing has changed asks a host that ends. */
const HASTE_MS = 1000;
const MAX_HELD = 1000;
/** How long servers may take to list their tasks: none holds the list up. */
const LIST_MS = 5000;
const INVALID_PARAMS = -32602;
const RELATED = 'io.modelcontextprotocol/related-task';

export function createSessionTasks(context: SessionContext & { readonly links: Links }): SessionTasks {
  const { intercept, caller, view, clock, random, connections, links } = context;
  /** Ids of approval requests that this session was given as tasks, and how long they are kept. */
  const held = new Map<string, number>();
  const owners = createTaskOwners(isOurs);
  const running = createRunningTasks({ clock, newTaskId: () => newId('tsk', clock.now(), random) });

  function serverDoes({ tool }: IncomingCall): boolean {
    const { execution } = tool.definition;
    const support = isJsonObject(execution) ? execution.taskSupport : undefined;
    if (support !== 'optional' && support !== 'required') return false;
    const hello = view()
      .offers()
      .find(({ server }) => server === tool.server)?.hello;
    const tasks = hello?.capabilities.tasks;
    return (
      isJsonObject(tasks) &&
      isJsonObject(tasks.requests) &&
      isJsonObject(tasks.requests.tools) &&
      isJsonObject(tasks.requests.tools.call)
    );
  }

  async function passOn(call: IncomingCall, task: JsonObject): Promise<Verbatim> {
    const { tool } = call;
    const ended = owners.calling(tool.server);
    try {
      return taskOrResult(await intercept.call({ ...call, task }), tool, task);
    } finally {
      ended();
    }
  }

  function taskOrResult(answer: Answer, tool: OfferedTool, task: JsonObject): Verbatim {
    if (answer.kind === 'pending') return Verbatim.of({ task: hold(answer.approval, task) });
    if (answer.kind === 'refused' || answer.approval !== undefined) {
      // Whoever calls with a task wants a task: one that has ended, where Placet answers and not the server.
      return runningTask(Promise.resolve(answer), new AbortController(), { task });
    }
    const result = links.given(answer, tool);
    const made = result.value.task;
    if (isJsonObject(made) && typeof made.taskId === 'string') owners.belong(made.taskId, tool.server);
    return result;
  }

  async function runHere(call: IncomingCall, task: JsonObject): Promise<Verbatim> {
    running.mustHaveRoom();
    const controller = new AbortController();
    const cancelled = (): void => controller.abort();
    call.signal.addEventListener('abort', cancelled);
    let allowed: () => void = () => undefined;
    const sent = new Promise<undefined>((resolve) => {
      allowed = () => resolve(undefined);
    });
    const answering = intercept.call({ ...call, signal: controller.signal, onAllowed: allowed });
    const first = await Promise.race([answering, sent]);
    // From here on the task is cancelled, and not the request that has made it.
    call.signal.removeEventListener('abort', cancelled);
    if (first?.kind === 'pending') return Verbatim.of({ task: hold(first.approval, task) });
    return runningTask(answering, controller, { task, tool: call.tool });
  }

  function runningTask(
    answering: Promise<Answer>,
    controller: AbortController,
    { task, tool }: { readonly task: JsonObject; readonly tool?: OfferedTool },
  ): Verbatim {
    const given = answering.then((answer) => links.given(answer, tool));
    return Verbatim.of({ task: running.add(given, controller, ttlOf(task)) });
  }

  function hold(approval: Approval, task: JsonObject): JsonObject {
    const { approval_id: taskId, expires_at } = approval;
    const created = timeOfId(taskId) ?? clock.now();
    // Counted from when the request was made, which another call may have done.
    const asked = clock.now() - created + (ttlOf(task) ?? 0);
    held.delete(taskId);
    held.set(taskId, Math.max(Date.parse(expires_at) - created, asked));
    const [oldest] = held.keys();
    if (held.size > MAX_HELD && oldest !== undefined) held.delete(oldest);
    return taskOf(approval);
  }

  function taskOf(approval: Approval): JsonObject {
    const { approval_id: taskId, expires_at } = approval;
    const created = timeOfId(taskId) ?? clock.now();
    return {
      taskId,
      ...stateOf(approval),
      createdAt: new Date(created).toISOString(),
      lastUpdatedAt: timestamp(clock),
      ttl: held.get(taskId) ?? Math.max(0, Date.parse(expires_at) - created),
      pollInterval: POLL_MS,
    };
  }

  async function lookAt(taskId: string): Promise<Approval> {
    const answer = await intercept.look(caller(), taskId);
    if ('approval' in answer && answer.approval) return answer.approval;
    throw unknown(taskId);
  }

  /** Waits until the request has an outcome, however long that takes. */
  async function outcomeOf(taskId: string, signal: AbortSignal): Promise<Verbatim> {
    await lookAt(taskId);
    for (;;) {
      const since = clock.now();
      const answer: Answer = await intercept.status(caller(), taskId, WAIT_MS, signal);
      if (answer.kind !== 'pending') return related(links.given(answer), taskId);
      if (signal.aborted || clock.now() - since < HASTE_MS) {
        throw new RpcError({ code: -32603, message: 'Nothing has been decided yet; ask again.' });
      }
    }
  }

  async function own(method: string, taskId: string, signal: AbortSignal): Promise<Verbatim> {
    const isHeld = taskId.startsWith('apr_');
    switch (method) {
      case 'tasks/get':
        return Verbatim.of(isHeld ? taskOf(await lookAt(taskId)) : running.get(taskId));
      case 'tasks/result':
        return isHeld ? outcomeOf(taskId, signal) : related(await running.result(taskId, signal), taskId);
      default: {
        if (!isHeld) return Verbatim.of(running.cancel(taskId));
        const { status } = await lookAt(taskId);
        if (status !== 'pending_approval') throw tooLate(taskId);
        await intercept.cancel(caller(), taskId);
        const now = await lookAt(taskId);
        if (now.status !== 'cancelled') throw tooLate(taskId);
        return Verbatim.of(taskOf(now));
      }
    }
  }

  async function list(asked: Asked): Promise<Verbatim> {
    // Those that are told of no more are left out, as is what a server lists that it did not make here.
    const ours = await Promise.allSettled(
      [...held.keys()].map(async (taskId) => taskOf(await lookAt(taskId))),
    );
    const theirs = await Promise.allSettled(
      [...connections.all()].map(([server, downstream]) => listOf(server, downstream, asked)),
    );
    return Verbatim.of({ tasks: [...fulfilled(ours), ...running.all(), ...fulfilled(theirs).flat()] });
  }

  async function listOf(
    server: string,
    downstream: Downstream,
    asked: Asked,
  ): Promise<readonly JsonObject[]> {
    const { tasks } = downstream.hello.capabilities;
    if (!isJsonObject(tasks) || !isJsonObject(tasks.list)) return [];
    const { signal } = asked;
    const list = { method: 'tasks/list', signal, timeout_ms: LIST_MS };
    const { value } = await downstream.request({ ...list, params: {} });
    return Array.isArray(value.tasks)
      ? (value.tasks as readonly Json[])
          .filter(isJsonObject)
          .filter((each) => owners.owns(server, each.taskId))
      : [];
  }

  return {
    call: (call, task) => (serverDoes(call) ? passOn(call, task) : runHere(call, task)),

    async answer(asked, pass) {
      if (asked.method === 'tasks/list') return list(asked);
      const { taskId } = asked.params;
      if (typeof taskId !== 'string') throw unknown('');
      const server = owners.ownerOf(taskId);
      if (server !== undefined) return pass(server, asked);
      if (!isOurs(taskId)) throw unknown(taskId);
      return own(asked.method, taskId, asked.signal);
    },

    told: (server, taskId, pass) => owners.told(server, taskId, pass),
    close: () => running.close(),
  };
}

function isOurs(taskId: string): boolean {
  return taskId.startsWith('apr_') || taskId.startsWith('tsk_');
}

function stateOf({ status }: Approval): JsonObject {
  switch (status) {
    case 'pending_approval':
      return { status: 'working', statusMessage: 'Waiting for human approval.' };
    case 'approved':
    case 'executing':
      return { status: 'working', statusMessage: STANDING[status] };
    case 'cancelled':
      return { status: 'cancelled', statusMessage: STANDING[status] };
    case 'succeeded':
    case 'failed':
    case 'outcome_unknown':
    case 'rejected':
    case 'expired':
    case 'voided':
      return { status: 'completed', statusMessage: STANDING[status] };
  }
}

function fulfilled<T>(all: readonly PromiseSettledResult<T>[]): readonly T[] {
  return all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

function ttlOf({ ttl }: JsonObject): number | undefined {
  return typeof ttl === 'number' && ttl >= 0 ? ttl : undefined;
}

function related(result: Verbatim, taskId: string): Verbatim {
  const meta = isJsonObject(result.value._meta) ? result.value._meta : {};
  const own = { [RELATED]: { taskId } };
  return result.value._meta === undefined
    ? result.with('_meta', own)
    : Verbatim.of({ ...result.value, _meta: { ...meta, ...own } });
}

function unknown(taskId: string): RpcError {
  return new RpcError({
    code: INVALID_PARAMS,
    message: `There is no task ${JSON.stringify(taskId.slice(0, 100))}.`,
  });
}

function tooLate(taskId: string): RpcError {
  return new RpcError({ code: INVALID_PARAMS, message: `The task ${taskId} has been decided already.` });
}
