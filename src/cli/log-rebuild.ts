import { join } from 'node:path';
import type { Command } from 'commander';
import { loadSettings } from '../config.ts';
import { rebuildTiles } from '../journal/rebuild.ts';
import { print, type CliContext, type CommonOptions } from './context.ts';

/** `placet log rebuild`: while no host runs. */
export function registerRebuild(log: Command, context: CliContext): void {
  log
    .command('rebuild')
    .description('Make all tiles of the log anew from its lines, while no host runs.')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action(async (options: CommonOptions) => {
      const { data } = loadSettings(context.workspaceDir(options), 'operator');
      const tty = process.stderr.isTTY;
      const { size, root } = await rebuildTiles({
        dir: join(data, 'journal'),
        onProgress: (entries) => {
          if (tty) process.stderr.write(`\r${entries} entries`);
        },
      });
      if (tty) process.stderr.write('\r\u001B[K');
      const tree = { size, root: root.toString('base64') };
      print(
        options.json
          ? tree
          : `The tiles of ${tree.size} entries are made anew. Their root is ${tree.root}; "placet log verify" says whether it is the one that was signed.`,
      );
    });
}
