import { constants } from 'node:fs';
import { open, opendir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { messageOf, ProofError } from '../core/errors.ts';
import { diskReason } from '../journal/disk.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseNote } from '../tlog/note.ts';
import { parseProof } from '../tlog/proof.ts';
import type { SeenCheckpoint } from './seen-check.ts';

export interface SeenFiles {
  readonly seen: readonly SeenCheckpoint[];
  /** What sets out to be a checkpoint and cannot be read as one: somebody may have damaged it. */
  readonly unreadable: readonly Unreadable[];
  /** Files of the folders in which no checkpoint is. */
  readonly passed_over: number;
}

export interface Unreadable {
  readonly where: string;
  /** The rest of a sentence. */
  readonly why: string;
}

const FILE_MAX = 32 * 1024 * 1024;
const DEPTH_MAX = 16;

/**
 * Reads checkpoints that were kept elsewhere: signed notes, proofs of entries, saved mails. Folders are read with what
 * is below them; links in them are not followed.
 *
 * @param paths of files and folders
 * @throws ProofError `no_checkpoint` for a file that was named and holds none, and where there is none at all
 */
export async function readSeen(paths: readonly string[]): Promise<SeenFiles> {
  const found: Found[] = [];
  let passedOver = 0;
  for (const path of paths) {
    const at = await stat(path).catch((error: unknown) => {
      throw none(`${path} cannot be read: ${diskReason(error)}`);
    });
    if (!at.isDirectory()) {
      const read = await readFileIn(path, basename(path));
      if (read.length === 0) throw none(`${path} holds no checkpoint`);
      found.push(...read);
      continue;
    }
    for await (const file of filesIn(path, 0)) {
      const read = await readFileIn(file, join(basename(path), relative(path, file)));
      if (read.length === 0) passedOver += 1;
      found.push(...read);
    }
  }
  if (found.length === 0) throw none(`No checkpoint is in ${paths.join(', ')}, so nothing was compared`);
  return {
    seen: found.flatMap((each) => ('why' in each ? [] : each)),
    unreadable: found.flatMap((each) => ('why' in each ? each : [])),
    passed_over: passedOver,
  };
}

type Found = SeenCheckpoint | Unreadable;

async function* filesIn(folder: string, depth: number): AsyncGenerator<string> {
  const names: { readonly name: string; readonly isFolder: boolean }[] = [];
  for await (const entry of await opendir(folder)) {
    if (entry.isFile() || entry.isDirectory())
      names.push({ name: entry.name, isFolder: entry.isDirectory() });
  }
  for (const { name, isFolder } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, name);
    if (!isFolder) yield path;
    else if (depth < DEPTH_MAX) yield* filesIn(path, depth + 1);
  }
}

/** The checkpoints in a file; none in one that is nothing of the kind. @param shown how a person knows it */
async function readFileIn(path: string, shown: string): Promise<readonly Found[]> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readSome(path);
  } catch (error) {
    return [{ where: shown, why: `it cannot be read: ${diskReason(error)}` }];
  }
  if (!bytes) return [];
  const text = bytes.toString('utf8');
  if (text.startsWith('c2sp.org/tlog-proof@')) return [opened(shown, () => parseProof(text).checkpoint)];
  if (isMail(text)) return readMailIn(bytes, shown);
  const note = text.replaceAll('\r\n', '\n');
  return isNote(note) ? [opened(shown, () => note)] : [];
}

async function readMailIn(bytes: Buffer, shown: string): Promise<readonly Found[]> {
  try {
    // What reads mails is large.
    const { readMail } = await import('./seen-mail.ts');
    const { sent, notes } = await readMail(bytes);
    const once = notes.filter((note, i) => notes.findIndex((each) => each.text === note.text) === i);
    return once.map((note) => ({
      ...opened(`${shown} (${note.place})`, () => note.text),
      ...(sent === undefined ? {} : { sent }),
    }));
  } catch (error) {
    // A mail of which nobody can say what is in it concerns this only if it says so.
    const named = /x-placet-checkpoint|checkpoint\.txt/i.test(bytes.toString('latin1'));
    return named ? [{ where: shown, why: `it cannot be read as a mail: ${messageOf(error)}` }] : [];
  }
}

function opened(where: string, read: () => string): Found {
  try {
    const note = parseNote(read());
    return { where, note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    return { where, why: `it is damaged: ${messageOf(error).replace(/\.$/, '')}` };
  }
}

/** Nothing for what is no ordinary file, and for what is larger than any mail. */
async function readSome(path: string): Promise<Buffer | undefined> {
  // A named pipe would wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > FILE_MAX) return undefined;
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** An origin, a size, a root, and a signature somewhere behind. */
function isNote(text: string): boolean {
  return /^[^\n]+\n\d+\n[A-Za-z0-9+/=]+\n/.test(text) && text.includes('\n\n— ');
}

/** Header lines at the beginning, perhaps behind the line that a mailbox puts before a mail. */
function isMail(text: string): boolean {
  return /^(?:From [^\n]*\n)?[A-Za-z][A-Za-z0-9-]*:[ \t\r\n]/.test(text);
}

function none(why: string): ProofError {
  return new ProofError('no_checkpoint', `${why}.`);
}
