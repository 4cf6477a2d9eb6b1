import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, eventually, type HostSetting, serveHost } from '../support/host.ts';
import { openRawClient, type RawAnswer } from '../support/raw-client.ts';
import {
  makeWorkspace,
  PEOPLE,
  ROOT,
  RULES,
  statusOf,
  textOf,
  type TestWorkspace,
} from '../support/workspace.ts';

const NOBODY = 65_534;
const COUNTER = join(ROOT, 'test/support/servers/counter.mjs');

/** A workspace that starts fast: its one downstream adds lines to a file. */
function newWorkspace(files: Readonly<Record<string, string>> = {}): TestWorkspace {
  const workspace = makeWorkspace({
    rules: 'unmatched: review\nreview: { reviewers: [alice] }\nrules: []\n',
  });
  const args = [COUNTER, join(workspace.dir, 'files/count.txt')];
  const mcp = { mcpServers: { counter: { command: process.execPath, args } } };
  workspace.write('mcp.json', JSON.stringify(mcp));
  for (const [name, text] of Object.entries(files)) workspace.write(name, text);
  return workspace;
}

const running = newWorkspace();
const agent = await running.agent();
const raw = openRawClient(running.dir);

test.after(async () => {
  await raw.close();
  await running.end();
});

/** Starts a host that should refuse to. One that serves is ended, so that the test fails and nothing is left. */
async function refusal(dir: string, setting?: HostSetting): Promise<Ended> {
  const host = await serveHost(dir, setting);
  host.child.kill('SIGTERM');
  return host.ended;
}

const REFUSED: readonly {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly says: RegExp;
}[] = [
  {
    what: 'mcp.json that is not JSON',
    file: 'mcp.json',
    text: '{\n  "mcpServers": {,}\n}\n',
    says: /^placet: \S+\/mcp\.json:2:18: The file[^\n]* is not JSON: "," is unexpected [^\n]+ \[mcp_json_invalid\]\n$/,
  },
  {
    what: 'mcp.json with a member twice',
    file: 'mcp.json',
    text: '{ "mcpServers": { "a": { "command": "x" }, "a": { "command": "y" } } }',
    says: /^placet: \S+\/mcp\.json:1:\d+: The file, at "mcpServers", holds the member "a" twice\. \[mcp_json_invalid\]\n$/,
  },
  {
    what: 'mcp.json with a server that has neither command nor url',
    file: 'mcp.json',
    text: '{ "mcpServers": { "a": {} } }',
    says: /^placet: \S+\/mcp\.json: mcpServers\.a: It needs either a command or a url\. \[mcp_json_invalid\]\n$/,
  },
  {
    what: 'rules that are not YAML',
    file: 'policies/rules.yaml',
    text: 'unmatched: review\nrules: [\n',
    says: /^placet: The policy does not load\.\n\S*rules\.yaml:\d+:\d+ [^\n]+ \[policy_invalid\]\n$/,
  },
  {
    what: 'a rule that names a person who is not there',
    file: 'policies/rules.yaml',
    text: 'unmatched: deny\nreview: { reviewers: [alise] }\nrules: []\n',
    says: /^placet: The policy does not load\.\n\S*rules\.yaml:2:\d+ [^\n]*alise[^\n]* \[policy_invalid\]\n$/,
  },
  {
    what: 'a rule that names a group that is not there',
    file: 'policies/rules.yaml',
    text: 'unmatched: deny\nreview: { reviewers: [group:opps] }\nrules: []\n',
    says: /^placet: The policy does not load\.\n\S*rules\.yaml:2:\d+ [^\n]*opps[^\n]* \[policy_invalid\]\n$/,
  },
  {
    what: 'a verdict that does not exist',
    file: 'policies/rules.yaml',
    text: 'unmatched: maybe\nreview: { reviewers: [alice] }\n',
    says: /^placet: The policy does not load\.\n\S*rules\.yaml:1:12 unmatched must be allow, review or deny\. \[policy_invalid\]\n$/,
  },
  {
    what: 'a verification that this workspace cannot do',
    file: 'policies/rules.yaml',
    text: 'unmatched: review\nreview: { reviewers: [alice], verification: sso }\n',
    says: /^placet: The policy does not load\.\n\S*rules\.yaml:2:\d+ [^\n]*sso[^\n]*PLACET_OIDC_ISSUER[^\n]* \[policy_invalid\]\n$/,
  },
  {
    what: 'a line in .env that sets nothing, below a quoted value',
    file: '.env',
    text: 'PLACET_PORT="0"\nthis is no setting\n',
    says: /^placet: \S+\/\.env:2 is not of the form NAME=value; mend or remove the line\. \[bad_env_file\]\n$/,
  },
  {
    what: 'a misspelt setting in .env',
    file: '.env',
    text: 'PLACET_PORT=0\nPLACET_SMPT_URL=smtp://127.0.0.1\n',
    says: /^placet: PLACET_SMPT_URL in \.env is no setting of this version: mend the name or remove the line\. \[bad_setting\]\n$/,
  },
  {
    what: 'a line in .env that sets nothing',
    file: '.env',
    text: 'PLACET_PORT=0\nthis is no setting\n',
    says: /^placet: \S+\/\.env:2 is not of the form NAME=value; mend or remove the line\. \[bad_env_file\]\n$/,
  },
  {
    what: 'a port that is none',
    file: '.env',
    text: 'PLACET_PORT=70000\n',
    says: /^placet: PLACET_PORT is not a port number from 0 to 65535\. Mend it in \.env or in the environment\. \[bad_setting\]\n$/,
  },
];

