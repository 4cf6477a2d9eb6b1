import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { goProgram } from '../../scripts/needs.mjs';
import { tempDir } from './temp.ts';

const SOURCES = join(import.meta.dirname, '../../src/evidence/verifier');

export interface Said {
  readonly ok: boolean;
  /** Its one line. */
  readonly line: string;
}

/** Builds the verifier in Go, which shares no line with Placet. @returns what runs it */
export function independentVerifier(): (...args: readonly string[]) => Said {
  const program = join(tempDir(), 'verify');
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.go'));
  const built = spawnSync(goProgram() ?? 'go', ['build', '-o', program, ...sources], {
    cwd: SOURCES,
    encoding: 'utf8',
    // Debian's packages and nothing from the network.
    env: {
      HOME: homedir(),
      PATH: process.env['PATH'],
      GO111MODULE: 'off',
      GOPATH: '/usr/share/gocode',
      GOFLAGS: '',
      CGO_ENABLED: '0',
    },
  });
  if (built.status !== 0) throw new Error(`The verifier in Go does not build: ${built.stderr}`);
  return (...args) => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    const line = `${stdout}${stderr}`.trimEnd();
    if (status === 0 && line.startsWith('ok: ')) return { ok: true, line };
    if (status === 1 && line.startsWith('FAIL: ')) return { ok: false, line };
    throw new Error(`The verifier in Go ended with ${String(status)}: ${line}`);
  };
}
