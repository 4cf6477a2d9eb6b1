import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { loadSettings } from '../config.ts';
import type { ControlMapping } from '../core/controls.ts';
import { ConfigError, messageOf, ProofError } from '../core/errors.ts';
import { revealedLine } from '../core/reveal.ts';
import { utc } from '../core/time-words.ts';
import { checkProof, type CheckedProof } from '../evidence/check-proof.ts';
import { loadControls } from '../evidence/controls/load.ts';
import { entryText } from '../evidence/log-report.ts';
import { entriesToProve, newestCheckpoint, proveEntries } from '../evidence/prove.ts';
import { readKeysIn } from '../evidence/read-keys.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseNote, type Verifier } from '../tlog/note.ts';
import { askCheckpoint } from './ask-checkpoint.ts';
import { controlsLine } from './controls-line.ts';
import { print, type CliContext, type CommonOptions } from './context.ts';
import { keyOf } from './log-verify.ts';

interface ProveCommand extends CommonOptions {
  readonly out?: string;
}
interface CheckCommand extends CommonOptions {
  readonly key?: Verifier;
}
interface KeyCommand extends CommonOptions {
  readonly all?: boolean;
}

const SUFFIX = '.tlog-proof';

/** `placet log prove`, `check` and `key`: what outsiders are handed, and what they check it with. */
export function registerProve(log: Command, context: CliContext): void {
  log
    .command('prove')
    .description('Write proofs that entries stand in the signed log, which can be checked offline.')
    .argument('<id>', 'a sequence number or the id of an entry; or of a request or its call')
    .option('--dir <folder>', 'the workspace')
    .option('--out <path>', `a folder, or a file that ends in ${SUFFIX}; default: this folder`)
    .option('--json', 'as JSON')
    .action(async (id: string, options: ProveCommand, self: Command) => {
      const workspace = context.workspaceDir(options);
      const dir = join(loadSettings(workspace, 'operator').data, 'journal');
      const entries = await entriesToProve(dir, id);
      if (entries.length === 0) {
        process.stderr.write(`placet: Nothing that can be proven has the number or id ${id}.\n`);
        process.exitCode = 1;
        return;
      }
      const place = placeOf(options.out, entries.length, self);
      const last = Math.max(...entries.map(({ entry }) => entry.seq));
      const proofs = await proveEntries(dir, entries, await covering(workspace, dir, last));
      const files: { seq: number; type: string; file: string }[] = [];
      for (const [i, { entry }] of entries.entries()) {
        const file = place(entry.seq);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, proofs[i] ?? '');
        files.push({ seq: entry.seq, type: entry.type, file });
      }
      print(options.json ? files : files.map(({ seq, type, file }) => `${seq}  ${type}  ${file}`).join('\n'));
    });

  log
    .command('check')
    .description('Check proofs of entries offline. Exit code 1 unless all hold under a key that is known.')
    .argument('<file...>', `as "placet log prove" writes them`)
    .option('--key <vkey>', 'the verifier key of the log that you noted elsewhere', keyOf('signature'))
    .option('--dir <folder>', 'the workspace whose keys are taken where no key is given')
    .option('--json', 'as JSON')
    .action(async (files: readonly string[], options: CheckCommand) => {
      const { keys, whose } = await keysFor(options, context);
      const { mapping } = await loadControls({});
      const checked = await Promise.all(files.map((file) => checkedFile(file, keys)));
      if (options.json)
        print(
          checked.map(({ file, proof, why }) => ({
            file,
            ok: isProven(proof),
            why,
            ...proof,
            ...(proof ? { controls: mapping.controlsOf([proof.entry]) } : {}),
          })),
        );
      else print(checked.map((each) => proofText(each, whose, mapping)).join('\n\n'));
      if (!checked.every(({ proof }) => isProven(proof))) process.exitCode = 1;
    });

  log
    .command('key')
    .description('Print the verifier key of the log: note it where nobody who runs Placet can change it.')
    .option('--dir <folder>', 'the workspace')
    .option('--all', 'every key that the journal names, and from which entry on it signs')
    .option('--json', 'as JSON')
    .action(async (options: KeyCommand) => {
      const dir = join(loadSettings(context.workspaceDir(options), 'operator').data, 'journal');
      const all = (await readKeysIn(dir)).all.map(({ verifier, from, since }) => ({
        key: verifier.vkey,
        from,
        since,
      }));
      const shown = options.all ? all : all.slice(-1);
      if (options.json) print(options.all ? shown : shown[0]);
      else if (options.all)
        print(shown.map(({ key, from, since }) => `${from}  ${since}  ${key}`).join('\n'));
      else print(shown[0]?.key ?? '');
    });
}

