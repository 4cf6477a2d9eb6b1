import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { loadSettings } from '../config.ts';
import { loadControls } from '../evidence/controls/load.ts';
import { entryJson, entryLine, entryText } from '../evidence/log-report.ts';
import { readJournal, tailStart } from '../evidence/read-journal.ts';
import { controlsLine } from './controls-line.ts';
import { print, type CliContext, type CommonOptions, type Register } from './context.ts';
import { registerCustody } from './log-custody.ts';
import { registerProve } from './log-prove.ts';
import { registerRebuild } from './log-rebuild.ts';
import { registerVerify } from './log-verify.ts';

/** `placet log …`. Here those that read beside a running host and change nothing: `tail`, `show` and `export`. */
export const register: Register = (program, context) => {
  const log = program
    .command('log')
    .description('Verify the journal and hand out proofs of it; read it; erase, hold and keep payloads.');
  registerVerify(log, context);
  registerProve(log, context);
  command(log, 'tail', 'Show the last entries, a line each.')
    .option('-n, --lines <count>', 'how many', wholeNumber, 20)
    .option('--json', 'the lines as they stand in the journal')
    .action(async (options: CommonOptions & { readonly lines: number }) => {
      const dir = journalOf(context, options);
      for await (const entry of readJournal(dir, await tailStart(dir, options.lines))) {
        print(options.json ? entryJson(entry) : entryLine(entry));
      }
    });
  command(log, 'show', 'Show one entry, or every entry of one request or call.')
    .argument('<id>', 'a sequence number, or the id of an entry, a request or a call')
    .option('--json', 'the lines as they stand in the journal')
    .action(async (id: string, options: CommonOptions) => {
      let found = false;
      // The journal can be read whatever is wrong with the workspace's own mapping.
      const policies = join(context.workspaceDir(options), 'policies');
      const { mapping } = await loadControls({ policies }).catch(() => loadControls({}));
      for await (const entry of readJournal(journalOf(context, options), /^\d+$/.test(id) ? Number(id) : 0)) {
        const ids = [
          String(entry.seq),
          entry.id,
          'request_id' in entry && entry.request_id,
          'call_id' in entry && entry.call_id,
        ];
        if (!ids.includes(id)) continue;
        if (found && !options.json) print('');
        found = true;
        print(options.json ? entryJson(entry) : `${entryText(entry)}${controlsLine(mapping, entry)}`);
        if (id === String(entry.seq)) break;
      }
      if (found) return;
      process.stderr.write(`placet: Nothing in the journal has the number or id ${id}.\n`);
      process.exitCode = 1;
    });
  command(log, 'export', 'Write every entry to standard output, a line of canonical JSON each.')
    .option('--from <seq>', 'the first sequence number', wholeNumber, 0)
    .action(async (options: CommonOptions & { readonly from: number }) => {
      for await (const entry of readJournal(journalOf(context, options), options.from))
        print(entryJson(entry));
    });
  registerCustody(log, context);
  registerRebuild(log, context);
};

function command(log: Command, name: string, description: string): Command {
  return log.command(name).description(description).option('--dir <folder>', 'the workspace');
}

function journalOf(context: CliContext, options: CommonOptions): string {
  return join(loadSettings(context.workspaceDir(options), 'operator').data, 'journal');
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
