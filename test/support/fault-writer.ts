import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as setTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { verifyWorkspace } from '../../src/evidence/verify-workspace.ts';
import type { Verdict } from '../../src/evidence/verify.ts';
import { openStore } from '../../src/host/store.ts';
import type { TreeView } from '../../src/journal/journal.ts';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { consistencyProof, extendsTree } from '../../src/tlog/merkle.ts';
import { parseVerifier } from '../../src/tlog/note.ts';
import { subtreesOf } from '../../src/tlog/tile.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { tempDir } from './temp.ts';

/** A line of the process that writes. */
export type WriterLine =
  | { readonly opening: number }
  | { readonly ready: number; readonly key: string }
  /** Sequence numbers and ids of one append that is durable. */
  | { readonly acknowledged: readonly (readonly [number, string])[] }
  /** Given to anyone who listens. */
  | { readonly checkpoint: string }
  | { readonly covered: string }
  | { readonly refused: string; readonly message: string }
  | { readonly troubles: readonly (string | undefined | null)[] }
  | { readonly trouble: string }
  | { readonly ended: true };

/** What a process acknowledged and gave out, over all its lives. */
export interface Given {
  /** Ids by sequence number. */
  readonly entries: Map<number, string>;
  readonly notes: Set<string>;
  key: string;
}

export interface FaultWriter {
  readonly pid: number;
  readonly troubles: string[];
  /** Asks for one thing. @returns its answer */
  ask(word: 'append' | 'large' | 'cover' | 'trouble' | 'close'): Promise<WriterLine>;
  /** Lets sixteen write without end. */
  load(): void;
  kill(): Promise<void>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>;
}

export interface FaultWriterOptions {
  readonly data: string;
  readonly given: Given;
  /** What to put before the command. */
  readonly under?: readonly string[];
  readonly uid?: number;
  /** Milliseconds after it began to open the folder at which it is killed. */
  readonly dieAfter?: number;
}

export function nothingGiven(): Given {
  return { entries: new Map(), notes: new Set(), key: '' };
}

const PROGRAM = join(import.meta.dirname, 'fault-writer-process.ts');

/** Starts a process that writes. @throws Error with its refusal when its store does not open */
export async function startFaultWriter({
  data,
  given,
  under = [],
  uid,
  dieAfter,
}: FaultWriterOptions): Promise<FaultWriter> {
  const command = [...under, process.execPath, '--import', import.meta.resolve('tsx'), PROGRAM, data];
  const child: ChildProcess = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['pipe', 'pipe', 'inherit'],
    // One thread for all files, so that the order of their system calls is always the same.
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const ended = once(child, 'exit');
  const troubles: string[] = [];
  const waiting: { readonly resolve: (line: WriterLine) => void; readonly reject: (error: Error) => void }[] =
    [];
  const take = (line: WriterLine): void => {
    if ('opening' in line) {
      if (dieAfter !== undefined) setTimer(() => process.kill(line.opening, 'SIGKILL'), dieAfter);
    } else if ('trouble' in line) troubles.push(line.trouble);
    else if ('checkpoint' in line) given.notes.add(line.checkpoint);
    else {
      if ('acknowledged' in line) for (const [seq, id] of line.acknowledged) given.entries.set(seq, id);
      if ('covered' in line) given.notes.add(line.covered);
      if ('ready' in line) given.key = line.key;
      waiting.shift()?.resolve(line);
    }
  };
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  lines.on('line', (text) => {
    // A killed process may have written half of its last line.
    if (text.endsWith('}')) take(JSON.parse(text) as WriterLine);
  });
  lines.once('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('The process that writes has ended.'));
  });
  const next = () => new Promise<WriterLine>((resolve, reject) => waiting.push({ resolve, reject }));
  const first = await next();
  if (!('ready' in first)) {
    await ended;
    throw new Error('refused' in first ? `${first.refused}: ${first.message}` : JSON.stringify(first));
  }
  return {
    pid: first.ready,
    troubles,
    ended,
    ask(word) {
      const answer = next();
      child.stdin?.write(`${word}\n`);
      return answer;
    },
    load: () => void child.stdin?.write('load\n'),
    async kill() {
      process.kill(first.ready, 'SIGKILL');
      await ended;
    },
  };
}

