import { once } from 'node:events';
import { attach } from '../host/attach.ts';
import { isAbsent } from '../host/launch.ts';
import { socketPath } from '../host/socket-path.ts';
import { print, type CommonOptions, type Register } from './context.ts';

export const register: Register = (program, context) => {
  program
    .command('stop')
    .description("End the workspace's host cleanly; pending requests wait for the next start.")
    .option('--dir <folder>', 'the workspace')
    .action(async (options: CommonOptions) => {
      const workspace = context.workspaceDir(options);
      try {
        const { socket } = await attach(socketPath(workspace), { placet: 1, op: 'stop' });
        socket.resume();
        await once(socket, 'close');
        print('The host has ended.');
      } catch (error) {
        if (!isAbsent(error)) throw error;
        print(`No host runs for ${workspace}.`);
      }
    });
};
