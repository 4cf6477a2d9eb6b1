import { type Command, InvalidArgumentError } from 'commander';
import { erasedSchema, heldSchema, holdsSchema, retainedSchema, rotatedSchema } from '../host/custody-ops.ts';
import { askHost } from './ask-host.ts';
import { type CliContext, type CommonOptions, print } from './context.ts';
import {
  erasedText,
  heldText,
  holdsText,
  releasedText,
  retainedText,
  rotatedText,
} from './log-custody-words.ts';

interface ReasonOptions extends CommonOptions {
  readonly reason: string;
}
interface HoldOptions extends ReasonOptions {
  readonly all?: boolean;
}
interface RetainOptions extends ReasonOptions {
  readonly olderThan: number;
  readonly dryRun?: boolean;
}

const DAY_MS = 86_400_000;
const UNIT_MS = { h: 3_600_000, d: DAY_MS } as const;
const LONGEST_DAYS = 36_500;
const REASON_MAX = 1000;

/** `placet log erase`, `hold`, `release`, `holds`, `retain` and `rotate-key`: all done by the host, which is started if need be. */
export function registerCustody(log: Command, context: CliContext): void {
  const command = (name: string, description: string): Command =>
    log
      .command(name)
      .description(description)
      .option('--dir <folder>', 'the workspace')
      .option('--json', 'as JSON');
  const withReason = (name: string, description: string): Command =>
    command(name, description).requiredOption(
      '--reason <text>',
      'why; it stands in the journal for good',
      reason,
    );

  withReason(
    'erase',
    'Erase the arguments, card and result of a call, so that nobody can read or guess them.',
  )
    .argument('<call>', 'the id of the call, or of its request', id)
    .action(async (call: string, options: ReasonOptions) => {
      const question = { placet: 1, op: 'erase', id: call, reason: options.reason } as const;
      const erased = erasedSchema.parse(await askHost(context, options, question));
      print(options.json ? erased : erasedText(erased));
    });

  withReason('hold', 'Place a legal hold: what it covers is not erased until it is released.')
    .argument('[call]', 'the id of the call, or of its request', id)
    .option('--all', 'hold the payloads of all calls, those to come included')
    .action(async (call: string | undefined, options: HoldOptions, self: Command) => {
      if ((call === undefined) === (options.all !== true))
        self.error('error: name a call, or say --all', { exitCode: 2 });
      const of = call === undefined ? {} : { id: call };
      const question = { placet: 1, op: 'hold', ...of, reason: options.reason } as const;
      const hold = heldSchema.parse(await askHost(context, options, question));
      print(options.json ? hold : heldText(hold));
    });

  withReason('release', 'Release a legal hold.')
    .argument('<hold>', 'its id, as "placet log holds" shows it', id)
    .action(async (hold_id: string, options: ReasonOptions) => {
      const question = { placet: 1, op: 'release', hold_id, reason: options.reason } as const;
      const hold = heldSchema.parse(await askHost(context, options, question));
      print(options.json ? hold : releasedText(hold));
    });

  command('holds', 'List the legal holds that stand.').action(async (options: CommonOptions) => {
    const holds = holdsSchema.parse(await askHost(context, options, { placet: 1, op: 'holds' }));
    print(options.json ? holds : holdsText(holds));
  });

  withReason('retain', 'Erase the payloads of all calls that are older than an age. Holds keep theirs.')
    .requiredOption('--older-than <age>', 'such as 400d or 12h', age)
    .option('--dry-run', 'erase nothing, and show what would go')
    .action(async (options: RetainOptions) => {
      const question = {
        placet: 1,
        op: 'retain',
        older_than_ms: options.olderThan,
        dry_run: options.dryRun === true,
        reason: options.reason,
      } as const;
      const retained = retainedSchema.parse(await askHost(context, options, question));
      print(options.json ? retained : retainedText(retained));
    });

  withReason('rotate-key', 'Sign the log under a new key; the next checkpoint is signed by both.').action(
    async (options: ReasonOptions) => {
      const question = { placet: 1, op: 'rotate_key', reason: options.reason } as const;
      const rotated = rotatedSchema.parse(await askHost(context, options, question));
      print(options.json ? rotated : rotatedText(rotated));
    },
  );
}

/** An age in milliseconds: hours or days, at most a hundred years. */
function age(text: string): number {
  const match = /^(\d{1,7})([hd])$/.exec(text);
  const ms = match ? Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS] : 0;
  if (ms > 0 && ms <= LONGEST_DAYS * DAY_MS) return ms;
  throw new InvalidArgumentError('It must be an age in hours or days, such as 12h or 400d.');
}

function reason(text: string): string {
  const words = text.trim();
  if (words !== '' && words.length <= REASON_MAX) return words;
  throw new InvalidArgumentError(`It must be some words, ${REASON_MAX} characters at most.`);
}

function id(text: string): string {
  if (text !== '' && text.length <= 64) return text;
  throw new InvalidArgumentError('It must be an id.');
}