function stands(pid: number): boolean {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.every((id) => /\) [Tt] /.test(readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8')));
}

/** A copy of a folder as it stands at one instant: the process that writes into it is held meanwhile. */
async function copyAtOnce(data: string, pid: number | undefined): Promise<string> {
  const copy = join(tempDir(), 'data');
  try {
    if (pid !== undefined) {
      process.kill(pid, 'SIGSTOP');
      // Under strace a thread also stands still for an instant at each of its calls.
      for (let still = 0; still < 3; still = stands(pid) ? still + 1 : 0) await setTimeout(1);
    }
    cpSync(data, copy, { recursive: true });
  } finally {
    if (pid !== undefined) process.kill(pid, 'SIGCONT');
  }
  return copy;
}

/**
 * What is wrong with a data folder, as it would be found after a crash at this moment: a copy is verified (without the
 * replay, which opening it makes), opened by the real code, and compared with all that was given out.
 *
 * @param pid the process that writes into it, while it runs
 */
export async function wrongAfterCrash(data: string, all: Given, pid?: number): Promise<readonly string[]> {
  // What is given out from here on is not in the copy.
  const given = { key: all.key, entries: new Map(all.entries), notes: new Set(all.notes) };
  const copy = await copyAtOnce(data, pid);
  const wrong: string[] = problemsOf(await verdictOf(copy, true), 'as it stood');
  const closers: (() => Promise<void> | void)[] = [];
  try {
    const troubles: string[] = [];
    const store = await openStore(
      {
        data: copy,
        software: 'faults',
        clock: new FakeClock('2027-01-01T00:00:00.000Z'),
        random: seededRandom(5),
        log: (line) => void troubles.push(line),
      },
      closers,
    );
    const standing = new Map<number, string>();
    for await (const { seq, id } of store.journal.read(0)) standing.set(seq, id);
    for (const [seq, id] of given.entries)
      if (standing.get(seq) !== id)
        wrong.push(`the acknowledged entry ${seq} is ${standing.get(seq) ?? 'gone'}`);
    wrong.push(...(await contradicted(given, store.journal.tree)));
    wrong.push(...unkept(given, copy));
  } catch (error) {
    wrong.push(`it does not open: ${String(error)}`);
  } finally {
    for (const close of closers.reverse()) await close();
  }
  return wrong;
}

/** What full verification finds in a folder into which nobody writes. */
export async function wrongIn(data: string): Promise<readonly string[]> {
  return problemsOf(await verdictOf(data, false), 'in full');
}

async function contradicted({ notes, key }: Given, tree: TreeView): Promise<readonly string[]> {
  const now = tree.pinned();
  const wrong: string[] = [];
  for (const note of notes) {
    const { checkpoint, right } = openCheckpoint(note, [parseVerifier(key)]);
    const { size } = checkpoint;
    if (right.length !== 1) wrong.push(`the checkpoint of ${size} is not by the log’s key`);
    const proof =
      size <= now.size ? await consistencyProof(size, now.size, subtreesOf(now.size, tree.tile)) : [];
    if (!extendsTree(now, checkpoint, proof))
      wrong.push(`the checkpoint of ${size} is contradicted by ${now.size}`);
  }
  return wrong;
}

/** What was given out and does not stand in the history. */
function unkept({ notes }: Given, data: string): readonly string[] {
  const lines = readFileSync(join(data, 'journal/checkpoints.log'), 'utf8').split('\n').slice(0, -1);
  const kept = new Set(lines.map((line) => (JSON.parse(line) as { note: string }).note));
  return [...notes].filter((note) => !kept.has(note)).map((note) => `not in the history: ${note}`);
}

function verdictOf(data: string, quick: boolean): Promise<Verdict> {
  return verifyWorkspace({ data, now: Date.parse('2027-06-01T00:00:00Z'), quick });
}

/** Payloads are no business of these tests: the process keeps none. */
function problemsOf({ problems }: Verdict, when: string): string[] {
  return problems.map(({ code, message }) => `${when}: ${code}: ${message}`);
}

/** The text of the newest checkpoint on the disk. */
export function placedCheckpoint(data: string): string {
  return readFileSync(join(data, 'journal/checkpoint'), 'utf8');
}
