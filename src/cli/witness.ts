import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { isLoopback } from '../config.ts';
import { ConfigError } from '../core/errors.ts';
import { systemClock, systemRandom } from '../host/system.ts';
import { readWitnessKey } from '../witness/key.ts';
import { runWitness } from '../witness/run.ts';
import { print, type Register } from './context.ts';

interface WitnessOptions {
  readonly dir?: string;
  readonly host: string;
  readonly port: number;
  readonly name?: string;
  readonly log: readonly string[];
}

/** `placet witness`: cosigns the checkpoints of other hosts' logs. */
export const register: Register = (program) => {
  const witness = program
    .command('witness')
    .description(
      'Cosign the checkpoints of other hosts’ logs, as long as they only grow (C2SP tlog-witness).',
    )
    .enablePositionalOptions()
    .option('--dir <folder>', 'where its key and what it cosigned last are kept (required)')
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <port>', '0 picks a free one', portOf, 7448)
    .option('--name <name>', 'of its key, when that is made; such as witness.example.com/w1')
    .option(
      '--log <vkey>',
      'a log to cosign, kept in the file `logs` of the folder; may be repeated',
      more,
      [],
    )
    .action(async (options: WitnessOptions) => {
      // Commander would demand a required option of `witness key`, too.
      if (options.dir === undefined)
        return witness.error("error: required option '--dir <folder>' not specified", { exitCode: 2 });
      for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
      const dir = resolve(options.dir);
      const running = await runWitness({
        ...options,
        dir,
        logs: options.log,
        clock: systemClock,
        random: systemRandom,
        log: (line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`),
      });
      const { origins } = running;
      print(
        [
          `The witness listens at ${running.url}`,
          `Its key is ${running.verifier.vkey}`,
          origins.length === 0
            ? `It knows no log yet: write the verifier keys of logs, one a line, into ${dir}/logs.`
            : `It cosigns ${origins.join(', ')}; ${dir}/logs names them.`,
          ...(isLoopback(options.host)
            ? []
            : ['Others reach it without encryption: let a proxy with TLS stand in front of it.']),
        ].join('\n'),
      );
      await new Promise<void>((end) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
      });
      await running.close();
    });
  witness
    .command('key')
    .description('Print the verifier key of a witness, for PLACET_WITNESSES of the hosts that ask it.')
    .requiredOption('--dir <folder>', 'the witness’s folder')
    .option('--json', 'as JSON')
    .action(async (options: { readonly dir: string; readonly json?: boolean }) => {
      const signer = await readWitnessKey(resolve(options.dir));
      if (!signer)
        throw new ConfigError(
          'no_witness',
          `No witness has run in ${options.dir} yet: \`placet witness --dir ${options.dir}\` makes its key.`,
        );
      const { name, vkey } = signer.verifier;
      print(options.json ? { name, key: vkey } : vkey);
    });
};

function more(vkey: string, before: readonly string[]): readonly string[] {
  return [...before, vkey];
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It must be a port number from 0 to 65535.');
}
