import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The files of a bundle while it is written: each is hashed as it is, and named once. Paths have forward slashes. */
export interface BundleFiles {
  /** A whole file. @throws TypeError where the path is none, or was written before */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** A file that is written bit by bit. It MUST be closed. */
  open(path: string): Promise<BundleFile>;
  /** Says in the manifest what is not in the bundle, and why: a name such as `report.pdf`, and a sentence. */
  note(name: string, sentence: string): void;
}

export interface BundleFile {
  /** Resolves when the bytes are needed no more. */
  write(content: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** As the manifest lists it. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface WrittenFiles extends BundleFiles {
  /** By rising paths. */
  list(): readonly ListedFile[];
  notes(): Readonly<Record<string, string>>;
  /** Where a file stands. */
  pathOf(path: string): string;
  /** Closes what is open still, after a failure. */
  abandon(): Promise<void>;
}

/** What no shell and no manifest reads differently. */
const PATH = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*\/)*[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const AT_ONCE = 256 * 1024;

/** @param dir a folder that nobody else writes into */
export function createBundleFiles(dir: string): WrittenFiles {
  const files = new Map<string, ListedFile | undefined>();
  const notes = new Map<string, string>();
  const standing = new Set<FileHandle>();
  const pathOf = (path: string): string => join(dir, path);
  const openFile = async (path: string): Promise<BundleFile> => {
    if (!PATH.test(path)) throw new TypeError(`${path} is no path in a bundle.`);
    if (files.has(path)) throw new TypeError(`${path} was written before.`);
    files.set(path, undefined);
    await mkdir(dirname(pathOf(path)), { recursive: true, mode: 0o700 });
    const file = await open(pathOf(path), 'wx', 0o600);
    standing.add(file);
    return writing(file, (bytes, sha256) => {
      standing.delete(file);
      files.set(path, { path, bytes, sha256 });
    });
  };
  return {
    open: openFile,
    async write(path, content) {
      const file = await openFile(path);
      try {
        await file.write(content);
      } finally {
        await file.close();
      }
    },
    note: (name, sentence) => void notes.set(name, sentence),
    list: () =>
      [...files].map(([path, file]) => file ?? notClosed(path)).sort((a, b) => (a.path < b.path ? -1 : 1)),
    notes: () => Object.fromEntries(notes),
    pathOf,
    async abandon() {
      for (const file of standing) await file.close().catch(() => undefined);
    },
  };
}

function writing(file: FileHandle, done: (bytes: number, sha256: string) => void): BundleFile {
  const hash = createHash('sha256');
  let size = 0;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    const bytes = waiting.length === 1 ? (waiting[0] ?? Buffer.alloc(0)) : Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    hash.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
    size += bytes.length;
  };
  return {
    async write(content) {
      const isText = typeof content === 'string';
      const long = content.length >= AT_ONCE;
      // A short piece that somebody else may write into next is copied.
      waiting.push(
        isText || !long
          ? Buffer.from(content)
          : Buffer.from(content.buffer, content.byteOffset, content.length),
      );
      waitingBytes += content.length;
      if (waitingBytes >= AT_ONCE) await flush();
    },
    async close() {
      try {
        await flush();
        await file.datasync();
      } finally {
        await file.close();
      }
      done(size, hash.digest('hex'));
    },
  };
}

function notClosed(path: string): never {
  throw new TypeError(`${path} was not closed.`);
}
