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

/** Programs between, each of which is given the command line of the next. */
export function through(...programs: readonly string[]): Side {
  return { prefix: '', open: () => open([...programs.map((each) => join(import.meta.dirname, each)), ECHO]) };
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

/** A workspace in which many agents have many requests that wait. */
export interface CrowdedSide extends PlacetSide {
  /** Lets so many requests wait, of other agents than the one that is measured. */
  crowd(pending: number, text: () => string): Promise<void>;
}

/** So many requests of one agent may wait at once. */
const OF_ONE_AGENT = 1000;

/** @param fill puts a past into the workspace before its first start */
export async function crowdedSide(
  software: string,
  fill?: (dir: string) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<CrowdedSide> {
  const crowd = Array.from({ length: 10 }, (_, i) => `crowd-${i}`);
  const workspace = makeWorkspace({
    people: `${PEOPLE}${crowd.map((id) => `  - id: ${id}\n    owner: bob\n    max_pending: ${OF_ONE_AGENT}\n`).join('')}`,
    rules: RULES.replace('reviewers: [alice]', 'reviewers: [alice]\n  expires: 1d'),
    servers: { echo: { command: process.execPath, args: [ECHO] } },
    env,
  });
  if (fill) fill(workspace.dir);
  else await writeHistory(join(workspace.dir, 'data'), { entries: 1000 }, software);
  const openAs = (agent: string): Promise<Link> =>
    open([BINARY, 'stdio', '--dir', workspace.dir, '--agent', agent]);
  return {
    workspace,
    prefix: 'echo__',
    open: (agent = 'claude') => openAs(agent),
    async crowd(pending, text) {
      for (let left = pending, i = 0; left > 0; left -= OF_ONE_AGENT, i += 1) {
        const link = await openAs(crowd[i] ?? 'claude');
        const calls = Array.from({ length: 32 }, async (_, lane) => {
          for (let n = lane; n < Math.min(left, OF_ONE_AGENT); n += 32)
            await call(link, 'echo__change', text());
        });
        await Promise.all(calls);
        await link.close();
      }
    },
  };
}
