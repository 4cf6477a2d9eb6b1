import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../src/core/json.ts';
import type { SeenCheckpoint } from '../../src/evidence/seen-check.ts';
import { verifyJournal, type Verdict, type VerifyOptions } from '../../src/evidence/verify.ts';
import { checkpointText, parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import { leafHash, nodeHash, type Hash } from '../../src/tlog/merkle.ts';
import { formatNote, parseNote, parseSigner, type Signer } from '../../src/tlog/note.ts';
import { checkpointBench, type CheckpointBench } from './checkpoint-bench.ts';
import { allowed, completed, wholeStory } from './journal-drafts.ts';

/** What an insider does to a journal, and what is found of it then. */

export type Line = Record<string, unknown>;

export const SEGMENT = '00000000.jsonl';

/** A signed log on the disk, closed: held calls with what became of them, and some hundred allowed ones. */
export async function signedJournalFolder(calls = 120): Promise<CheckpointBench> {
  const bench = checkpointBench();
  await bench.open();
  const { journal, clock } = bench;
  for (let n = 0; n < calls; n += 1) {
    await journal.append(allowed(`c${n}`));
    await journal.append([completed(`c${n}`)]);
    if (n % 40 !== 0) continue;
    clock.advance(10);
    await wholeStory(journal, clock);
    await bench.cover();
  }
  await bench.close();
  return bench;
}

export function verify(bench: CheckpointBench, more: Partial<VerifyOptions> = {}): Promise<Verdict> {
  return verifyJournal({ dir: bench.dir, now: bench.clock.now(), headKey: Buffer.alloc(32, 7), ...more });
}

export function linesIn(bench: CheckpointBench, segment = SEGMENT): string[] {
  return readFileSync(join(bench.dir, segment), 'utf8').trimEnd().split('\n');
}

export function writeLines(bench: CheckpointBench, lines: readonly string[], segment = SEGMENT): void {
  writeFileSync(join(bench.dir, segment), lines.map((line) => `${line}\n`).join(''));
}

/** Changes entries in place. @returns the number of the first that is another one now */
export function changeEntries(bench: CheckpointBench, change: (entries: Line[]) => Line[]): number {
  const before = linesIn(bench);
  const after = change(before.map((line) => JSON.parse(line) as Line)).map((entry) => canonicalJson(entry));
  writeLines(bench, after);
  return before.findIndex((line, i) => line !== after[i]);
}

export function flipBit(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** Flips a bit of base64 at that place, or at the next one before it where base64 comes of it. */
export function flipBase64(path: string, at: number): void {
  const text = readFileSync(path, 'latin1');
  const isBase64 = (code: number): boolean => /[A-Za-z0-9+/]/.test(String.fromCharCode(code));
  let place = at;
  while (!isBase64(text.charCodeAt(place)) || !isBase64(text.charCodeAt(place) ^ 1)) place -= 1;
  flipBit(path, place);
}

/** Removes what was derived from the lines, so that the next start of the host makes and signs it anew. */
export function forgetDerived({ dir }: CheckpointBench): void {
  for (const name of ['snapshot.json', 'head', 'checkpoint', 'checkpoints.log', 'tile', 'stamps'])
    rmSync(join(dir, name), { recursive: true, force: true });
}

/** The key with which the host signs. */
export function logKeyOf({ keysDir }: CheckpointBench): Signer {
  return parseSigner(readFileSync(join(keysDir, 'log.key'), 'utf8'));
}

/** A checkpoint over the lines that stand, whoever signs it. */
export function signNow(bench: CheckpointBench, signer: Signer, origin = signer.verifier.name): string {
  const lines = linesIn(bench);
  const text = checkpointText({
    origin,
    size: lines.length,
    root: rootOf(lines.map((line) => leafHash(line))),
  });
  return formatNote(text, [signer.sign(text, 0)]);
}

/** Puts a note where the host keeps its newest and its history. */
export function keepNote({ dir }: CheckpointBench, note: string): void {
  const path = join(dir, 'checkpoints.log');
  const line = JSON.stringify({ at: '2026-11-23T11:00:00.000Z', note });
  writeFileSync(path, `${readFileSync(path, 'utf8')}${line}\n`);
  writeFileSync(join(dir, 'checkpoint'), note);
}

/** Someone kept this note. */
export function seenAs(where: string, text: string, sent?: string): SeenCheckpoint {
  const note = parseNote(text);
  return { where, note, checkpoint: parseCheckpoint(note.text), ...(sent === undefined ? {} : { sent }) };
}

export function codesIn(verdict: Verdict): readonly string[] {
  return [...new Set(verdict.problems.map(({ code }) => code))].toSorted();
}

/** The sentence about the first problem with that code. */
export function told(verdict: Verdict, code: string): string {
  return verdict.problems.find((problem) => problem.code === code)?.message ?? `no ${code}`;
}

/** As RFC 6962 writes it down, without any of our trees. */
function rootOf(leaves: readonly Hash[]): Hash {
  if (leaves.length === 1) return leaves[0] as Hash;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return nodeHash(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}