/** Where the proof of an entry goes. */
function placeOf(out: string | undefined, count: number, self: Command): (seq: number) => string {
  const isFile = out?.endsWith(SUFFIX) === true && !(existsSync(out) && statSync(out).isDirectory());
  if (isFile && count > 1)
    return self.error(`placet: ${count} proofs do not go into one file: name a folder.`, { exitCode: 2 });
  return (seq) => (isFile ? out : join(out ?? '.', `${seq}${SUFFIX}`));
}

/** The newest checkpoint that covers an entry: the one that is kept, otherwise one that a running host signs now. */
async function covering(workspace: string, dir: string, seq: number): Promise<string> {
  const kept = await newestCheckpoint(dir);
  if (kept !== undefined && parseCheckpoint(parseNote(kept).text).size > seq) return kept;
  const fresh = await askCheckpoint(workspace);
  if (fresh !== undefined) return fresh;
  throw new ProofError(
    'not_covered',
    `No signed checkpoint covers the entry ${seq} yet, and no host runs that could sign one: start it with "placet serve", and ask again.`,
  );
}

async function keysFor(
  { key, ...options }: CheckCommand,
  context: CliContext,
): Promise<{ readonly keys: readonly Verifier[]; readonly whose: string }> {
  if (key) return { keys: [key], whose: 'the key that was given' };
  try {
    const workspace = context.workspaceDir(options);
    const { all } = await readKeysIn(join(loadSettings(workspace, 'operator').data, 'journal'));
    return { keys: all.map(({ verifier }) => verifier), whose: `a key of the workspace ${workspace}` };
  } catch (error) {
    const none = error instanceof ProofError || error instanceof ConfigError;
    if (!none || options.dir !== undefined) throw error;
    return { keys: [], whose: '' };
  }
}

interface Checked {
  readonly file: string;
  readonly proof?: CheckedProof;
  readonly why?: string;
}

async function checkedFile(file: string, keys: readonly Verifier[]): Promise<Checked> {
  try {
    return { file, proof: checkProof(await readFile(file, 'utf8'), keys) };
  } catch (error) {
    return { file, why: messageOf(error) };
  }
}

function isProven(proof: CheckedProof | undefined): boolean {
  return (proof?.signed.length ?? 0) > 0;
}

function proofText({ file, proof, why }: Checked, whose: string, mapping: ControlMapping): string {
  if (!proof) return `${file}: ${revealedLine(why ?? '')}`;
  const { entry, origin, size, signed, unchecked } = proof;
  const stands = `entry ${entry.seq} of ${entry.time} stands among the first ${size} of the log ${revealedLine(origin)}`;
  const verdict =
    signed.length > 0
      ? `${file}: proven. The ${stands}, signed by ${whose}:\n${signed.map(({ key, time }) => `  ${key}${time === undefined ? '' : `, ${utc(new Date(time * 1000).toISOString())}`}`).join('\n')}`
      : `${file}: not proven. It is consistent with itself: the ${stands}, by a checkpoint that ${unchecked.join(', ')} signed. Whether that is the log's key was not checked: give the key that you noted elsewhere with --key.`;
  return `${verdict}\n\n${entryText(entry)}${controlsLine(mapping, entry)}`;
}