for (const { what, file, text, says } of REFUSED) {
  test(`${what}: the host says where and does not start`, async () => {
    const { code, stdout, stderr } = await refusal(newWorkspace({ [file]: text }).dir);
    assert.is(code, 1);
    assert.is(stdout, '');
    assert.match(stderr, says);
  });
}

test('a data folder that cannot be written is said in one sentence', async () => {
  const workspace = newWorkspace();
  chmodSync(workspace.dir, 0o755);
  mkdirSync(join(workspace.dir, 'locked'), { mode: 0o555 });
  const isRoot = process.getuid?.() === 0;
  const { code, stderr } = await refusal(workspace.dir, {
    env: { PLACET_DATA: 'locked/data' },
    ...(isRoot ? { uid: NOBODY } : {}),
  });
  assert.is(code, 1);
  assert.match(
    stderr,
    /^placet: The data folder \S+\/locked\/data cannot be made: [^\n]+ Make it yours, or name another with PLACET_DATA\. \[data_unusable\]\n$/,
  );
});

test('a data folder that is there but of another user is said in one sentence', async () => {
  const workspace = newWorkspace();
  chmodSync(workspace.dir, 0o755);
  const data = join(workspace.dir, 'data');
  mkdirSync(data, { mode: 0o555 });
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(data, 0, 0);
  const { code, stderr } = await refusal(workspace.dir, isRoot ? { uid: NOBODY } : {});
  assert.is(code, 1);
  assert.match(stderr, /^placet: [^\n]+\/data\b[^\n]+ \[\w+\]\n$/);
});

test('a tool file that does not compile is named to people, and the others are served', async () => {
  const good = (name: string): string =>
    `import { defineTool } from 'placet';\nimport { z } from 'zod';\nexport default defineTool({ name: '${name}', description: 'Says hello.', tags: [], input: z.strictObject({}), run: () => 'hello' });\n`;
  const workspace = newWorkspace({
    'tools/good.ts': good('good'),
    'tools/broken.ts': 'export default defineTool({{\n',
    'tools/one.ts': good('twice'),
    'tools/two.ts': good('twice'),
  });
  const tools = (await (await workspace.agent()).client.listTools()).tools.map(({ name }) => name);
  assert.is(tools.includes('good'), true);
  assert.is(tools.includes('twice'), false);
  const { stdout } = await workspace.placet('status');
  await workspace.end();
  assert.match(stdout, 'broken.ts');
  assert.match(stdout, /one\.ts and two\.ts/);
});

test('arguments over the limit are refused with the limit, and the session goes on', async () => {
  const answer = await agent.call('counter__add', { line: 'x'.repeat(1024 * 1024) });
  assert.is(answer.isError, true);
  assert.match(
    textOf(answer),
    /measure 1048587 bytes; those of a call that people are asked about may measure at most 1048576\./,
  );
});

const call = (args: string): string =>
  `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"counter__add","arguments":${args}}}`;

/** What the client is told and what the journal shows of it: nothing. */
async function refusedUnseen(line: string | Buffer): Promise<RawAnswer> {
  const before = running.journal().length;
  const answer = await raw.ask(line);
  await running.placet('status');
  assert.is(running.journal().length, before);
  return answer;
}

test('a message over the limit is refused with the limit, and the session goes on', async () => {
  const { id, error } = await refusedUnseen(call(`{"line":"${'x'.repeat(9 * 1024 * 1024)}"}`));
  assert.is(id, 7);
  assert.match(error?.message ?? '', /8454144/);
});

test('arguments nested too deeply are refused with the limit', async () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  const { id, error } = await refusedUnseen(call(`{"line":${deep}}`));
  assert.is(id, 7);
  assert.match(error?.message ?? '', 'is nested deeper than 64 levels.');
});

