import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VerificationLevel } from '../../src/core/entry.ts';
import { type LoadedPolicy, loadPolicy, type LoadResult } from '../../src/policies/load.ts';
import { tempDir } from './temp.ts';

export const PEOPLE = `people:
  - id: alice
    name: Alice Ng
    emails: [alice@example.com]
  - id: bob
    name: Bob Ito
    emails: [bob@example.com]
  - id: carol
    name: Carol Diaz
    emails: [carol@example.com]
groups:
  ops: [alice, bob]
agents:
  - id: claude
    owner: bob
`;

export const RULES = `review:
  reviewers: [group:ops]
rules:
  - id: reads
    match: { tool: "read_*" }
    verdict: allow
`;

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder called `policies` with these files. */
export function policyFolder(files: Files): string {
  const dir = join(tempDir(), 'policies');
  mkdirSync(dir);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  return dir;
}

/** Loads them; the workspace can verify decisions by link alone unless told. */
export function load(
  files: Files,
  verifications: readonly VerificationLevel[] = ['link'],
  channels?: readonly string[],
): Promise<LoadResult> {
  const dir = policyFolder(files);
  return loadPolicy({ dir, verifications, ...(channels === undefined ? {} : { channels }) });
}

/** A policy that must be valid. */
export async function loadValid(
  files: Files,
  verifications?: readonly VerificationLevel[],
): Promise<LoadedPolicy> {
  const result = await load(files, verifications);
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  return result.policy;
}

/** What is wrong with these files, a `file:line:column: sentence` each. */
export async function problemsOf(
  files: Files,
  verifications?: readonly VerificationLevel[],
): Promise<readonly string[]> {
  const result = await load(files, verifications);
  return result.kind === 'ok' ? [] : result.problems.map(lineOf);
}

export async function warningsOf(
  files: Files,
  verifications?: readonly VerificationLevel[],
  channels?: readonly string[],
): Promise<readonly string[]> {
  const result = await load(files, verifications, channels);
  return result.kind === 'invalid' ? result.problems.map(lineOf) : result.warnings.map(lineOf);
}

function lineOf(problem: { file: string; line: number; column: number; message: string }): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}
