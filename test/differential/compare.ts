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

/** Fails with every step in which Placet gave something else than the server itself: another text, byte for byte. */
export function sameSteps(direct: Transcript, through: Transcript): void {
  const differences: string[] = [];
  for (const [at, { step, happened }] of direct.steps.entries()) {
    const list = /^\d+ (tools|tasks)\/list/.exec(step)?.[1];
    const wanted = happened.map((each) => textOf(each, list));
    const found = (through.steps[at]?.happened ?? []).map((each) => textOf(each, list));
    if (wanted.join('\n') !== found.join('\n')) {
      differences.push(`${step}\n  directly  ${wanted.join('\n  ')}\n  through   ${found.join('\n  ')}`);
    }
  }
  assert.equal(differences, []);
  assert.is(through.steps.length, direct.steps.length);
}

function textOf(each: Happening, list: string | undefined): string {
  if (each.kind !== 'answer') return `${each.kind} ${each.method} ${each.params ?? ''}`;
  if (each.result === undefined) return `error ${each.error ?? ''}`;
  return `result ${list === undefined ? each.result : listed(each.result, list)}`;
}

interface Tool {
  readonly name: string;
  readonly outputSchema?: { readonly $schema?: string; readonly anyOf?: readonly object[] };
}

/**
 * The members of a list that Placet puts together from those of all servers, without what it adds: its two tools,
 * and the pending answer in output schemas.
 */
function listed(result: string, list: string): string {
  const { [list]: members, nextCursor } = JSON.parse(result) as Record<string, unknown>;
  const theirs =
    list === 'tools'
      ? (members as readonly Tool[]).filter(({ name }) => !name.startsWith('placet_')).map(withoutPending)
      : members;
  return JSON.stringify({ [list]: theirs, nextCursor });
}

function withoutPending(tool: Tool): Tool {
  const { $schema, anyOf = [] } = tool.outputSchema ?? {};
  const [theirs, pending] = anyOf;
  if (!JSON.stringify(pending ?? {}).includes('"pending_approval"')) return tool;
  return { ...tool, outputSchema: { ...($schema === undefined ? {} : { $schema }), ...theirs } };
}

/** @returns the tools, prompts, resources and templates which the server lists and the script does not ask for */
export function unasked({ steps }: Transcript): string[] {
  const asked = steps.map(({ step }) => step).join('\n');
  const offered = steps.flatMap(({ happened }) =>
    happened.flatMap((each) => (each.kind === 'answer' ? namesIn(each.result ?? '{}') : [])),
  );
  // Of a template what stands before its first variable.
  return offered.filter((name) => !asked.includes(`"${name.replace(/\{.*$/, '')}`));
}

function namesIn(result: string): string[] {
  const { tools, prompts, resources, resourceTemplates } = JSON.parse(result) as Record<
    string,
    readonly { readonly name: string; readonly uri: string; readonly uriTemplate: string }[] | undefined
  >;
  return [
    ...[...(tools ?? []), ...(prompts ?? [])].map(({ name }) => name),
    ...(resources ?? []).map(({ uri }) => uri),
    ...(resourceTemplates ?? []).map(({ uriTemplate }) => uriTemplate),
  ];
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
