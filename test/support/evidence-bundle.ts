import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { goProgram } from '../../scripts/needs.mjs';
import type { Exception } from '../../src/core/evidence.ts';
import type { Workload, WorkloadTally } from './evidence-workload.ts';
import { tempDir } from './temp.ts';

/** An auditor's bundle, as a stranger reads it who has never seen Placet's sources. */

/** Makes the bundle of a workload's period by the real command. @returns its folder */
export async function makeBundle(
  { workspace, from, to }: Workload,
  out: string,
  ...more: string[]
): Promise<string> {
  const period = ['--from', from, '--to', to];
  const { code, stderr } = await workspace.placet('evidence', ...period, '--out', out, ...more);
  if (code !== 0) throw new Error(`No bundle was made: ${stderr}`);
  return out;
}

/** The log's key, as whoever checks had noted it before. */
export async function keyOf({ workspace }: Workload): Promise<string> {
  return (await workspace.placet('log', 'key')).stdout.trim();
}

/** Kind and request of each exception in a bundle, in the order of the alphabet. */
export function exceptionsIn(bundle: string): string[] {
  return jsonLines<Exception>(bundle, 'exceptions.jsonl').map(nameOf).sort();
}

/** The same of what was planted. */
export function plantedIn({ planted }: WorkloadTally): string[] {
  return planted.map(nameOf).sort();
}

/** Of what is not about a request of people it is the kind alone: nobody outside learns more of it. */
function nameOf({ kind, request_id: id = '' }: Pick<Exception, 'kind' | 'request_id'>): string {
  return `${kind} ${id}`;
}

/** The objects of a file of JSON Lines. */
export function jsonLines<T>(bundle: string, path: string): T[] {
  return readFileSync(join(bundle, path), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** The rows of a file of CSV (RFC 4180), its head among them. */
export function csvRows(bundle: string, path: string): string[][] {
  const text = readFileSync(join(bundle, path), 'utf8');
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (end === '' && row.length === 0 && quoted === undefined && plain === '') break;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** All files of a bundle, as paths in it. */
export function filesOf(bundle: string): string[] {
  return readdirSync(bundle, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(bundle.length + 1))
    .sort();
}

/** The commands of VERIFY.md, character for character, in their order. */
export function commandsIn(bundle: string): string[] {
  const page = readFileSync(join(bundle, 'VERIFY.md'), 'utf8');
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command = '']) => command);
}

export interface Ran {
  readonly ok: boolean;
  /** What the commands printed, the one that failed last. */
  readonly said: string;
}

/**
 * Runs commands of VERIFY.md in the bundle, each in a shell of its own, up to the first that fails.
 *
 * @param key the verifier key that whoever checks has noted elsewhere
 */
export function runCommands(bundle: string, commands: readonly string[], key: string): Ran {
  let said = '';
  // What the commands leave in it is removed with it.
  const work = tempDir();
  for (const command of commands) {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: bundle,
      encoding: 'utf8',
      env: { HOME: process.env['HOME'], PATH: pathWithGo(), KEY: key, TMPDIR: work },
    });
    said += `${command}${stdout}${stderr}`;
    if (status !== 0) return { ok: false, said };
  }
  return { ok: true, said };
}

/** Debian keeps the Go of some releases out of PATH. */
function pathWithGo(): string {
  return [process.env['PATH'] ?? '', dirname(goProgram() ?? '')].join(delimiter);
}
