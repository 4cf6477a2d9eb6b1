import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, type JournalError } from '../core/errors.ts';
import { AppendFile } from './append-file.ts';
import { makeFolder, type Disk } from './disk.ts';
import type { Sink } from './group-commit.ts';

/** A pack takes no more once it holds as many bytes. */
const PACK_BYTES = 64 * 1024 * 1024;
const NAME = /^(\d{8,})\.pack$/;

/** A record on its way into a pack. */
export interface Packing {
  readonly record: Buffer;
  /** Set when it is written: `pack:offset`. */
  at?: string;
}

/** Where `pack:offset` stands; nothing when it is no such place. */
export function packPlace(
  dir: string,
  at: string,
): { readonly path: string; readonly offset: number } | undefined {
  const match = /^(\d{1,12}):(\d{1,12})$/.exec(at);
  return match ? { path: packPath(dir, Number(match[1])), offset: Number(match[2]) } : undefined;
}

/**
 * The current pack of small payloads. It is opened with the first write, so that who only reads leaves no trace.
 * A record is self-contained, so whatever a failure leaves in a pack stays there, and nobody points at it.
 */
export class PackWriter implements Sink<Packing> {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #onTrouble: (sentence: string) => void;
  #number = 0;
  #file: AppendFile | undefined;

  constructor(disk: Disk, dir: string, onTrouble: (sentence: string) => void) {
    this.#disk = disk;
    this.#dir = dir;
    this.#onTrouble = onTrouble;
  }

  room(items: readonly Packing[]): number {
    return this.#file && this.#file.size < PACK_BYTES ? items.length : 0;
  }

  async next(): Promise<void> {
    if (this.#file) await this.#begin(this.#number + 1);
    else await this.#resume();
  }

  /** In a pack of its own: what stands behind the last sync cannot be believed. */
  async recover(): Promise<void> {
    await makeFolder(this.#disk, this.#dir);
    await this.#begin((await this.#lastNumber()) + 1);
  }

  write(items: readonly Packing[]): void {
    if (!this.#file) throw new Error('no pack is open');
    const [first] = items;
    let offset = this.#file.write(
      items.length === 1 && first ? first.record : Buffer.concat(items.map((item) => item.record)),
    );
    for (const item of items) {
      item.at = `${this.#number}:${offset}`;
      offset += item.record.length;
    }
  }

  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  durable(): void {
    // Nobody keeps account of payloads; the journal points at them.
  }

  lost(kept: readonly Packing[], error: JournalError): readonly Packing[] {
    if (kept.length > 0) {
      this.#onTrouble(`${kept.length} payloads of allowed calls may be lost. ${error.message}`);
    }
    return [];
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #resume(): Promise<void> {
    await makeFolder(this.#disk, this.#dir);
    const last = await this.#lastNumber();
    if (last === 0) return this.#begin(1);
    this.#number = last;
    this.#file = await AppendFile.resume(this.#disk, packPath(this.#dir, last));
  }

  async #begin(number: number): Promise<void> {
    const before = this.#file;
    const file = await AppendFile.create(this.#disk, packPath(this.#dir, number));
    this.#number = number;
    this.#file = file;
    await before
      ?.close()
      .catch((error: unknown) => this.#onTrouble(`A pack cannot be closed: ${messageOf(error)}`));
  }

  /** 0 when there is no pack. */
  async #lastNumber(): Promise<number> {
    const numbers = (await readdir(this.#dir)).map((name) => Number(NAME.exec(name)?.[1] ?? 0));
    return Math.max(0, ...numbers);
  }
}

function packPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(8, '0')}.pack`);
}