for (const [what, args, says] of [
  ['a member twice', '{"line":"a","line":"b"}', 'holds the member "line" twice.'],
  ['a member twice by an escape', '{"line":"a","l\\u0069ne":"b"}', 'holds the member "line" twice.'],
  ['members that differ in case', '{"line":"a","Line":"b"}', 'differ from "Line" only in case'],
  ['half of a surrogate pair', '{"line":"\\ud800"}', 'holds half of a surrogate pair.'],
  ['a number that does not survive', '{"line":9007199254740993}', 'does not survive a round trip.'],
] as const) {
  test(`${what} in the arguments is refused before anything is journalled`, async () => {
    const { id, error } = await refusedUnseen(call(args));
    assert.is(id, 7);
    assert.match(error?.message ?? '', says);
  });
}

test('two servers that offer a tool of one name: the host names them and does not start', async () => {
  const workspace = newWorkspace();
  const server = (count: string) => ({
    command: process.execPath,
    args: [COUNTER, join(workspace.dir, 'files', count)],
    placet: { prefix: 'same' },
  });
  workspace.write(
    'mcp.json',
    JSON.stringify({ mcpServers: { one: server('one.txt'), two: server('two.txt') } }),
  );
  const { code, stderr } = await refusal(workspace.dir);
  assert.is(code, 1);
  assert.match(stderr, /placet: [^\n]*same__add[^\n]* one [^\n]* two[^\n]* \[tool_name_twice\]\n/, stderr);
});

test('a tool name twice in the envelope is refused', async () => {
  const { error } = await refusedUnseen(
    '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"counter__add","name":"placet_status","arguments":{}}}',
  );
  assert.match(error?.message ?? '', 'holds the member "name" twice.');
});

test('a line that is not JSON is answered, and the session goes on', async () => {
  const { id, error } = await refusedUnseen('{"jsonrpc"');
  assert.is(id, null);
  assert.match(error?.message ?? '', 'is not JSON: it ends too early.');
});

test('a line that is not UTF-8 is answered, and the session goes on', async () => {
  const { error } = await refusedUnseen(
    Buffer.concat([Buffer.from('{"jsonrpc":"'), Buffer.from([0xff, 0xfe])]),
  );
  assert.is(error?.message, 'The message is not UTF-8; send it in that encoding.');
});

test('a tool that does not exist is answered so', async () => {
  const { error } = await refusedUnseen(
    '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"nothing","arguments":{}}}',
  );
  assert.is(error?.message, 'There is no tool "nothing"; tools/list gives those there are.');
});

test('a call to be held whose arguments do not fit the schema is refused, and nobody is asked', async () => {
  const answer = await agent.call('counter__add', { line: 5 });
  assert.is(answer.isError, true);
  assert.match(textOf(answer), "nobody was asked. The arguments do not fit the tool's input schema:");
  assert.is(running.types().includes('approval.requested'), false);
  assert.is(running.types().at(-1), 'call.denied');
});

test('odd characters that are legal reach the downstream as they came', async () => {
  const workspace = newWorkspace({
    'policies/rules.yaml': 'unmatched: allow\nreview: { reviewers: [alice] }\nrules: []\n',
  });
  const line = 'a\u202Eb\u{E0041}\u0000\u{1F600}\uFEFF';
  await (await workspace.agent()).call('counter__add', { line });
  await workspace.end();
  assert.is(workspace.file('count.txt'), `${line}\n`);
});

test('rules that become invalid leave the last valid ones in force, and status says so', async () => {
  const workspace = newWorkspace({ 'policies/rules.yaml': RULES, 'policies/people.yaml': PEOPLE });
  const client = await workspace.agent();
  workspace.write('policies/rules.yaml', 'unmatched: perhaps\n');
  const problem = await eventually(async () => {
    const { stdout } = await workspace.placet('status', '--json');
    return (JSON.parse(stdout) as { problems: string[] }).problems.find((each) =>
      each.startsWith('The changed policy does not load, the last valid one is in force: '),
    );
  }, 'status told of the mistake');
  assert.match(problem, /rules\.yaml:1:12 unmatched must be allow, review or deny\.$/);
  assert.is(statusOf(await client.call('counter__add', { line: 'held' })), 'pending_approval');
  await workspace.end();
});

test('rules that come to deny take effect on a running host', async () => {
  const workspace = newWorkspace({ 'policies/rules.yaml': RULES, 'policies/people.yaml': PEOPLE });
  const client = await workspace.agent();
  assert.is(statusOf(await client.call('counter__add', { line: 'first' })), 'pending_approval');
  workspace.write('policies/rules.yaml', 'unmatched: deny\nrules: []\n');
  await eventually(
    async () =>
      workspace.types().filter((type) => type === 'policy.loaded').length === 2 ? true : undefined,
    'the rules were loaded anew',
  );
  const answer = await client.call('counter__add', { line: 'second' });
  await workspace.end();
  assert.is(answer.isError, true);
  assert.match(textOf(answer), 'Not executed. Denied by policy.');
});

test.run();
