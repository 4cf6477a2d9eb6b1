import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { createContext, type Register } from './context.ts';

/** One file a command, loaded only when it is named. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  stdio: async () => (await import('./stdio.ts')).register,
  wrap: async () => (await import('./wrap.ts')).register,
  serve: async () => (await import('./serve.ts')).register,
  stop: async () => (await import('./stop.ts')).register,
  status: async () => (await import('./status.ts')).register,
  init: async () => (await import('./init.ts')).register,
  people: async () => (await import('./people.ts')).register,
  policy: async () => (await import('./policy.ts')).register,
  log: async () => (await import('./log.ts')).register,
  evidence: async () => (await import('./evidence.ts')).register,
  connect: async () => (await import('./connect.ts')).register,
  witness: async () => (await import('./witness.ts')).register,
  demo: async () => (await import('./demo.ts')).register,
};

/** Runs the command that is named. @returns the exit code, where the command line itself has one */
export async function runCommand(argv: readonly string[]): Promise<number | undefined> {
  const program = await commandLine(argv.find((word) => !word.startsWith('-')));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return undefined;
}

/** The command line with the command that is named, or with all where there is no such command. */
export async function commandLine(named?: string): Promise<Command> {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  const program = new Command('placet')
    .description('Holds sensitive tool calls of AI agents until a verified human approves.')
    .version(version)
    .option('--verbose', 'show where an error came from')
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(see --help)');
  const context = createContext(version);
  const chosen = named === undefined ? undefined : COMMANDS[named];
  for (const load of chosen ? [chosen] : Object.values(COMMANDS)) (await load())(program, context);
  return program;
}
