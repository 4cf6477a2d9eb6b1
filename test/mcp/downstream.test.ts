import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { RpcError } from '../../src/guard/ports.ts';
import type { Downstream } from '../../src/mcp/server-side.ts';
import { rejection } from '../support/rejects.ts';
import { connectTo, fixtureServer, logLines, withFixture } from '../support/servers/fixture.ts';
import { tempDir } from '../support/temp.ts';

const call = async (downstream: Downstream, tool: string, args: JsonObject = {}, timeout_ms = 10_000) =>
  (await downstream.send({ tool, args: Verbatim.of(args), timeout_ms })).value;

async function failure(promise: Promise<unknown>): Promise<DownstreamError> {
  const error = await rejection(promise);
  assert.instance(error, DownstreamError);
  return error as DownstreamError;
}

const sayText = (text: string): JsonObject => ({ content: [{ type: 'text', text }] });

test('gives the result unchanged, unknown members included', () =>
  withFixture(async (downstream) => {
    assert.equal(await call(downstream, 'echo', { a: [1] }), {
      content: [{ type: 'text', text: '{"name":"echo","arguments":{"a":[1]}}' }],
      'x-unknown': [1, null],
    });
  }));

test('gives a member called __proto__ as it came', () =>
  withFixture(async (downstream) => {
    assert.is(JSON.stringify(await call(downstream, 'proto')), '{"content":[],"__proto__":{"a":1}}');
  }));

test('throws the JSON-RPC error that the downstream answered, whatever its code', () =>
  withFixture(async (downstream) => {
    for (const code of [-32000, -32001, -32042, 7]) {
      const error = await rejection(call(downstream, 'rpc_error', { code }));
      assert.instance(error, RpcError);
      assert.equal((error as RpcError).error, { code, message: 'as asked', data: { why: 1 } });
    }
  }));

test('says that it died when the process ends in the middle of a call', () =>
  withFixture(async (downstream) => {
    const error = await failure(call(downstream, 'die'));
    assert.is(error.code, 'downstream_died');
    assert.is(error.message, 'The server fixture ended before it answered.');
    assert.is(downstream.isAlive(), false);
  }));

test('says that nothing was sent once the process has ended', () =>
  withFixture(async (downstream) => {
    await rejection(call(downstream, 'die'));
    assert.is((await failure(call(downstream, 'echo'))).code, 'downstream_unavailable');
  }));

test('says that it stayed silent when the time is over', () =>
  withFixture(async (downstream) => {
    const error = await failure(call(downstream, 'hang', {}, 50));
    assert.is(error.code, 'downstream_silent');
    assert.is(error.message, 'The server fixture did not answer within 0.05 s.');
  }));

test('takes the answer that comes after garbage, and reports the garbage', async () => {
  const { log, seen } = logLines();
  await withFixture(
    async (downstream) => {
      assert.equal(await call(downstream, 'garbage'), sayText('after garbage'));
      assert.match(await seen(/no JSON message/), /^\[fixture\] .*Server ready, have fun/);
    },
    {},
    { log },
  );
});

test('passes over answers to requests that were not asked, and reports them', async () => {
  const { log, lines } = logLines();
  await withFixture(
    async (downstream) => {
      assert.equal(await call(downstream, 'unknown_id'), sayText('for you'));
      assert.is(lines.filter((line) => /was not asked|neither a request nor an answer/.test(line)).length, 2);
    },
    {},
    { log },
  );
});

test('takes the first of two answers', () =>
  withFixture(async (downstream) => {
    assert.equal(await call(downstream, 'twice'), sayText('first'));
  }));

for (const tool of ['illegal_result', 'illegal_error']) {
  test(`calls an ${tool.replace('_', ' ')} garbage, at once`, () =>
    withFixture(async (downstream) => {
      assert.is((await failure(call(downstream, tool))).code, 'downstream_garbage');
      assert.ok(downstream.isAlive());
    }));
}

test('passes on what only its client can judge: content that is no list', () =>
  withFixture(async (downstream) => {
    assert.equal(await call(downstream, 'illegal_content'), { content: 'not a list' });
  }));

test('takes an answer whose envelope holds more than it should', () =>
  withFixture(async (downstream) => {
    assert.equal(await call(downstream, 'extra_members'), sayText('fine'));
  }));

