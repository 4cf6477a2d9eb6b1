import { attach } from '../host/attach.ts';
import { isAbsent } from '../host/launch.ts';
import { socketPath } from '../host/socket-path.ts';
import type { HostStatus } from '../host/status.ts';
import { print, type CommonOptions, type Register } from './context.ts';
import { statusText } from './status-words.ts';

export const register: Register = (program, context) => {
  program
    .command('status')
    .description('Say what runs and what is pending. Exit code 1 when no host runs.')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action(async (options: CommonOptions) => {
      const workspace = context.workspaceDir(options);
      try {
        const { socket, data } = await attach(socketPath(workspace), { placet: 1, op: 'status' });
        socket.destroy();
        print(options.json ? data : statusText(data as HostStatus));
      } catch (error) {
        if (!isAbsent(error)) throw error;
        print(options.json ? { workspace, running: false } : `No host runs for ${workspace}.`);
        process.exitCode = 1;
      }
    });
};
