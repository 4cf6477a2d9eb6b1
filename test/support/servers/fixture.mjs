// A downstream over stdio that misbehaves on demand, written without the SDK so that it can.
// Environment: EXIT_AT_START, START_DELAY_MS, SILENT_START, PAGES (endless), TOOLS (JSON list of names),
// ILLEGAL_TOOLS, STDERR (text at the start), DESCRIPTION, DEFINITIONS (JSON list), GUARDED.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const env = process.env;
if (env.STDERR) process.stderr.write(`${env.STDERR}\n`);
if (env.EXIT_AT_START) process.exit(3);
if (env.STARTED_LOG) appendFileSync(env.STARTED_LOG, `${process.pid}\n`);

const anything = { type: 'object' };
let description = env.DESCRIPTION ?? 'Gives its arguments back.';

const write = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const answer = (id, result) => write({ jsonrpc: '2.0', id, result });
const text = (value) => ({ content: [{ type: 'text', text: value }] });

function tools() {
  if (env.DEFINITIONS) return JSON.parse(env.DEFINITIONS);
  const names = env.TOOLS ? JSON.parse(env.TOOLS) : Object.keys(calls);
  return names.map((name) => ({
    name,
    description,
    inputSchema: anything,
    'x-unknown': { kept: true },
    ...(name === 'structured'
      ? { outputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } }
      : {}),
    ...(env.GUARDED ? { _meta: { 'placet/tags': ['sensitive'], 'placet/summary': true } } : {}),
  }));
}

const calls = {
  echo: (id, params) => answer(id, { ...text(JSON.stringify(params)), 'x-unknown': [1, null] }),
  die: () => process.exit(1),
  hang: () => undefined,
  garbage: (id) => {
    process.stdout.write('Server ready, have fun\n{"half": \n\n42\n');
    answer(id, text('after garbage'));
  },
  unknown_id: (id) => {
    answer(99_999, text('for nobody'));
    write({ jsonrpc: '2.0', id: null, result: {} });
    answer(id, text('for you'));
  },
  twice: (id) => {
    answer(id, text('first'));
    answer(id, text('second'));
  },
  illegal_result: (id) => answer(id, 'a string'),
  illegal_content: (id) => answer(id, { content: 'not a list' }),
  illegal_error: (id) => write({ jsonrpc: '2.0', id, error: 'bad' }),
  extra_members: (id) => write({ jsonrpc: '2.0', id, result: text('fine'), trace: 'x' }),
  rpc_error: (id, params) =>
    write({
      jsonrpc: '2.0',
      id,
      error: { code: params.arguments.code, message: 'as asked', data: { why: 1 } },
    }),
  huge: (id, params) => answer(id, text('x'.repeat(params.arguments.bytes))),
  structured: (id) => answer(id, { ...text('{"n":1}'), structuredContent: { n: 1 } }),
  proto: (id) =>
    process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"__proto__":{"a":1}}}\n`),
  environment: (id) => answer(id, text(JSON.stringify({ env, cwd: process.cwd() }))),
  pid: (id) => answer(id, text(String(process.pid))),
  progress: (id, params) => {
    const progressToken = params._meta?.progressToken;
    if (progressToken !== undefined) {
      write({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken, progress: 1, total: 2 },
      });
    }
    answer(id, text(JSON.stringify(params._meta ?? null)));
  },
  change: (id) => {
    description = `${description} Changed.`;
    write({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    answer(id, text('changed'));
  },
  wait_for_cancel: (id) => {
    waiting = id;
    if (env.WAITING_LOG) appendFileSync(env.WAITING_LOG, 'waiting\n');
  },
};
let waiting;

function handle(message) {
  const { id, method, params } = message;
  switch (method) {
    case 'initialize':
      if (env.REFUSE_START) {
        write({ jsonrpc: '2.0', id, error: { code: -32602, message: 'unsupported' } });
        return;
      }
      if (env.SILENT_START) return;
      setTimeout(
        () =>
          answer(id, {
            protocolVersion: '2025-06-18',
            capabilities: { tools: { listChanged: true } },
            serverInfo: { name: 'fixture', version: '1' },
          }),
        Number(env.START_DELAY_MS ?? 0),
      );
      return;
    case 'tools/list':
      if (env.PAGES)
        answer(id, {
          tools: [{ name: `t${params?.cursor ?? 0}`, inputSchema: anything }],
          nextCursor: `${Number(params?.cursor ?? 0) + 1}`,
        });
      else
        answer(id, { tools: [...tools(), ...(env.ILLEGAL_TOOLS ? [{ name: 'bare' }, 7, tools()[0]] : [])] });
      return;
    case 'tools/call':
      if (calls[params.name]) calls[params.name](id, params);
      else answer(id, { ...text('no such tool'), isError: true });
      return;
    case 'placet/summary':
      answer(id, { summary: `Would run ${params.name} with ${JSON.stringify(params.arguments)}` });
      return;
    case 'notifications/cancelled':
      if (env.CANCEL_LOG) appendFileSync(env.CANCEL_LOG, `${params.requestId === waiting}\n`);
      return;
    default:
      if (id !== undefined)
        write({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => handle(JSON.parse(line)))
  .on('close', () => process.exit(0));