test('passes on a result of 20 MB', () =>
  withFixture(async (downstream) => {
    const result = await call(downstream, 'huge', { bytes: 20_000_000 }, 60_000);
    assert.is(JSON.stringify(result).length, 20_000_039);
  }));

test('fails only the call whose result is over the limit, and keeps the link', () =>
  withFixture(
    async (downstream) => {
      const other = failure(call(downstream, 'hang', {}, 60_000));
      const error = await failure(call(downstream, 'huge', { bytes: 200_000 }));
      assert.is(error.code, 'downstream_garbage');
      assert.match(error.message, /larger than 100000 bytes, which is the limit/);
      assert.is((await call(downstream, 'echo')).isError, undefined);
      await downstream.close();
      assert.is((await other).code, 'downstream_died');
    },
    {},
    { maxBytes: 100_000 },
  ));

test('passes progress on, with the rest of _meta, under a token of its own', () =>
  withFixture(async (downstream) => {
    const progress: JsonObject[] = [];
    const result = await downstream.send({
      tool: 'progress',
      args: Verbatim.of({}),
      timeout_ms: 10_000,
      meta: { progressToken: 'theirs', 'x-trace': 'abc' },
      onProgress: (each) => progress.push(each),
    });
    assert.equal(progress, [{ progress: 1, total: 2 }]);
    const [content] = result.value.content as readonly { readonly text: string }[];
    const meta = JSON.parse(content?.text ?? '') as JsonObject;
    assert.is(meta['x-trace'], 'abc');
    assert.is.not(meta.progressToken, 'theirs');
  }));

test('tells the downstream of a cancellation and ends the call', async () => {
  const dir = tempDir();
  const logs = { CANCEL_LOG: join(dir, 'cancelled'), WAITING_LOG: join(dir, 'waiting') };
  for (const path of Object.values(logs)) writeFileSync(path, '');
  await withFixture(async (downstream) => {
    const controller = new AbortController();
    const sent = downstream.send({
      tool: 'wait_for_cancel',
      args: Verbatim.of({}),
      timeout_ms: 10_000,
      signal: controller.signal,
    });
    await call(downstream, 'echo');
    controller.abort();
    assert.is((await failure(sent)).code, 'downstream_silent');
    await call(downstream, 'echo');
    assert.is(readFileSync(logs.CANCEL_LOG, 'utf8'), 'true\n');
  }, logs);
});

test('sends nothing for a call that is cancelled already', () =>
  withFixture(async (downstream) => {
    const signal = AbortSignal.abort();
    const error = await failure(
      downstream.send({ tool: 'echo', args: Verbatim.of({}), timeout_ms: 1000, signal }),
    );
    assert.is(error.code, 'downstream_unavailable');
  }));

test('sends a hundred large calls at once without a warning', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  await withFixture(async (downstream) => {
    const text = 'x'.repeat(100_000);
    const results = await Promise.all(
      Array.from({ length: 100 }, () => call(downstream, 'echo', { text }, 60_000)),
    );
    assert.is(results.length, 100);
  });
  process.off('warning', note);
  assert.equal(warnings, []);
});

test('asks for the definition anew each time', () =>
  withFixture(async (downstream) => {
    const before = await downstream.definition('echo');
    assert.match(before ?? '', /^[0-9a-f]{64}$/);
    assert.is(await downstream.definition('echo'), before);
    await call(downstream, 'change');
    assert.is.not(await downstream.definition('echo'), before);
    assert.is(await downstream.definition('no_such_tool'), undefined);
  }));

test('says when the list of tools has changed', async () => {
  let changed = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    changed = resolve;
  });
  await withFixture(
    async (downstream) => {
      await call(downstream, 'change');
      await told;
    },
    {},
    { onChanged: () => changed() },
  );
});

test('lists definitions exactly as they were given', () =>
  withFixture(
    async (downstream) => {
      const { tools } = await downstream.tools();
      assert.equal(tools[0]?.definition, {
        name: 'echo',
        description: 'Gives its arguments back.',
        inputSchema: { type: 'object' },
        'x-unknown': { kept: true },
      });
    },
    { TOOLS: '["echo"]' },
  ));

