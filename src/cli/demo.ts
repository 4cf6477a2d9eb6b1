import { tellStory } from '../demo/story.ts';
import { demoWorkspace } from '../demo/workspace.ts';
import { print, type Register } from './context.ts';

export const register: Register = (program, context) => {
  program
    .command('demo')
    .description(
      'The whole story on this machine with nothing else set up: a held write, a mail, an approval, the journal.',
    )
    .option('--unattended', 'a scripted reviewer plays the person; exit code 0 only if every step was seen')
    .action(async (options: { readonly unattended?: boolean }) => {
      const ended = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
      await tellStory({
        workspace: demoWorkspace(),
        program: context.program,
        unattended: options.unattended === true,
        say: print,
        signal: ended.signal,
      });
    });
};
