import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { BINARY, makeWorkspace, type TestWorkspace } from '../../test/support/workspace.ts';
import { writeHistory, type Past } from './history.ts';

export const ECHO = join(import.meta.dirname, 'echo-server.mjs');

const PEOPLE = `people:
  - id: alice
    name: Alice Ng
    emails: [alice@example.com]
  - id: bob
    name: Bob Ito
    emails: [bob@example.com]
agents:
  - id: claude
    owner: bob
    max_pending: 1000
  - id: patient
    owner: bob
    max_pending: 1000
`;

const RULES = `unmatched: deny
review:
  reviewers: [alice]
rules:
  - id: echoes
    match: { server: echo, tool: echo, agent: claude }
    verdict: allow
  - id: synced
    match: { server: echo, tool: echo, agent: patient }
    verdict: allow
    durability: before
  - id: changes
    match: { server: echo, tool: change }
    verdict: review
`;

/** A connection over stdio, to the downstream itself or to `placet stdio`. */
export interface Link {
  readonly client: Client;
  /** Of the process that was started: the downstream, or the pipe. */
  readonly pid: number;
  close(): Promise<void>;
}

/** The downstream as an agent meets it. */
export interface Side {
  /** Starts a process, and resolves when it has listed its tools. */
  open(agent?: 'claude' | 'patient'): Promise<Link>;
  /** What precedes the tools' names. */
  readonly prefix: string;
}

export interface PlacetSide extends Side {
  readonly workspace: TestWorkspace;
}

export const direct: Side = { prefix: '', open: () => open([ECHO]) };

/** A program between, which is given the server's command line. */
export function through(program: string): Side {
  return { prefix: '', open: () => open([join(import.meta.dirname, program), ECHO]) };
}

/** A workspace whose journal holds so many entries already. Its host is started by the first who opens it. */
export async function placetSide(past: number | Past, software: string): Promise<PlacetSide> {
  const workspace = makeWorkspace({
    people: PEOPLE,
    rules: RULES,
    servers: { echo: { command: process.execPath, args: [ECHO] } },
  });
  await writeHistory(
    join(workspace.dir, 'data'),
    typeof past === 'number' ? { entries: past } : past,
    software,
  );
  return {
    workspace,
    prefix: 'echo__',
    open: (agent = 'claude') => open([BINARY, 'stdio', '--dir', workspace.dir, '--agent', agent]),
  };
}

export async function call({ client }: Link, tool: string, text: string): Promise<void> {
  const answer = await client.callTool({ name: tool, arguments: { text } });
  const held = answer._meta?.['placet/approval'] !== undefined;
  if (held !== tool.endsWith('__change') || (answer.isError === true && !held)) {
    throw new Error(`${tool} was not answered as it should be: ${JSON.stringify(answer).slice(0, 500)}`);
  }
}

/** Resident memory of a process in bytes, from `/proc`. */
export function residentMemory(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

async function open(args: readonly string[]): Promise<Link> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...args],
    env: { PATH: process.env.PATH ?? '' },
    stderr: 'inherit',
    maxBufferSize: 64 * 1024 * 1024,
  });
  await client.connect(transport);
  const { tools } = await client.listTools();
  if (!tools.some((tool) => tool.name.endsWith('change')))
    throw new Error('The tools of the downstream are not listed.');
  return { client, pid: transport.pid ?? Number.NaN, close: () => client.close() };
}
