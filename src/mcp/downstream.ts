/* oxlint-disable unicorn/prefer-add-event-listener -- the MCP SDK's callbacks are properties */
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { DownstreamError, messageOf } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError, type SendCall } from '../guard/ports.ts';
import { AnsweredError, BadAnswer, NoAnswer, NotSent } from './answer-marks.ts';
import { brief } from './brief.ts';
import type { DownstreamClient } from './connect.ts';
import type { Downstream } from './server-side.ts';
import { GUARDED_TOOLS, type ServerConfig } from './servers.ts';
import { readToolList, type ToolList } from './tool-list.ts';

export interface DownstreamParts {
  readonly client: DownstreamClient;
  readonly server: ServerConfig;
}

const LIST_MS = 30_000;
const SUMMARY_MS = 10_000;
const REQUEST_TIMEOUT: number = ErrorCode.RequestTimeout;
/** The longest time that a timer of Node's can run. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Any object, exactly as it came: the SDK's own schemas drop and add members. */
const asItCame = z.custom<JsonObject>(isJsonObject);
const problemsShape = z.looseObject({
  problems: z.array(z.looseObject({ file: z.string(), message: z.string() })),
});
const summaryShape = z.looseObject({ summary: z.string() });

interface Ask {
  readonly method: string;
  readonly params: JsonObject;
  readonly timeout_ms: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: JsonObject) => void) | undefined;
}

export function createDownstream({ client, server }: DownstreamParts): Downstream {
  const { name } = server;
  let alive = true;
  client.onclose = () => {
    alive = false;
  };

  async function ask({ method, params, timeout_ms, signal, onProgress }: Ask): Promise<JsonObject> {
    if (!alive) throw unavailable('its connection has ended');
    if (signal?.aborted) throw unavailable('the call was cancelled before it was sent');
    // The SDK goes on listening to the signal after the answer; so it gets one that ends with the request.
    const controller = new AbortController();
    const abort = (): void => controller.abort('The call was cancelled.');
    signal?.addEventListener('abort', abort);
    try {
      return await client.request({ method, params }, asItCame, {
        timeout: Math.min(timeout_ms, MAX_TIMEOUT_MS),
        signal: controller.signal,
        ...(onProgress ? { onprogress: (progress) => onProgress(progress as unknown as JsonObject) } : {}),
      });
    } catch (error) {
      throw outward(error, timeout_ms, controller.signal.aborted);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  function outward(error: unknown, timeout_ms: number, cancelled: boolean): Error {
    if (!(error instanceof McpError)) {
      // A link that failed to take a message is of no more use; calls that are under way on it may still end.
      alive = false;
      if (error instanceof NotSent) return unavailable(error.message, error);
      if (error instanceof BadAnswer) {
        return failed('downstream_garbage', `gave no usable answer: ${error.message}`, error);
      }
      return failed('downstream_died', `broke off before it answered: ${brief(messageOf(error))}`, error);
    }
    if (error.data instanceof AnsweredError) return new RpcError(error.data.error);
    if (error.data instanceof NoAnswer) {
      return failed(error.data.code, `gave no usable answer: ${error.data.why}`, error);
    }
    if (cancelled) return failed('downstream_silent', 'had not answered when the call was cancelled', error);
    if (error.code === REQUEST_TIMEOUT) {
      return failed('downstream_silent', `did not answer within ${timeout_ms / 1000} s`, error);
    }
    return failed('downstream_died', 'ended before it answered', error);
  }

  function failed(code: string, what: string, cause: unknown): DownstreamError {
    return new DownstreamError(code, `The server ${name} ${what}.`, { cause });
  }

  function unavailable(why: string, cause?: unknown): DownstreamError {
    return new DownstreamError(
      'downstream_unavailable',
      `Nothing was sent to the server ${name}: ${why}.`,
      cause === undefined ? undefined : { cause },
    );
  }

  /** For Placet's own questions, to which an error is no answer. */
  async function inquire(inquiry: Ask): Promise<JsonObject> {
    try {
      return await ask(inquiry);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      throw failed(
        'downstream_garbage',
        `answered ${inquiry.method} with an error: ${brief(error.message)}`,
        error,
      );
    }
  }

  async function tools(): Promise<ToolList> {
    if (!client.getServerCapabilities()?.tools) return { tools: [], trouble: [] };
    const list = await readToolList(server, (cursor) =>
      inquire({ method: 'tools/list', params: cursor === undefined ? {} : { cursor }, timeout_ms: LIST_MS }),
    );
    return name === GUARDED_TOOLS ? { ...list, trouble: [...list.trouble, ...(await toolProblems())] } : list;
  }

  /** What is wrong with files of the guarded tools' folder. */
  async function toolProblems(): Promise<readonly string[]> {
    const answer = await inquire({ method: 'placet/problems', params: {}, timeout_ms: LIST_MS });
    const parsed = problemsShape.safeParse(answer);
    return parsed.success ? parsed.data.problems.map(({ file, message }) => `tools/${file}: ${message}`) : [];
  }

  return {
    tools,

    async definition(tool) {
      const list = await tools();
      return list.tools.find((each) => each.tool === tool)?.definition_sha256;
    },

    async send(call) {
      const result = await ask({
        method: 'tools/call',
        params: callParams(call),
        timeout_ms: call.timeout_ms,
        signal: call.signal,
        onProgress: call.onProgress,
      });
      if (!isToolResult(result)) {
        throw failed(
          'downstream_garbage',
          'gave no usable answer: it is not the result of a tool',
          undefined,
        );
      }
      return Verbatim.of(result);
    },

    async summarise(tool, args) {
      if (name !== GUARDED_TOOLS) {
        throw new DownstreamError('downstream_unavailable', `The server ${name} is not asked for summaries.`);
      }
      const params = { name: tool, arguments: args };
      const answer = summaryShape.safeParse(
        await inquire({ method: 'placet/summary', params, timeout_ms: SUMMARY_MS }),
      );
      if (!answer.success) throw failed('downstream_garbage', 'gave no summary', answer.error);
      return answer.data.summary;
    },

    isAlive: () => alive,

    async close() {
      alive = false;
      await client.close();
    },
  };
}

/** Written anew, so that nothing but these members is sent. The progress token is the SDK's own. */
function callParams({ tool, args, meta }: SendCall): JsonObject {
  if (!meta) return { name: tool, arguments: args.value };
  const { progressToken: _, ...rest } = meta;
  return { name: tool, arguments: args.value, ...(Object.keys(rest).length === 0 ? {} : { _meta: rest }) };
}

/**
 * Whether a client can take this for a tool's result. Content of kinds that this version does not know passes:
 * the call has happened, and its answer is worth more than the kind's name.
 */
function isToolResult(result: JsonObject): boolean {
  const { content, structuredContent, isError } = result;
  return (
    (content === undefined ||
      (Array.isArray(content) &&
        content.every((item) => isJsonObject(item) && typeof item.type === 'string'))) &&
    (structuredContent === undefined || isJsonObject(structuredContent)) &&
    (isError === undefined || typeof isError === 'boolean') &&
    (content !== undefined || structuredContent !== undefined || 'toolResult' in result)
  );
}
