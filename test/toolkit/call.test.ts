import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toolServerCommand } from '../../src/toolkit/command.ts';
import { rejection, startTools, toolsFolder, toolSource } from '../support/tool-server.ts';

/** A server with one tool, named `it`. */
function startTool(run: string, more = '') {
  return startTools(toolsFolder({ 'it.ts': toolSource('it', run, more) }));
}

test('text that a tool returns is its result', async () => {
  const tools = await startTool('return `You said ${args.text}.`;');
  assert.equal(await tools.call('it', { text: 'yes' }), {
    text: 'You said yes.',
    isError: false,
    structured: undefined,
  });
  await tools.close();
});

test('MCP content that a tool returns is its result', async () => {
  const tools = await startTool(
    'return [{ type: "image", data: "AAAA", mimeType: "image/png" }, { type: "text", text: "a" }];',
  );
  const result = await tools.client.callTool({ name: 'it' });
  assert.equal(result.content, [
    { type: 'image', data: 'AAAA', mimeType: 'image/png' },
    { type: 'text', text: 'a' },
  ]);
  await tools.close();
});

test('arguments that do not fit are a failed call that names each place', async () => {
  const tools = await startTool('return "";');
  assert.equal(await tools.call('it', { text: 7 }), {
    text: 'The arguments do not fit the tool it: text: Invalid input: expected string, received number.',
    isError: true,
    structured: undefined,
  });
  await tools.close();
});

test('a result that does not fit the output says that the tool ran', async () => {
  const tools = await startTool('return { n: "one" } as never;', 'output: z.object({ n: z.number() }),');
  assert.equal(await tools.call('it'), {
    text: 'The tool it ran, but what it returned does not fit its output: n: Invalid input: expected number, received string.',
    isError: true,
    structured: undefined,
  });
  await tools.close();
});

test('a result that is neither text nor content says that the tool ran', async () => {
  const tools = await startTool('return 7 as never;');
  const { text, isError } = await tools.call('it');
  assert.is(
    text,
    'The tool it ran, but what it returned is neither text nor MCP content: Invalid input: expected array, received number.',
  );
  assert.ok(isError);
  await tools.close();
});

test('what a tool throws is a failed call with the message and no stack', async () => {
  const tools = await startTool('throw new RangeError("The disk is full.");');
  assert.equal(await tools.call('it'), { text: 'The disk is full.', isError: true, structured: undefined });
  assert.is(tools.said(), '');
  await tools.close();
});

test('an unknown tool is a JSON-RPC error', async () => {
  const tools = await startTool('return "";');
  const error = await rejection(tools.call('nope'));
  assert.match(error.message, 'There is no tool named nope.');
  assert.is((error as Error & { code: number }).code, -32602);
  await tools.close();
});

test('what a tool prints goes to standard error and not into the protocol', async () => {
  const tools = await startTools(
    toolsFolder({
      'it.ts': `import { stdout } from 'node:process';\n${toolSource(
        'it',
        `console.log('{"by":"console"}');
         console.table([1]);
         process.stdout.write('{"by":"process"}');
         stdout.write('{"by":"import"}');
         return "printed";`,
      )}`,
    }),
  );
  assert.is((await tools.call('it')).text, 'printed');
  await tools.saying('{"by":"import"}');
  assert.match(tools.said(), '{"by":"console"}');
  assert.match(tools.said(), '{"by":"process"}');
  assert.is((await tools.call('it')).text, 'printed');
  await tools.close();
});

test('a tool is given its workspace', async () => {
  const folder = toolsFolder({ 'it.ts': toolSource('it', 'return context.workspace;') });
  const tools = await startTools(folder);
  assert.is((await tools.call('it')).text, dirname(folder));
  await tools.close();
});

test("a call that is cancelled aborts the tool's signal", async () => {
  const tools = await startTool(`
    console.log('running');
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    console.log('aborted');
    return '';`);
  const cancel = new AbortController();
  const call = tools.client.callTool({ name: 'it' }, undefined, { signal: cancel.signal });
  call.catch(() => {
    // It is cancelled below.
  });
  await tools.saying('running');
  cancel.abort();
  await tools.saying('aborted');
  await tools.close();
});

