import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { goProgram } from '../../scripts/needs.mjs';
import { tempDir } from './temp.ts';

/** The commands of VERIFY.md, as they stand: what is between the fences for a shell. */
export function commandsIn(bundle: string): readonly string[] {
  const text = readFileSync(join(bundle, 'VERIFY.md'), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

export interface Checked {
  readonly ok: boolean;
  /** The first command that failed, from 0. */
  readonly failed?: number;
  readonly said: string;
}

/** Runs commands in a bundle's folder, one after the other, as a stranger does who stops at the first that fails. */
export function runCommands(bundle: string, commands: readonly string[], key?: string): Checked {
  let said = '';
  const temporary = tempDir();
  for (const [failed, command] of commands.entries()) {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: bundle,
      encoding: 'utf8',
      env: {
        HOME: homedir(),
        TMPDIR: temporary,
        PATH: [process.env['PATH'], dirname(goProgram() ?? '/usr/bin/go')].join(delimiter),
        ...(key === undefined ? {} : { KEY: key }),
      },
    });
    said += `${stdout}${stderr}`;
    if (status !== 0) return { ok: false, failed, said };
  }
  return { ok: true, said };
}
