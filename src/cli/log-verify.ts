import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { loadSettings } from '../config.ts';
import { ConfigError, messageOf, ProofError } from '../core/errors.ts';
import { counted } from '../core/time-words.ts';
import { readSeen, type SeenFiles } from '../evidence/seen-files.ts';
import { verdictText } from '../evidence/verdict-text.ts';
import { verifyWorkspace } from '../evidence/verify-workspace.ts';
import { parseVerifier, type KeyKind, type Verifier } from '../tlog/note.ts';
import { print, type CliContext, type CommonOptions } from './context.ts';
import { progress } from './progress.ts';

interface VerifyCommand extends CommonOptions {
  readonly witness?: readonly string[];
  readonly witnessKey?: readonly Verifier[];
  readonly key?: Verifier;
  readonly quick?: boolean;
}

/** `placet log verify`: beside a running host, and changes nothing. */
export function registerVerify(log: Command, context: CliContext): void {
  log
    .command('verify')
    .description(
      'Check every line, change of state, payload, tile and checkpoint. Exit code 1 when not whole.',
    )
    .option('--dir <folder>', 'the workspace')
    .option(
      '--witness <path...>',
      'checkpoints that were kept elsewhere: files or folders of saved mails, notes and proofs',
    )
    .option('--key <vkey>', 'the verifier key of the log that you noted elsewhere', keyOf('signature'))
    .option(
      '--witness-key <vkey>',
      'check cosignatures of this witness; may be repeated',
      (text: string, before: readonly Verifier[] | undefined) => [
        ...(before ?? []),
        keyOf('cosignature')(text),
      ],
    )
    .option('--quick', 'bytes, tree, tiles, checkpoints and signatures alone; nothing is replayed')
    .option('--json', 'as JSON')
    .action(async (options: VerifyCommand, self: Command) => {
      const { data, witnesses, tsaCa } = loadSettings(context.workspaceDir(options), 'operator');
      const seen = options.witness && (await seenIn(options.witness, self));
      const verdict = await verifyWorkspace({
        data,
        now: Date.now(),
        seen,
        pin: options.key,
        witnesses: options.witnessKey ?? witnesses.map(({ vkey }) => parseVerifier(vkey)),
        stampCa: tsaCa === undefined ? undefined : await authoritiesIn(tsaCa),
        ...(options.quick ? { quick: true } : {}),
        onProgress: progress(),
      });
      if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
      print(options.json ? verdict : verdictText(verdict));
      const passedOver = seen?.passed_over ?? 0;
      if (passedOver > 0 && !options.json)
        process.stderr.write(
          `placet: ${counted(passedOver, 'file')} held no checkpoint and ${passedOver === 1 ? 'was' : 'were'} passed over.\n`,
        );
      if (!verdict.ok) process.exitCode = 1;
    });
}

export function keyOf(kind: KeyKind): (text: string) => Verifier {
  return (text) => {
    let verifier: Verifier;
    try {
      verifier = parseVerifier(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
    if (verifier.kind === kind) return verifier;
    throw new InvalidArgumentError(
      kind === 'signature' ? 'It is the key of a witness and not of a log.' : 'It is no key of a witness.',
    );
  };
}

/** To have been given nothing to compare with is wrong use and no green answer. */
async function seenIn(paths: readonly string[], self: Command): Promise<SeenFiles> {
  try {
    return await readSeen(paths);
  } catch (error) {
    if (error instanceof ProofError)
      return self.error(`placet: ${error.message} [${error.code}]`, { exitCode: 2 });
    throw error;
  }
}

async function authoritiesIn(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError('bad_setting', `PLACET_TSA_CA cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
