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
  const program = await commandLine(neededFor(argv));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return undefined;
}

/** The command that is named; where there is no such command all, which are then shown; none for the version. */
function neededFor(argv: readonly string[]): readonly string[] {
  const named = argv.find((word) => !word.startsWith('-'));
  if (named !== undefined && Object.hasOwn(COMMANDS, named)) return [named];
  const asksVersion = named === undefined && argv.some((word) => word === '-V' || word === '--version');
  return asksVersion ? [] : Object.keys(COMMANDS);
}

/** The command line with these commands; with all unless they are named. */
export async function commandLine(names: readonly string[] = Object.keys(COMMANDS)): Promise<Command> {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  const program = new Command('placet')
    .description('Holds sensitive tool calls of AI agents until a verified human approves.')
    .version(version)
    .option('--verbose', 'show where an error came from')
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(see --help)');
  const context = createContext(version);
  for (const name of names) (await COMMANDS[name]?.())?.(program, context);
  return program;
}
