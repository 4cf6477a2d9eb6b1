import { PlacetError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError, type IncomingCall, type OfferedTool } from '../guard/ports.ts';
import { refusal, resultOf } from './answers.ts';
import { brief } from './brief.ts';
import type { Links } from './links.ts';
import { OWN_TOOLS, PLACET_CANCEL, PLACET_STATUS, readCancelInput, readStatusInput } from './own-tools.ts';
import type { Asked } from './session.ts';
import type { SessionContext } from './session-methods.ts';
import type { SessionTasks } from './session-tasks.ts';
import { widen } from './widen.ts';

export interface ToolCalls {
  list(): Promise<Verbatim>;
  /** @throws RpcError */
  call(asked: Asked): Promise<Verbatim>;
}

const INVALID_PARAMS = -32602;

export function createToolCalls(parts: {
  readonly context: SessionContext;
  readonly links: Links;
  readonly tasks: SessionTasks;
}): ToolCalls {
  const { context, links, tasks } = parts;
  const { intercept, view, caller, mayHold } = context;
  let listed: { readonly of: readonly OfferedTool[]; readonly answer: Verbatim } | undefined;

  async function call({ id, params, signal, onProgress }: Asked): Promise<Verbatim> {
    const { name, arguments: args = {}, task } = params;
    if (typeof name !== 'string' || !isJsonObject(args)) {
      throw badParams('A tools/call needs a name, and arguments that are an object.');
    }
    try {
      if (name === PLACET_STATUS) return await status(args, signal);
      if (name === PLACET_CANCEL) return await cancel(args);
      await view().ready();
      const tool = view().find(name);
      if (!tool) {
        throw badParams(
          `There is no tool ${JSON.stringify(brief(name, 128))}; tools/list gives those there are.`,
        );
      }
      const { said, meta } = readMeta(params._meta);
      const incoming: IncomingCall = {
        caller: caller(),
        tool,
        args,
        signal,
        message_id: id,
        ...(said === undefined ? {} : { said }),
        ...(meta ? { meta } : {}),
        ...(onProgress ? { onProgress } : {}),
      };
      if (isJsonObject(task)) return await tasks.call(incoming, task);
      return links.given(await intercept.call(incoming), tool);
    } catch (error) {
      // Whoever wants a task does not read a result.
      if (error instanceof PlacetError && !isJsonObject(task))
        return Verbatim.of(refusal(error.code, error.message));
      throw error;
    }
  }

  async function status(args: JsonObject, signal: AbortSignal): Promise<Verbatim> {
    const input = readStatusInput(args);
    if (!input) {
      return Verbatim.of(
        refusal(
          'invalid_arguments',
          'placet_status takes approval_id and, if wanted, wait_seconds (0 to 25).',
        ),
      );
    }
    const { approval_id, wait_seconds } = input;
    return links.given(await intercept.status(caller(), approval_id, wait_seconds * 1000, signal));
  }

  async function cancel(args: JsonObject): Promise<Verbatim> {
    const approvalId = readCancelInput(args);
    if (approvalId === undefined) {
      return Verbatim.of(refusal('invalid_arguments', 'placet_cancel takes approval_id and nothing else.'));
    }
    return resultOf(await intercept.cancel(caller(), approvalId));
  }

  /** The definition as its downstream gave it, but for what makes it right that a call of it may be held. */
  function asOffered(tool: OfferedTool): JsonObject {
    const { outputSchema, ...rest } = tool.definition;
    const widened = isJsonObject(outputSchema) ? widen(outputSchema) : undefined;
    const execution = isJsonObject(rest.execution) ? rest.execution : {};
    const { taskSupport = 'forbidden' } = execution;
    return {
      ...rest,
      name: tool.name,
      ...(widened ? { outputSchema: widened } : {}),
      ...(taskSupport === 'forbidden' && mayHold(tool)
        ? { execution: { ...execution, taskSupport: 'optional' } }
        : {}),
    };
  }

  return {
    async list() {
      await view().ready();
      const tools = view().tools();
      if (listed?.of !== tools) {
        listed = { of: tools, answer: Verbatim.of({ tools: [...tools.map(asOffered), ...OWN_TOOLS] }) };
      }
      return listed.answer;
    },
    call,
  };
}

/** What of the call's `_meta` is said to Placet, and what an allowed call passes on. */
function readMeta(meta: unknown): { readonly said?: string; readonly meta?: JsonObject } {
  if (!isJsonObject(meta)) return {};
  const { 'placet/reason': said, progressToken: _, ...rest } = meta;
  return {
    ...(typeof said === 'string' ? { said } : {}),
    ...(Object.keys(rest).length === 0 ? {} : { meta: rest }),
  };
}

function badParams(message: string): RpcError {
  return new RpcError({ code: INVALID_PARAMS, message });
}
