import type { Register } from './context.ts';
import { runStdio, type StdioOptions } from './run-stdio.ts';

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
    .action(async (options: StdioOptions) => {
      process.exitCode = await runStdio(options, context.program);
    });
};
