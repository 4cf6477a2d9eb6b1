import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformanceSuite } from '../../scripts/conformance.mjs';
import { tempDir } from '../support/temp.ts';

export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'INFO' | 'WARNING' | 'FAILURE';
  readonly errorMessage?: string;
}

/** What the suite found, each check named `SCENARIO/ID`. */
export interface Findings {
  readonly scenarios: readonly string[];
  readonly passed: readonly string[];
  /** Warnings and failures, with why. */
  readonly complaints: readonly string[];
}

/** Runs every server scenario of the conformance suite, pending ones too, against this URL. */
export async function runSuite(url: string): Promise<Findings> {
  const suite = conformanceSuite();
  if (!suite) throw new Error('The conformance suite is not installed (npm ci in test/conformance/install).');
  const [program, script] = suite;
  const folder = tempDir();
  const child = spawn(program, [script, 'server', '--url', url, '--suite', 'all', '-o', folder], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH ?? '' },
  });
  await once(child, 'close');
  return findingsIn(folder);
}

function findingsIn(folder: string): Findings {
  const scenarios: string[] = [];
  const passed: string[] = [];
  const complaints: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    const scenario = name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
    scenarios.push(scenario);
    for (const check of JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as Check[]) {
      const called = `${scenario}/${check.id}`;
      if (check.status === 'SUCCESS') passed.push(called);
      else if (check.status !== 'INFO') complaints.push(`${called}: ${check.errorMessage ?? check.status}`);
    }
  }
  return { scenarios, passed, complaints };
}
