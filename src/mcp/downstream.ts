import type { Clock } from '../core/clock.ts';
import { DownstreamError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { SendCall } from '../guard/ports.ts';
import { createAsking, type Ask, type Asking } from './asking.ts';
import type { ClientSide } from './client-side.ts';
import type { Link } from './link.ts';
import { readListed } from './listed.ts';
import type { OfferKind } from './offers.ts';
import { createServerRequests } from './server-requests.ts';
import type { Downstream, ServerHello } from './server-side.ts';
import { GUARDED_TOOLS, type ServerConfig } from './servers.ts';
import { readToolList, type ToolList } from './tool-list.ts';

export interface DownstreamOptions {
  readonly link: Link;
  readonly server: ServerConfig;
  readonly client: ClientSide;
  readonly clock: Clock;
  /** For what the server says or does wrong. */
  readonly report: (what: string) => void;
  /** It says that what it lists has changed. */
  readonly onChanged?: (what: OfferKind) => void;
}

const LIST_MS = 30_000;
const SUMMARY_MS = 10_000;
const PASSED_MS = 5 * 60_000;
/** With so much unread by the server it is not told of anything that it did not ask for. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;

const LISTS: Readonly<Record<string, OfferKind>> = {
  'notifications/tools/list_changed': 'tools',
  'notifications/prompts/list_changed': 'prompts',
  'notifications/resources/list_changed': 'resources',
};

/** The connection before and after its handshake. */
export interface OpeningDownstream {
  readonly asking: Asking;
  /** The handshake is done. */
  readonly ready: (hello: ServerHello) => Downstream;
}

/**
 * Takes up the link: from here on what the server sends is answered or handed to the client.
 *
 * @throws Error in words when there is no connection
 */
export async function openDownstream(options: DownstreamOptions): Promise<OpeningDownstream> {
  const { link, server, client, report } = options;
  const asking = createAsking(options);
  const requests = createServerRequests({ link, server: server.name, client, report });

  await link.start({
    message(message) {
      switch (message.kind) {
        case 'result':
        case 'error':
          asking.answered(message);
          return;
        case 'request':
          requests.take(message, asking.related(valueOf(message.params)));
          return;
        case 'notification': {
          const { method } = message;
          const params = valueOf(message.params);
          if (method === 'notifications/progress') return asking.progressed(params);
          if (method === 'notifications/cancelled') return requests.cancel(params?.requestId);
          const list = Object.hasOwn(LISTS, method) ? LISTS[method] : undefined;
          if (list) options.onChanged?.(list);
          const related = asking.related(params);
          client.notified({
            server: server.name,
            method,
            ...(params === undefined ? {} : { params }),
            ...(related === undefined ? {} : { related }),
          });
        }
      }
    },
    trouble(what, id) {
      if (id === undefined || !asking.spoiled(id, what)) report(`It wrote ${what}`);
    },
    failed(message, error, sent) {
      if (message.kind === 'request') asking.unsent(message.id, error, sent);
      else report(`It could not be told something: ${error.message}`);
    },
    // Whoever would send it more looks at how much it has not read.
    congested: () => undefined,
    closed() {
      requests.close();
      asking.close();
    },
  });

  return { asking, ready: (hello) => connected(options, asking, hello) };
}

function connected(
  { link, server, clock, report }: DownstreamOptions,
  asking: Asking,
  hello: ServerHello,
): Downstream {
  const { name } = server;
  const makesTasks = canMakeTasks(hello);
  /** Of the last list: those that a plain call is refused by. */
  let onlyAsTasks: ReadonlySet<string> | undefined;
  /** Of the last list: the digest of each tool's definition. */
  let given: ReadonlyMap<string, string> | undefined;
  let listing: Promise<ToolList> | undefined;

  /** For Placet's own questions, to which an error is no answer. */
  async function inquire(method: string, params: JsonObject, timeout_ms: number): Promise<JsonObject> {
    return (await asking.inquire({ method, params, timeout_ms })).value;
  }

  function tools(): Promise<ToolList> {
    const mine = readTools();
    listing = mine;
    return mine;
  }

  async function readTools(): Promise<ToolList> {
    if (!isJsonObject(hello.capabilities.tools)) return { tools: [], trouble: [] };
    const list = await readToolList(server, (cursor) =>
      inquire('tools/list', cursor === undefined ? {} : { cursor }, LIST_MS),
    );
    onlyAsTasks = new Set(list.tools.filter(mustBeTask).map(({ tool }) => tool));
    given = new Map(list.tools.map(({ tool, definition_sha256 }) => [tool, definition_sha256]));
    return name === GUARDED_TOOLS ? { ...list, trouble: [...list.trouble, ...(await toolProblems())] } : list;
  }

  /** What is wrong with files of the guarded tools' folder. */
  async function toolProblems(): Promise<readonly string[]> {
    const { problems } = await inquire('placet/problems', {}, LIST_MS);
    if (!Array.isArray(problems)) return [];
    return problems.flatMap((each: unknown) =>
      isJsonObject(each) && typeof each.file === 'string' && typeof each.message === 'string'
        ? [`tools/${each.file}: ${each.message}`]
        : [],
    );
  }

  function send(call: SendCall): Promise<Verbatim> {
    if (call.task !== undefined || !makesTasks) return ask(call);
    return isOnlyTask(call.tool).then((only) => (only ? sendAsTask(call) : ask(call)));
  }

  function ask(call: SendCall): Promise<Verbatim> {
    const { timeout_ms, signal, message_id, onProgress } = call;
    return asking.ask({
      method: 'tools/call',
      params: callParams(call),
      timeout_ms,
      ...(signal ? { signal } : {}),
      ...(message_id === undefined ? {} : { message_id }),
      ...(onProgress ? { onProgress } : {}),
    });
  }

  async function isOnlyTask(tool: string): Promise<boolean> {
    if (!onlyAsTasks) await tools();
    return onlyAsTasks?.has(tool) === true;
  }

  /** The one who called knows nothing of a task, and waits. */
  async function sendAsTask(call: SendCall): Promise<Verbatim> {
    const deadline = clock.now() + call.timeout_ms;
    const made = await ask({ ...call, task: { ttl: call.timeout_ms } });
    const { task } = made.value;
    if (!isJsonObject(task) || typeof task.taskId !== 'string') return made;
    const params = { taskId: task.taskId };
    const { signal, message_id } = call;
    try {
      return await asking.ask({
        method: 'tasks/result',
        params,
        timeout_ms: Math.max(1, deadline - clock.now()),
        ...(signal ? { signal } : {}),
        ...(message_id === undefined ? {} : { message_id }),
      });
    } catch (error) {
      if (error instanceof DownstreamError && asking.isAlive()) {
        // Whether it can still be cancelled is the server's business.
        asking.ask({ method: 'tasks/cancel', params, timeout_ms: LIST_MS }).catch(() => undefined);
      }
      throw error;
    }
  }

  return {
    hello,
    tools,
    listed: () => readListed(hello, (method, params) => inquire(method, params, LIST_MS)),

    async definition(tool) {
      const list = await tools();
      return list.tools.find((each) => each.tool === tool)?.definition_sha256;
    },

    async given(tool) {
      if (!given) await (listing ?? tools());
      return given?.get(tool);
    },

    send,

    async summarise(tool, args) {
      if (name !== GUARDED_TOOLS) {
        throw new DownstreamError('downstream_unavailable', `The server ${name} is not asked for summaries.`);
      }
      const { summary } = await inquire('placet/summary', { name: tool, arguments: args }, SUMMARY_MS);
      if (typeof summary === 'string') return summary;
      throw new DownstreamError('downstream_garbage', `The server ${name} gave no summary.`);
    },

    request({ timeout_ms = PASSED_MS, params = {}, ...request }) {
      return asking.ask({ ...request, params, timeout_ms } satisfies Ask);
    },

    notify(method, params) {
      if (link.backlog() > MAX_BACKLOG_BYTES) {
        report(`It does not read what it is sent, and was not told of ${method}.`);
        return;
      }
      link.send({ kind: 'notification', method, ...(params === undefined ? {} : { params }) });
    },

    pause: () => link.pause(),
    resume: () => link.resume(),
    isAlive: () => asking.isAlive(),

    async close() {
      asking.close();
      await link.close();
    },
  };
}

function mustBeTask({ definition }: { readonly definition: JsonObject }): boolean {
  return isJsonObject(definition.execution) && definition.execution.taskSupport === 'required';
}

/** Only of a server that says so may a call be wanted as a task, whatever its tools say. */
function canMakeTasks({ capabilities: { tasks } }: ServerHello): boolean {
  const requests = isJsonObject(tasks) ? tasks.requests : undefined;
  const tools = isJsonObject(requests) ? requests.tools : undefined;
  return isJsonObject(tools) && isJsonObject(tools.call);
}

function valueOf(params: JsonObject | Verbatim | undefined): JsonObject | undefined {
  return params instanceof Verbatim ? params.value : params;
}

/** Written anew, so that nothing but these members is sent; the arguments are the text that was judged. */
function callParams({ tool, args, meta, task }: SendCall): Verbatim {
  const known = meta && withoutToken(meta);
  const _meta = known && Object.keys(known).length > 0 ? known : undefined;
  const head = `{"name":${JSON.stringify(tool)},"arguments":`;
  const tail = `${memberOf('_meta', _meta)}${memberOf('task', task)}}`;
  const text = Buffer.allocUnsafe(
    Buffer.byteLength(head) + args.text.length + (tail === '}' ? 1 : Buffer.byteLength(tail)),
  );
  const at = text.write(head);
  text.set(args.text, at);
  text.write(tail, at + args.text.length);
  const value = { name: tool, arguments: args.value, ...(_meta && { _meta }), ...(task && { task }) };
  return Verbatim.asItCame(value, text);
}

function memberOf(name: string, value: JsonObject | undefined): string {
  return value ? `,"${name}":${JSON.stringify(value)}` : '';
}

function withoutToken(meta: JsonObject): JsonObject {
  const { progressToken: _, ...rest } = meta;
  return rest;
}
