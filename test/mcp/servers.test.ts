import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/core/errors.ts';
import { parseServers, readServers, wrappedServer } from '../../src/mcp/servers.ts';
import { tempDir } from '../support/temp.ts';

const options = { file: 'mcp.json', workspace: '/ws', env: { TOKEN: 't0ken', EMPTY: '' } };

function parse(mcpServers: unknown, more: object = {}) {
  return parseServers(JSON.stringify({ mcpServers, ...more }), options);
}

function mistake(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('It was accepted.');
}

test('reads a process with all its members', () => {
  assert.equal(
    parse({
      files: {
        command: 'npx',
        args: ['-y', 'server', '${TOKEN}'],
        env: { KEY: 'a-${TOKEN}' },
        cwd: 'sub',
        placet: { prefix: 'fs', tags: { 'write_*': ['sensitive'] } },
      },
    }),
    [
      {
        name: 'files',
        prefix: 'fs',
        tags: { 'write_*': ['sensitive'] },
        transport: {
          kind: 'process',
          command: 'npx',
          args: ['-y', 'server', 't0ken'],
          env: { KEY: 'a-t0ken' },
          cwd: '/ws/sub',
          cwdIsConfigured: true,
        },
      },
    ],
  );
});

test('reads an HTTP server, with or without its type', () => {
  const expected = {
    name: 'web',
    prefix: 'web',
    tags: {},
    transport: { kind: 'http', url: 'https://example.com/mcp', headers: { Authorization: 'Bearer t0ken' } },
  };
  const entry = { url: 'https://example.com/mcp', headers: { Authorization: 'Bearer ${TOKEN}' } };
  assert.equal(parse({ web: { type: 'http', ...entry } }), [expected]);
  assert.equal(parse({ web: entry }), [expected]);
});

test('starts relative commands from the workspace, and leaves names to the path', () => {
  const commands = parse({
    a: { command: './run.sh' },
    b: { command: 'node' },
    c: { command: '/bin/x' },
  }).map((server) => (server.transport.kind === 'process' ? server.transport.command : ''));
  assert.equal(commands, ['/ws/run.sh', 'node', '/bin/x']);
});

test('runs in the workspace when no cwd is given', () => {
  const [server] = parse({ a: { command: 'node' } });
  assert.is(server?.transport.kind === 'process' && server.transport.cwd, '/ws');
});

test('takes prefix false for bare names', () => {
  assert.is(parse({ a: { command: 'x', placet: { prefix: false } } })[0]?.prefix, false);
});

test('takes the default of a variable that is not set, and an empty value as one that is', () => {
  const [server] = parse({ a: { command: 'x', args: ['${NOPE:-fallback}', '${EMPTY}'] } });
  assert.equal(server?.transport.kind === 'process' && server.transport.args, ['fallback', '']);
});

test('says which variable is not set, and where', () => {
  assert.is(
    mistake(() => parse({ a: { command: 'x', args: ['${NOPE}'] } })),
    'mcp.json: mcpServers.a: ${NOPE} is not set; set it in the environment or in .env.',
  );
});

test('gives the line and column of malformed JSON', () => {
  assert.is(
    mistake(() => parseServers('{\n  "mcpServers": {,}\n}', options)),
    'mcp.json:2:18: The file, at "mcpServers", is not JSON: "," is unexpected at character 20.',
  );
});

test('gives the line and column of a server that stands twice', () => {
  assert.match(
    mistake(() => parseServers('{"mcpServers": {\n"a": {"command":"x"},\n"a": {"command":"y"}}}', options)),
    /^mcp\.json:3:4: .*holds the member "a" twice/,
  );
});

test('tolerates unknown keys, but not under placet', () => {
  assert.is(parse({ a: { command: 'x', disabledTools: [] } }, { inputs: [] }).length, 1);
  assert.match(
    mistake(() => parse({ a: { command: 'x', placet: { tag: {} } } })),
    /mcpServers\.a\.placet: Unrecognized key: "tag"/,
  );
});

test('names the member that has the wrong type', () => {
  assert.match(
    mistake(() => parse({ a: { command: 'x', args: 'y' } })),
    /^mcp\.json: mcpServers\.a\.args: /,
  );
});

test('wants a command or a url', () => {
  assert.match(
    mistake(() => parse({ a: { type: 'http' } })),
    /needs either a command or a url/,
  );
});

test('refuses transports that it does not speak, and addresses that are none', () => {
  assert.match(
    mistake(() => parse({ a: { type: 'sse', url: 'https://example.com' } })),
    /mcpServers\.a\.type/,
  );
  assert.match(
    mistake(() => parse({ a: { url: 'file:///etc' } })),
    /not an http or https address/,
  );
});

test('reads which authorization server is believed, and refuses one that is no address', () => {
  const parsed = (issuer: string) =>
    parse({ a: { url: 'https://example.com', placet: { oauth: { issuer } } } })[0]?.transport;
  assert.equal(parsed('https://${TOKEN}.example'), {
    kind: 'http',
    url: 'https://example.com',
    headers: {},
    oauth: { grant: 'authorization_code', issuer: 'https://t0ken.example' },
  });
  assert.match(
    mistake(() => parsed('login.example')),
    /placet\.oauth: Its issuer is not an http or https address/,
  );
});

for (const name of ['placet', 'tools', 'a b', '', 'x'.repeat(65), 'ä']) {
  test(`refuses the server name ${JSON.stringify(name)}`, () => {
    assert.match(
      mistake(() => parse({ [name]: { command: 'x' } })),
      /named by|Placet's own/,
    );
  });
}

test('takes a missing file as one without servers', () => {
  assert.equal(readServers({ ...options, file: join(tempDir(), 'mcp.json') }), []);
});

test('reads a file', () => {
  const file = join(tempDir(), 'mcp.json');
  writeFileSync(file, '{"mcpServers":{"a":{"command":"x"}}}');
  assert.is(readServers({ ...options, file })[0]?.name, 'a');
});

test('wraps a command under its own names', () => {
  const server = wrappedServer('mine', { command: 'x', args: ['y'], env: {}, cwd: '/c' }, []);
  assert.is(server.prefix, false);
  assert.is(server.transport.kind === 'process' && server.transport.command, 'x');
});

test("refuses to wrap under the name of one of the workspace's servers", () => {
  const wrap = () =>
    wrappedServer('files', { command: 'x', args: [], env: {}, cwd: '/c' }, [{ name: 'files' }]);
  assert.match(mistake(wrap), /has a server of that name/);
});

test.run();
