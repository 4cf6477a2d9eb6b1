// A downstream over stdio that asks, tells and makes tasks on demand; what it writes is written by hand.
// A call's arguments: `lines` are written as they are, with $ID for the call's id and $TOKEN for its progress token.
import { createInterface } from 'node:readline';

const waiting = new Map();
let next = 1;

function write(line) {
  return new Promise((resolve) => {
    if (process.stdout.write(`${line}\n`)) resolve();
    else process.stdout.once('drain', resolve);
  });
}

const send = (message) => write(JSON.stringify({ jsonrpc: '2.0', ...message }));
const text = (id, value) =>
  send({ id, result: { content: [{ type: 'text', text: JSON.stringify(value) }] } });

/** Asks the client. Resolves with the answer's result or error. */
function ask(method, params) {
  const id = `ask ${next++}`;
  const answer = new Promise((resolve) => waiting.set(id, resolve));
  void send({ id, method, params });
  return { id, answer };
}

const calls = {
  lines: (id, { lines }, token) =>
    write(lines.join('\n').replaceAll('$ID', JSON.stringify(id)).replaceAll('$TOKEN', JSON.stringify(token))),
  async ask(id, { method, params }) {
    await text(id, await ask(method, params).answer);
  },
  async ask_and_cancel(id) {
    const asked = ask('sampling/createMessage', {});
    await send({ method: 'notifications/cancelled', params: { requestId: asked.id } });
    await text(id, 'cancelled');
  },
  async ask_many(id, { count }) {
    const answers = await Promise.all(
      Array.from({ length: count }, () => ask('elicitation/create', {}).answer),
    );
    await text(
      id,
      answers.map((answer) => answer.code ?? 'answered'),
    );
  },
  async flood(id, { count }) {
    for (let i = 0; i < count; i += 1) {
      const params = { level: 'info', data: `${i} ${'y'.repeat(60)}` };
      await send({ method: 'notifications/message', params });
    }
    await text(id, 'flooded');
  },
  /** Reads nothing more, and asks all the time. */
  async deaf() {
    input.pause();
    process.stdin.pause();
    for (let i = 0; ; i += 1) await send({ id: `ping ${i}`, method: 'ping' });
  },
  envelope: (id, _, __, line) => text(id, line),
  hold: () => undefined,
};

async function taskResult(id, taskId) {
  const _meta = { 'io.modelcontextprotocol/related-task': { taskId } };
  await send({ method: 'notifications/progress', params: { progressToken: Number(taskId), progress: 1 } });
  const asked = ask('elicitation/create', { _meta });
  await asked.answer;
  await send({ id, result: { content: [{ type: 'text', text: 'of the task' }], _meta } });
}

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const { id, method, params, result, error } = JSON.parse(line);
  if (method === undefined) {
    waiting.get(id)?.(result ?? error);
  } else if (method === 'initialize') {
    void send({
      id,
      result: {
        protocolVersion: process.env.REVISION ?? params.protocolVersion,
        capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
        serverInfo: { name: 'talker', version: '1', 'x-said': params },
        instructions: 'Talk.',
      },
    });
  } else if (method === 'tools/list') {
    const tools = [...Object.keys(calls), 'slow', 'endless'].map((name) => ({
      name,
      inputSchema: { type: 'object' },
      ...(name === 'slow' || name === 'endless' ? { execution: { taskSupport: 'required' } } : {}),
    }));
    void send({ id, result: { tools } });
  } else if (method === 'tools/call' && params.task) {
    // The task is named for the token, so that it can be told of later.
    const taskId = params.name === 'endless' ? 'endless' : String(params._meta?.progressToken ?? 'task');
    void send({ id, result: { task: { taskId, status: 'working', ttl: params.task.ttl ?? null } } });
  } else if (method === 'tasks/result') {
    if (params.taskId !== 'endless') void taskResult(id, params.taskId);
  } else if (method === 'tools/call') {
    if (calls[params.name]) void calls[params.name](id, params.arguments, params._meta?.progressToken, line);
    else void send({ id, error: { code: -32601, message: 'only as a task' } });
  } else if (id !== undefined) {
    process.stderr.write(`heard ${method} ${JSON.stringify(params)}\n`);
    void send({ id, result: { asked: method, params } });
  } else {
    process.stderr.write(`heard ${method} ${JSON.stringify(params)}\n`);
  }
});
input.on('close', () => process.exit(0));
