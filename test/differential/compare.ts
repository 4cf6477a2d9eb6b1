import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { makeWorkspace, BINARY } from '../support/workspace.ts';
import type { Happening } from './line-client.ts';
import type { Script } from './steps.ts';
import { runScript, serverCommand, type Transcript } from './transcript.ts';

/** What was seen of one server. */
export interface Sides {
  readonly direct: Transcript;
  readonly through: Transcript;
  readonly recorded: Transcript;
}

const RULES = `unmatched: allow
review:
  reviewers: [group:ops]
rules:
  - id: all
    match: { tool: "*" }
    verdict: allow
    on_change: allow
`;

/** Runs the script against the server, and then through the real `placet stdio` with the same server behind it. */
export async function seeBothSides(script: Script): Promise<Sides> {
  const workspace = makeWorkspace({ rules: RULES, servers: {} });
  const folder = join(workspace.dir, 'own');
  const { command, args, env } = serverCommand(script, folder);
  try {
    const direct = await runScript(script, folder, { command: [command, ...args], env });
    const server = { command, args, env, placet: { prefix: false } };
    workspace.write('mcp.json', JSON.stringify({ mcpServers: { [script.server]: server } }));
    const through = await runScript(script, folder, {
      command: [process.execPath, BINARY, 'stdio', '--dir', workspace.dir],
      env: { PATH: process.env.PATH ?? '' },
    });
    return { direct, through, recorded: recordedOf(script) };
  } finally {
    await workspace.end();
  }
}

function recordedOf({ server }: Script): Transcript {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, 'recorded', `${server}.json`), 'utf8'),
  ) as Transcript;
}

/** Fails at the first step where Placet gave something else than the server itself: another text, byte for byte. */
export function sameSteps(direct: Transcript, through: Transcript): void {
  for (const [at, { step, happened }] of direct.steps.entries()) {
    const list = /^\d+ tools\/list/.test(step);
    const found = through.steps[at]?.happened ?? [];
    assert.equal(list ? found.map(withoutOwn) : found, list ? happened.map(parsed) : happened, step);
  }
  assert.is(through.steps.length, direct.steps.length);
}

interface Tools {
  readonly tools: readonly { readonly name: string }[];
}

const toolsOf = ({ result = '{"tools":[]}' }: { readonly result?: string }): Tools =>
  JSON.parse(result) as Tools;

function parsed(each: Happening): unknown {
  return each.kind === 'answer' ? { ...each, result: toolsOf(each) } : each;
}

/** The list is Placet's own, so it is compared as JSON; its two tools stand in it as well. */
function withoutOwn(each: Happening): unknown {
  if (each.kind !== 'answer') return each;
  const { tools, ...rest } = toolsOf(each);
  return { ...each, result: { ...rest, tools: tools.filter(({ name }) => !name.startsWith('placet_')) } };
}

interface Hello {
  readonly protocolVersion: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly serverInfo: unknown;
  readonly instructions?: string;
}

/** Fails unless Placet says it is the server, with all that it can, and its instructions before Placet's own. */
export function sameHello(direct: Transcript, through: Transcript): void {
  const theirs = JSON.parse(direct.hello) as Hello;
  const ours = JSON.parse(through.hello) as Hello;
  assert.equal(ours.serverInfo, theirs.serverInfo);
  assert.is(ours.protocolVersion, theirs.protocolVersion);
  for (const [name, value] of Object.entries(theirs.capabilities)) {
    assert.equal(ours.capabilities[name], value, name);
  }
  assert.is(ours.instructions?.startsWith(theirs.instructions ?? '') ?? false, true);
}
