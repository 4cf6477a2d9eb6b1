import { loadSettings } from '../config.ts';
import { connectServer } from '../host/connect-server.ts';
import { systemClock, systemRandom } from '../host/system.ts';
import type { Register } from './context.ts';

interface Options {
  readonly dir?: string;
}

export const register: Register = (program, context) => {
  program
    .command('connect')
    .description('Sign in at a server of mcp.json that asks for it (OAuth), and keep what it grants.')
    .argument('<server>', 'its name in mcp.json')
    .option('--dir <folder>', 'the workspace')
    .action(async (server: string, options: Options) => {
      const settings = loadSettings(context.workspaceDir(options), 'operator');
      const result = await connectServer({
        settings,
        server,
        clock: systemClock,
        random: systemRandom,
        show: (url) => process.stdout.write(`Open this in a browser on this machine:\n${url.href}\n`),
      });
      process.stdout.write(
        result === 'connected'
          ? `Signed in at ${server}. A host that runs takes it up at the next try.\n`
          : `${server} asks for no sign-in.\n`,
      );
    });
};