test('a client that goes away aborts the calls under way, and they are waited for', async () => {
  const folder = toolsFolder({
    'it.ts': `import { writeFileSync } from 'node:fs';\n${toolSource(
      'it',
      `console.log('running');
       await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
       await new Promise((resolve) => setTimeout(resolve, 50));
       writeFileSync(context.workspace + '/tidied', 'yes');
       return '';`,
    )}`,
  });
  const tools = await startTools(folder);
  tools.call('it').catch(() => {
    // The client closes below.
  });
  await tools.saying('running');
  await tools.close();
  assert.is(readFileSync(join(dirname(folder), 'tidied'), 'utf8'), 'yes');
});

test('an answer that nobody reads ends no other call', async () => {
  const folder = toolsFolder({
    'it.ts': `import { writeFileSync } from 'node:fs';\n${toolSource(
      'it',
      `console.log('running ' + args.text);
       await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
       await new Promise((resolve) => setTimeout(resolve, Number(args.text)));
       writeFileSync(context.workspace + '/' + args.text, 'done');
       return '';`,
    )}`,
  });
  const { command, args } = toolServerCommand(folder);
  const child = spawn(command, args);
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  for (const text of ['1', '200']) {
    const call = {
      jsonrpc: '2.0',
      id: text,
      method: 'tools/call',
      params: { name: 'it', arguments: { text } },
    };
    child.stdin.write(`${JSON.stringify(call)}\n`);
  }
  while (!said.includes('running 1\n') || !said.includes('running 200\n')) await once(child.stderr, 'data');
  child.stdout.destroy();
  child.stdin.end();
  assert.equal(await exited, [0, null]);
  assert.is(readFileSync(join(dirname(folder), '1'), 'utf8'), 'done');
  assert.is(readFileSync(join(dirname(folder), '200'), 'utf8'), 'done');
});

test('a tool that exits takes only its own process with it', async () => {
  const tools = await startTool('process.exit(3);');
  assert.match((await rejection(tools.call('it'))).message, 'Connection closed');
  await tools.closed;
});

test('an error that a tool leaves unhandled is told with its line, and ends the process', async () => {
  const tools = await startTool(
    'void Promise.reject(new Error("forgotten"));\n await new Promise(() => {}); return "";',
  );
  assert.match((await rejection(tools.call('it'))).message, 'Connection closed');
  await tools.closed;
  await tools.saying(
    "placet tools: it.ts, line 7: an error was left unhandled, so the tools' process ends: forgotten\n",
  );
});

test("a summary is the author's sentence about the parsed arguments", async () => {
  const tools = await startTool(
    'return "";',
    'summary: async ({ text }, { workspace }) => `Say ${text} in ${workspace.length > 0}.`,',
  );
  assert.equal(await tools.summary('it', { text: 'yes' }), { summary: 'Say yes in true.' });
  await tools.close();
});

for (const [title, more, message] of [
  ['a summary that throws', 'summary: () => { throw new Error("No database."); },', 'No database.'],
  ['a tool without a summary', '', 'The tool it has no summary.'],
  ...['""', '"x".repeat(501)', '7 as never'].map((value) => [
    `a summary that is ${value}`,
    `summary: () => ${value},`,
    'The summary of the tool it is not a text of 1 to 500 characters.',
  ]),
] as const) {
  test(`${title} is an error that says so`, async () => {
    const tools = await startTool('return "";', more);
    const error = await rejection(tools.summary('it', {}));
    assert.match(error.message, message);
    await tools.close();
  });
}

test('a summary of arguments that do not fit is an error that names the place', async () => {
  const tools = await startTool('return "";', 'summary: () => "x",');
  const error = await rejection(tools.summary('it', { text: 7 }));
  assert.match(error.message, 'The arguments do not fit the tool it: text: Invalid input');
  await tools.close();
});

test.run();
