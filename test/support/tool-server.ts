import { mkdirSync, writeFileSync } from 'node:fs';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ResultSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { toolServerCommand } from '../../src/toolkit/command.ts';
import { tempDir } from './temp.ts';

/** A workspace in a temporary folder, far from any node_modules, with these files in its `tools/`. */
export function toolsFolder(files: Readonly<Record<string, string>>): string {
  const folder = join(tempDir(), 'tools');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** The source of a tool file, whose `run` has this body. */
export function toolSource(name: string, run: string, more = ''): string {
  return `
import { defineTool } from 'placet';
import { z } from 'zod';
export default defineTool({
  name: '${name}', description: 'A tool of a test.', tags: ['test'], ${more}
  input: z.object({ text: z.string().optional() }),
  run: async (args, context) => { ${run} },
});
`;
}

/** The error with which a promise is rejected. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error) return error;
  throw new Error('It was not rejected.');
}

/** The real process that serves a folder, with the SDK's client in front of it. */
export async function startTools(folder: string) {
  const transport = new StdioClientTransport({ ...toolServerCommand(folder), stderr: 'pipe' });
  const client = new Client({ name: 'test', version: '1' });
  let said = '';
  const errors = transport.stderr;
  errors?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const closed = new Promise<void>((resolve) => {
    Object.assign(client, { onclose: resolve });
  });
  let changes = 0;
  const announced = new EventEmitter();
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    changes += 1;
    announced.emit('change');
  });
  await client.connect(transport);
  const request = async (method: string, params = {}): Promise<Record<string, unknown>> =>
    client.request({ method, params }, ResultSchema);
  return {
    client,
    /** Resolves when the process is gone. */
    closed,
    pid: () => transport.pid,
    /** What the process has written to standard error so far. */
    said: () => said,
    /** Waits until the process has written this to standard error. */
    saying: async (text: string) => {
      if (!errors) return;
      while (!said.includes(text)) await once(errors, 'data');
    },
    request,
    problems: async () => (await request('placet/problems')).problems,
    summary: (name: string, args: Record<string, unknown>) =>
      request('placet/summary', { name, arguments: args }),
    names: async () => (await client.listTools()).tools.map((tool) => tool.name),
    /** The text of a call's result. */
    call: async (name: string, args: Record<string, unknown> = {}) => {
      const result = await client.callTool({ name, arguments: args });
      const [first] = result.content as { readonly text?: string }[];
      return { text: first?.text, isError: result.isError === true, structured: result.structuredContent };
    },
    /** Makes a change in the folder, and waits for announcements until `holds`. */
    changing: async (change: () => void, holds: () => Promise<boolean>) => {
      let seen = changes;
      change();
      do {
        if (changes === seen) await once(announced, 'change');
        seen = changes;
      } while (!(await holds()));
    },
    close: () => client.close(),
  };
}
