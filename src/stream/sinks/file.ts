import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Format } from '../../events/format.ts';
import type { EventContext } from '../../events/reading.ts';
import { diskReason, realDisk, type Disk } from '../../journal/disk.ts';
import { SinkError, type Sink } from '../sink.ts';

export interface FileOptions {
  /** Absolute; its folder has to stand. */
  readonly path: string;
  readonly format: Format;
  readonly context: Omit<EventContext, 'call'>;
  readonly disk?: Pick<Disk, 'syncFolder'>;
}

const LINE_FEED = 0x0a;

/** Appends a line for each event and syncs. Where the file was renamed or removed, a new one is begun under its name. */
export function createFileSink({ path, format, context, disk = realDisk }: FileOptions): Sink {
  let file: FileHandle | undefined;

  const current = async (): Promise<FileHandle> => {
    if (file && (await isAt(file, path))) return file;
    await file?.close();
    file = undefined;
    const opened = await open(path, 'a+', 0o600);
    try {
      // Whoever made it: without its name what is in it would be lost, too.
      await disk.syncFolder(dirname(path));
    } catch (error) {
      await opened.close();
      throw error;
    }
    file = opened;
    return file;
  };

  return {
    async send(batch) {
      const lines = batch.map(({ event }) => `${format.alone(event, context)}\n`).join('');
      try {
        const to = await current();
        // What a crash or a full disk cut short is left as it is: the event comes again, whole.
        const bytes = Buffer.from((await endsInLine(to)) ? lines : `\n${lines}`);
        await to.appendFile(bytes);
        await to.datasync();
      } catch (error) {
        throw new SinkError('unreachable', `The file cannot be written: ${diskReason(error)}.`);
      }
    },
    close: async () => file?.close(),
  };
}

async function isAt(file: FileHandle, path: string): Promise<boolean> {
  try {
    const [ours, there] = await Promise.all([file.stat({ bigint: true }), stat(path, { bigint: true })]);
    return ours.ino === there.ino && ours.dev === there.dev;
  } catch {
    return false;
  }
}

async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === LINE_FEED;
}
