import { agentKey, workspaceDir } from '../config.ts';
import { attach } from '../host/attach.ts';
import { attachOrStart } from '../host/launch.ts';
import type { Register } from './context.ts';
import { pipe } from './pipe.ts';

interface Options {
  readonly dir?: string;
  readonly agent?: string;
  readonly socket?: string;
}

export const register: Register = (program, context) => {
  program
    .command('stdio')
    .description(
      "MCP over stdio: what an LLM client starts. Attaches to the workspace's host, starting it when none runs.",
    )
    .option('--dir <folder>', 'the workspace (else PLACET_DIR, else ~/.placet)')
    .option('--agent <name>', 'the agent as people.yaml names it; may be left out when it names exactly one')
    .option(
      '--socket <path>',
      'attach to this socket of a host that runs as another user, without starting one',
    )
    .action(async (options: Options) => {
      const key = agentKey();
      const hello = {
        placet: 1,
        op: 'stdio',
        ...(options.agent === undefined ? {} : { agent: options.agent }),
        ...(key === undefined ? {} : { key }),
      } as const;
      const { socket } =
        options.socket === undefined
          ? await attachOrStart({
              workspace: workspaceDir({ dir: options.dir, currentFolder: false }),
              hello,
              program: context.program,
            })
          : await attach(options.socket, hello);
      process.exitCode = await pipe(socket);
    });
};