test('leaves illegal and repeated definitions out, and says so', () =>
  withFixture(
    async (downstream) => {
      const { tools, trouble } = await downstream.tools();
      assert.equal(
        tools.map((each) => each.tool),
        ['echo'],
      );
      assert.is(trouble.length, 3);
    },
    { TOOLS: '["echo"]', ILLEGAL_TOOLS: '1' },
  ));

test('gives up on a list of tools without end', () =>
  withFixture(
    async (downstream) => {
      assert.is((await failure(downstream.tools())).code, 'downstream_garbage');
    },
    { PAGES: 'endless' },
  ));

test('gives the process its configured environment and the few safe variables, nothing of the host', async () => {
  process.env.PLACET_SMTP_URL = 'smtp://secret';
  await withFixture(
    async (downstream) => {
      const [content] = (await call(downstream, 'environment')).content as readonly {
        readonly text: string;
      }[];
      const { env } = JSON.parse(content?.text ?? '') as { readonly env: Record<string, string> };
      assert.is(env.GREETING, 'hello');
      assert.is(env.PLACET_SMTP_URL, undefined);
      assert.is(env.PATH, process.env.PATH);
    },
    { GREETING: 'hello' },
  );
});

test('puts standard error into the log, shortened and with its name', async () => {
  const { log, seen } = logLines();
  await withFixture(
    async () => {
      const line = await seen(/^\[fixture\] loud/);
      assert.is(line.length, 511);
    },
    { STDERR: `loud${'!'.repeat(5000)}` },
    { log },
  );
});

test('says that it could not be started when the command does not exist', async () => {
  const server = fixtureServer();
  if (server.transport.kind !== 'process') return;
  const error = await failure(
    connectTo({ ...server, transport: { ...server.transport, command: 'no-such-command' } }),
  );
  assert.is(error.code, 'downstream_unavailable');
  assert.is(error.message, 'The server fixture could not be started: spawn no-such-command ENOENT.');
});

test('says that its cwd is missing', async () => {
  const server = fixtureServer();
  if (server.transport.kind !== 'process') return;
  const error = await failure(
    connectTo({ ...server, transport: { ...server.transport, cwd: '/no/such/folder' } }),
  );
  assert.is(
    error.message,
    'The server fixture could not be started: its cwd /no/such/folder is not a folder.',
  );
});

test('says that it could not be started when it exits at once', async () => {
  const error = await failure(connectTo(fixtureServer({ EXIT_AT_START: '1' })));
  assert.is(error.code, 'downstream_unavailable');
  assert.is(
    error.message,
    'The server fixture could not be started: it ended before the handshake was done.',
  );
});

test('says that the handshake was refused, and why', async () => {
  const error = await failure(connectTo(fixtureServer({ REFUSE_START: '1' })));
  assert.is(error.message, 'The server fixture could not be started: it refused the handshake: unsupported.');
});

test('waits for a slow start', () =>
  withFixture(
    async (downstream) => {
      assert.is((await call(downstream, 'echo')).isError, undefined);
    },
    { START_DELAY_MS: '300' },
  ));

test('gives up on a handshake that never comes', async () => {
  const error = await failure(connectTo(fixtureServer({ SILENT_START: '1' }), { startMs: 100 }));
  assert.is(error.code, 'downstream_unavailable');
});

test('believes only the server named tools about summaries', async () => {
  await withFixture(async (downstream) => {
    assert.is((await failure(downstream.summarise('echo', {}))).code, 'downstream_unavailable');
  });
  const guarded = await connectTo(fixtureServer({ GUARDED: '1' }, { name: 'tools' }));
  assert.is(await guarded.summarise('echo', { a: 1 }), 'Would run echo with {"a":1}');
  await guarded.close();
});

test('works with server-filesystem', async () => {
  const dir = tempDir();
  const program = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-filesystem/dist/index.js',
  );
  const base = fixtureServer();
  if (base.transport.kind !== 'process') return;
  const downstream = await connectTo({
    ...base,
    name: 'files',
    transport: { ...base.transport, args: [program, dir] },
  });
  const { tools } = await downstream.tools();
  assert.ok(tools.some((each) => each.tool === 'write_file'));
  const result = await call(downstream, 'write_file', { path: join(dir, 'a.txt'), content: 'hello' });
  assert.is(result.isError, undefined);
  assert.is(readFileSync(join(dir, 'a.txt'), 'utf8'), 'hello');
  await downstream.close();
});

test.run();
