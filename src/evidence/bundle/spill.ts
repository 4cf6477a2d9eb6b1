import { open, rm, type FileHandle } from 'node:fs/promises';

const LINES_AT_ONCE = 512 * 1024;

/** Texts that are put on the disk as they come and are read back in the order of their numbers. */
export class Spill {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #places: { readonly number: number; readonly offset: number; readonly bytes: number }[] = [];
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #size = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** @param path of a file that is made, and removed when this is closed */
  static async open(path: string): Promise<Spill> {
    return new Spill(path, await open(path, 'wx+', 0o600));
  }

  add(number: number, text: string): void {
    const bytes = Buffer.from(text);
    this.#places.push({ number, offset: this.#size + this.#waitingBytes, bytes: bytes.length });
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Lets go of memory; to be waited for now and then. */
  async settle(atLeast = LINES_AT_ONCE): Promise<void> {
    if (this.#waitingBytes < atLeast || this.#waitingBytes === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    await writeWhole(this.#file, bytes, this.#size);
    this.#size += bytes.length;
  }

  /** Every text, by rising numbers. */
  async *inOrder(): AsyncGenerator<string> {
    await this.settle(1);
    this.#places.sort((a, b) => a.number - b.number);
    let window = { start: 0, bytes: Buffer.alloc(0) };
    for (const { offset, bytes } of this.#places) {
      if (offset < window.start || offset + bytes > window.start + window.bytes.length) {
        const wanted = Buffer.alloc(Math.min(Math.max(bytes, 64 * 1024), this.#size - offset));
        const { bytesRead } = await this.#file.read(wanted, 0, wanted.length, offset);
        window = { start: offset, bytes: wanted.subarray(0, bytesRead) };
      }
      const from = offset - window.start;
      yield window.bytes.toString('utf8', from, from + bytes);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
