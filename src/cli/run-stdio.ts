import { parseArgs } from 'node:util';
import { agentKey, workspaceDir } from '../environment.ts';
import { attach } from '../host/attach.ts';
import { attachOrStart } from '../host/launch.ts';
import { pipe } from './pipe.ts';

export interface StdioOptions {
  readonly dir?: string | undefined;
  readonly agent?: string | undefined;
  readonly socket?: string | undefined;
}

/**
 * The options of `placet stdio` as nearly all write them.
 *
 * @returns nothing where the command line has to be looked at more closely: it asks for help, or is wrong
 */
export function readStdioOptions(args: readonly string[]): StdioOptions | undefined {
  try {
    const option = { type: 'string' } as const;
    return parseArgs({ args: [...args], options: { dir: option, agent: option, socket: option } }).values;
  } catch {
    return undefined;
  }
}

/** Connects a client with the workspace's host until either ends. @returns the exit code */
export async function runStdio(
  { dir, agent, socket: path }: StdioOptions,
  program: readonly [string, ...string[]],
): Promise<number> {
  const key = agentKey();
  const hello = {
    placet: 1,
    op: 'stdio',
    ...(agent === undefined ? {} : { agent }),
    ...(key === undefined ? {} : { key }),
  } as const;
  const { socket } =
    path === undefined
      ? await attachOrStart({ workspace: workspaceDir({ dir, currentFolder: false }), hello, program })
      : await attach(path, hello);
  return pipe(socket);
}
