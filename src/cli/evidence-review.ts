import { type Command, InvalidArgumentError, Option } from 'commander';
import { periodOf } from '../core/period.ts';
import { revealedLine } from '../core/reveal.ts';
import { reviewedSchema, type RecordedReview, type Reviewed } from '../host/evidence-ops.ts';
import { askHost } from './ask-host.ts';
import { print, type CliContext, type CommonOptions } from './context.ts';

interface ReviewOptions extends CommonOptions {
  readonly from: string;
  readonly to: string;
  readonly reviewer?: string;
  readonly wait: number;
}

const UNIT_MS = { m: 60_000, h: 3_600_000 } as const;
const LONGEST_MS = 24 * 3_600_000;
/** How long the host is asked to wait at once. */
const TURN_MS = 20_000;

/**
 * `placet evidence review`: leads a person to the page where they sign with their passkey, which no command line can
 * use, and waits until they have.
 */
export function registerEvidenceReview(evidence: Command, context: CliContext): void {
  // Its options have the names of those of the command above it.
  evidence
    .enablePositionalOptions()
    .command('review')
    .description(
      'Wait until somebody has recorded, in the console and with their passkey, that they looked at the exceptions of a period.',
    )
    .requiredOption('--from <day>', 'the beginning: a day in UTC, such as 2026-11-01, or a time')
    .requiredOption('--to <day>', 'the end: a day in UTC, that day included, or a time')
    .option('--reviewer <person>', 'only a review by this person counts')
    .addOption(
      new Option('--wait <time>', 'how long, such as 15m or 2h')
        .argParser(waitOf)
        .default(15 * UNIT_MS.m, '15m'),
    )
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action(async (options: ReviewOptions, self: Command) => {
      const period = periodOf(options.from, options.to);
      if (typeof period === 'string') return self.error(`error: ${period}`, { exitCode: 2 });
      const person = options.reviewer === undefined ? {} : { person: options.reviewer };
      const ask = async (after: number | undefined, wait_ms: number): Promise<Reviewed> => {
        const since = after === undefined ? {} : { after };
        const question = {
          placet: 1,
          op: 'evidence_review',
          ...period,
          ...person,
          ...since,
          wait_ms,
        } as const;
        return reviewedSchema.parse(await askHost(context, options, question));
      };
      const first = await ask(undefined, 0);
      process.stderr.write(invitation(first, options.reviewer));
      const until = Date.now() + options.wait;
      for (let left = options.wait; left > 0; left = until - Date.now()) {
        const { review } = await ask(first.size, Math.min(left, TURN_MS));
        if (review) return print(options.json ? review : reviewText(review));
      }
      process.stderr.write('Nobody has recorded a review of this period in that time.\n');
      process.exitCode = 1;
    });
}

function invitation({ console_url: url, people }: Reviewed, reviewer: string | undefined): string {
  const who = people.filter(({ person }) => reviewer === undefined || person === reviewer);
  if (who.length === 0)
    return `Nobody may record a review yet: name an auditor in people.yaml (role: auditor), or top-level reviewers.\n`;
  const names = who.map(({ person, name }) => `${revealedLine(name)} (${person})`).join(', ');
  return `A passkey signs it, in the console. Open this page, as ${names}:\n${url}\nWaiting for the review…\n`;
}

function reviewText(review: RecordedReview): string {
  const { reviewer, from, to, exceptions, exceptions_sha256, size, at, seq, reason } = review;
  return `${reviewer} looked at the ${exceptions} exceptions from ${from} to before ${to}, of the first ${size} entries.
Recorded ${at} as entry ${seq}.
Digest of the exceptions: ${exceptions_sha256}${reason === undefined ? '' : `\nTheir words: ${revealedLine(reason)}`}`;
}

function waitOf(text: string): number {
  const match = /^(\d{1,4})([mh])$/.exec(text);
  const ms = match ? Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS] : 0;
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError('It must be a time in minutes or hours, such as 15m or 2h, at most 24h.');
}
