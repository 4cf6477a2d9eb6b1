import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK = 512;
const CHUNK = 256 * 1024;
const NAME_MAX = 100;

/**
 * A folder as a tar archive (POSIX.1-2001, pax), its files in the order of their names. Nothing of who made it is in it.
 *
 * @param root the name that the folder has in the archive
 * @throws Error where a file changes while it is read
 */
export async function* tarOf(folder: string, root: string): AsyncGenerator<Uint8Array> {
  for (const path of await filesIn(folder)) {
    const full = join(folder, ...path.split('/'));
    const { size, mtimeMs } = await stat(full);
    const name = `${root}/${path}`;
    const of = { size, mtime: Math.floor(mtimeMs / 1000) };
    if (Buffer.byteLength(name) > NAME_MAX) yield* longName(name, of.mtime);
    yield header({ ...of, name: shortName(name), type: '0' });
    yield* contentOf(full, size);
    yield padding(size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** Paths below the folder, with forward slashes, in their order. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

async function* contentOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (let done = 0; done < size; ) {
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK, size - done));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, done);
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read.`);
      done += bytesRead;
      yield bytes.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

interface Head {
  readonly name: string;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** `0` a file, `x` what is said of the one that follows. */
  readonly type: '0' | 'x';
}

function header({ name, size, mtime, type }: Head): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, '0'), at, length - 1, 'latin1');
  };
  block.write(name, 0, NAME_MAX, 'utf8');
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(mtime, 136, 12);
  block.fill(' ', 148, 156);
  block.write(type, 156, 1, 'latin1');
  block.write('ustar\u000000', 257, 8, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block[154] = 0;
  block[155] = 0x20;
  return block;
}

/** Says the name of the file that follows, which is too long for its own header. */
function* longName(name: string, mtime: number): Generator<Uint8Array> {
  const record = paxRecord('path', name);
  yield header({ name: 'pax', size: record.length, mtime, type: 'x' });
  yield record;
  yield padding(record.length);
}

/** `LENGTH KEY=VALUE\n`, the length counting itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function shortName(name: string): string {
  return Buffer.from(name)
    .subarray(0, NAME_MAX)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '_');
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
