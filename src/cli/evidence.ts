import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { loadSettings } from '../config.ts';
import { ConfigError, ProofError } from '../core/errors.ts';
import type { Period } from '../core/evidence.ts';
import { periodOf, wordsOf } from '../core/period.ts';
import { counted } from '../core/time-words.ts';
import { bundleWorkspace } from '../evidence/bundle/bundle-workspace.ts';
import { SEED } from '../evidence/bundle/draw.ts';
import type { MadeBundle } from '../evidence/bundle/make-bundle.ts';
import { loadControls, type LoadedControls } from '../evidence/controls/load.ts';
import { askCheckpoint } from './ask-checkpoint.ts';
import { print, type CommonOptions, type Register } from './context.ts';
import { registerEvidenceReview } from './evidence-review.ts';
import { evidenceParts } from './evidence-parts.ts';
import { policyReader } from './evidence-policies.ts';
import { progress } from './progress.ts';

interface EvidenceOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
  readonly framework?: readonly string[];
  readonly sample: number;
  readonly seed?: string;
  readonly out?: string;
}

const SAMPLE = 25;
const SAMPLE_MAX = 1000;

/** `placet evidence`: beside a running host, and changes nothing of the workspace. */
export const register: Register = (program, context) => {
  const evidence = program
    .command('evidence')
    .description('Make the bundle by which an auditor checks a period alone.')
    .option('--from <day>', 'the beginning: a day in UTC, such as 2026-11-01, or a time')
    .option('--to <day>', 'the end: a day in UTC, that day included, or a time')
    .option('--framework <ids>', 'the sets of controls that it is for, separated by commas', idsOf)
    .option('--sample <count>', 'how many calls are drawn at random and shown whole', sampleOf, SAMPLE)
    .option('--seed <text>', 'draws the same calls again; default: the root of the last checkpoint', seedOf)
    .option('--out <folder>', 'the bundle, which must not exist; default: placet-evidence-FROM-TO')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action(async (options: EvidenceOptions, self: Command) => {
      const now = Date.now();
      const period = askedPeriod(options, now, self);
      const workspace = context.workspaceDir(options);
      const { data } = loadSettings(workspace, 'operator');
      const { mapping, files } = await mappingOf(join(workspace, 'policies'), options.framework, self);
      const made = await bundleWorkspace({
        data,
        out: options.out ?? `placet-evidence-${nameOf(period)}`,
        reader: policyReader,
        cover: () => coverNow(workspace),
        period,
        query: {
          from: options.from ?? '',
          to: options.to ?? '',
          frameworks: mapping.frameworks.map(({ id }) => id),
          sample: options.sample,
        },
        seed: options.seed,
        mapping,
        mappingFiles: files,
        now,
        software: context.version,
        parts: evidenceParts(),
        onProgress: progress(),
      });
      if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
      const out = options.out ?? `placet-evidence-${nameOf(period)}`;
      if (made.replaced)
        process.stderr.write(`placet: What an interrupted run had left in ${out}.partial was replaced.\n`);
      print(options.json ? { out, ...summary(made) } : bundleText(out, made));
    });
  registerEvidenceReview(evidence, context);
};

/** A period that is not over ends now: nothing is known of what follows. */
function askedPeriod({ from, to }: EvidenceOptions, now: number, self: Command): Period {
  const wrong = (why: string): never => self.error(`error: ${why}`, { exitCode: 2 });
  if (from === undefined || to === undefined)
    return wrong(
      'the period is missing: give both --from and --to, such as --from 2026-11-01 --to 2026-11-30.',
    );
  const period = periodOf(from, to);
  if (typeof period === 'string') return wrong(period);
  const end = new Date(now).toISOString();
  if (period.from >= end) return wrong(`The period begins at ${period.from}, which is in the future.`);
  return period.to > end ? { ...period, to: end } : period;
}

/** A framework that nobody knows is a mistake of who types. */
async function mappingOf(
  policies: string,
  frameworks: readonly string[] = [],
  self: Command,
): Promise<LoadedControls> {
  try {
    return await loadControls({ policies, frameworks });
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'unknown_framework') throw error;
    return self.error(`error: ${error.message}`, { exitCode: 2 });
  }
}

async function coverNow(workspace: string): Promise<string> {
  const note = await askCheckpoint(workspace);
  if (note !== undefined) return note;
  throw new ProofError(
    'not_covered',
    'No signed checkpoint covers all of the period yet, and no host runs that could sign one: start it with "placet serve", and ask again.',
  );
}

/** Such as `2026-11-01-2026-11-30`, without what no file system has in a name. */
function nameOf(period: Period): string {
  const { first, last } = wordsOf(period);
  return `${first}-${last}`.replaceAll(':', '');
}

function summary({ input, files, bytes }: MadeBundle): object {
  const { period, log, tally, sample } = input;
  return {
    period,
    origin: log.origin,
    entries: log.to_seq - log.from_seq,
    calls: tally.calls,
    carried: tally.carried,
    exceptions: tally.exceptions,
    sample: { seed: sample.seed, calls: sample.calls.map(({ row }) => row.call_id) },
    files,
    bytes,
  };
}

function bundleText(out: string, { input, files, bytes }: MadeBundle): string {
  const { period, log, tally, sample } = input;
  const exceptions = Object.entries(tally.exceptions);
  const found = exceptions.reduce((sum, [, count]) => sum + count, 0);
  const kinds = exceptions.map(([kind, count]) => `${count} ${kind}`).join(', ');
  return [
    `${out}: ${counted(files, 'file')}, ${Math.ceil(bytes / 1024).toLocaleString('en')} KiB.`,
    `From ${period.from} to before ${period.to}: ${counted(tally.calls, 'call')} in ${(log.to_seq - log.from_seq).toLocaleString('en')} entries, ${counted(found, 'exception')}${found === 0 ? '' : ` (${kinds})`}, ${counted(sample.calls.length, 'call')} drawn.`,
    `Signed by ${log.keys.at(-1)?.key}. ${join(out, 'VERIFY.md')} says how anybody checks it.`,
  ].join('\n');
}

function idsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}

function sampleOf(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (count <= SAMPLE_MAX) return count;
  throw new InvalidArgumentError(`It must be a whole number up to ${SAMPLE_MAX}.`);
}

function seedOf(text: string): string {
  if (SEED.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 64 letters, digits, dots, dashes and underlines.');
}
