import { basename } from 'node:path';
import { agentKey, ownEnvironment, workspaceDir } from '../environment.ts';
import { attachOrStart } from '../host/launch.ts';
import type { Register } from './context.ts';
import { pipe } from './pipe.ts';

interface Options {
  readonly dir?: string;
  readonly agent?: string;
  readonly name?: string;
}

export const register: Register = (program, context) => {
  program
    .command('wrap')
    .description(
      'MCP over stdio in front of the one server given on the command line; its tools keep their names.',
    )
    .usage('[--name NAME] [--agent NAME] -- COMMAND ARGS…')
    .option('--dir <folder>', 'the workspace (else PLACET_DIR, else ~/.placet)')
    .option('--agent <name>', 'the agent as people.yaml names it; may be left out when it names exactly one')
    .option('--name <name>', 'what rules call the server (default: from the command)')
    .argument('<command...>', 'the server and its arguments, after --')
    .passThroughOptions()
    .action(async ([command = '', ...args]: string[], options: Options) => {
      const key = agentKey();
      const { socket } = await attachOrStart({
        workspace: workspaceDir({ dir: options.dir, currentFolder: false }),
        program: context.program,
        hello: {
          placet: 1,
          op: 'wrap',
          ...(options.agent === undefined ? {} : { agent: options.agent }),
          ...(key === undefined ? {} : { key }),
          name: options.name ?? nameOf(command, args),
          command,
          args,
          cwd: process.cwd(),
          env: ownEnvironment(),
        },
      });
      process.exitCode = await pipe(socket);
    });
};

/** `npx -y @scope/server-files /srv` is called `server-files`, `node dist/files.js` is called `files`. */
function nameOf(command: string, args: readonly string[]): string {
  const runner = /^(npx|node|uvx|bunx|deno|python3?|tsx)(\.cmd|\.exe)?$/.test(basename(command));
  const subject = runner ? (args.find((word) => !word.startsWith('-')) ?? command) : command;
  const name = basename(subject)
    .replace(/\.[cm]?[jt]s$|\.py$|\.exe$/, '')
    .replace(/@[^@]*$/, '')
    .replaceAll(/[^A-Za-z0-9_-]/g, '-');
  return name.slice(0, 64) || 'server';
}
