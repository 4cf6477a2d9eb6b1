import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { tempDir } from './temp.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const BINARY = join(ROOT, 'dist/cli/main.js');

const FILES_SERVER = join(ROOT, 'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');

export const PEOPLE = `people:
  - id: alice
    name: Alice Ng
    emails: [alice@example.com, a.ng@example.com]
  - id: bob
    name: Bob Ito
    emails: [bob@example.com]
  - id: carol
    name: Carol Roy
    emails: [carol@example.com]
groups:
  ops: [alice, bob]
agents:
  - id: claude
    owner: bob
    cool_down: 0s
`;

export const RULES = `unmatched: review
review:
  reviewers: [group:ops]
rules:
  - id: reads
    match: { server: files, tool: ["read_*", "list_*"] }
    verdict: allow
  - id: writes
    match: { server: files, tool: write_file }
    verdict: review
`;

export interface WorkspaceOptions {
  readonly people?: string;
  readonly rules?: string;
  /** Members of `mcpServers`; default: the filesystem server over `files/` as `files`. */
  readonly servers?: Record<string, unknown>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A workspace in a temporary folder, driven from outside through the built program. */
export interface TestWorkspace {
  readonly dir: string;
  /** A file below `files/`, as text. */
  file(name: string): string;
  write(name: string, text: string): void;
  /** Runs a `placet` command to its end. */
  placet(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Connects an agent through `placet stdio`. */
  agent(name?: string, env?: Record<string, string>): Promise<TestAgent>;
  /** Every entry of the journal. */
  journal(): Record<string, unknown>[];
  types(): string[];
  hostPid(): Promise<number>;
  /** Ends agents and host. */
  end(): Promise<void>;
}

export interface TestAgent {
  readonly client: Client;
  call(name: string, args: Record<string, unknown>): Promise<CallToolResult>;
  close(): Promise<void>;
}

export function makeWorkspace(options: WorkspaceOptions = {}): TestWorkspace {
  const dir = realpathSync(tempDir());
  const agents: TestAgent[] = [];
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  };
  const files = {
    command: process.execPath,
    args: [FILES_SERVER, join(dir, 'files')],
  };
  write('policies/people.yaml', options.people ?? PEOPLE);
  write('policies/rules.yaml', options.rules ?? RULES);
  write('mcp.json', JSON.stringify({ mcpServers: options.servers ?? { files } }));
  write('files/hello.txt', 'hello\n');
  // Tests ask one person more within a few minutes than anybody should be.
  const env: Record<string, string> = { PLACET_PORT: '0', PLACET_DIGEST_AFTER: '1000', ...options.env };
  write(
    '.env',
    Object.entries(env)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  );

  const workspace: TestWorkspace = {
    dir,
    file: (name) => readFileSync(join(dir, 'files', name), 'utf8'),
    write,
    placet: (...args) => run([...args, '--dir', dir]),
    async agent(name = 'claude', extra = {}) {
      const client = new Client({ name: 'test-client', version: '1.0.0' });
      await client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args: [BINARY, 'stdio', '--dir', dir, '--agent', name],
          env: { PATH: process.env.PATH ?? '', ...extra },
          stderr: 'ignore',
        }),
      );
      const agent: TestAgent = {
        client,
        call: (tool, args) =>
          client.request(
            { method: 'tools/call', params: { name: tool, arguments: args } },
            CallToolResultSchema,
          ),
        close: () => client.close(),
      };
      agents.push(agent);
      return agent;
    },
    journal() {
      return journalLines(join(dir, 'data', 'journal'));
    },
    types: () => workspace.journal().map((entry) => String(entry.type)),
    async hostPid() {
      const { stdout } = await run(['status', '--json', '--dir', dir]);
      return (JSON.parse(stdout) as { pid: number }).pid;
    },
    async end() {
      for (const agent of agents) await agent.close();
      await run(['stop', '--dir', dir]);
    },
  };
  return workspace;
}

function journalLines(folder: string): Record<string, unknown>[] {
  return readdirSorted(folder)
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function readdirSorted(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
}

function run(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [BINARY, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.once('error', failed);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

/** The id of the approval that a pending answer names. */
export function approvalId(answer: CallToolResult): string {
  return String((answer.structuredContent as { approval_id?: unknown } | undefined)?.approval_id);
}

/** The status in a result's `_meta`. */
export function statusOf(answer: CallToolResult): string | undefined {
  return (answer._meta?.['placet/approval'] as { status?: string } | undefined)?.status;
}

export function textOf(answer: CallToolResult): string {
  const [first] = answer.content;
  return first?.type === 'text' ? first.text : '';
}
