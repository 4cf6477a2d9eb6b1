import { loadSettings } from '../config.ts';
import { runHost } from '../host/run.ts';
import { print, type CommonOptions, type Register } from './context.ts';

export const register: Register = (program, context) => {
  program
    .command('serve')
    .description(
      'The host in the foreground: reviewer site, MCP over HTTP, and the socket that agents attach to.',
    )
    .option('--dir <folder>', 'the workspace')
    .option('--detached', 'as started by a client: believes .env only, and ends when it is not needed')
    .action(async (options: CommonOptions & { readonly detached?: boolean }) => {
      // A log that cannot be written (a full disk) must not end the host, which has callers to tell.
      for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
      const workspace = context.workspaceDir(options);
      const detached = options.detached === true;
      const host = await runHost({
        settings: loadSettings(workspace, detached ? 'client' : 'operator'),
        software: context.version,
        program: context.program,
        endsWhenIdle: detached,
        log: (line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`),
      });
      print(`Placet serves ${workspace} at ${host.url}`);
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void host.stop());
      await host.ended;
    });
};
