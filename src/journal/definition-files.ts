import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../core/digest.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { diskReason, makeFolder, realDisk, replaceFile, type Disk } from './disk.ts';

/** A definition and what its digest covers besides. */
export interface KeptDefinition {
  readonly definition: JsonObject;
  /** SHA-256 over the canonical JSON of `definition`, or of it and `identity` where there is one. */
  readonly definition_sha256: string;
  readonly identity?: string;
}

/** The texts of pinned definitions, a file each under its digest. */
export interface DefinitionFiles {
  /** Nothing where it is not kept, or is not what its digest says. */
  read(definitionSha256: string): JsonObject | undefined;
  /** Resolves when they are on the disk, or could not be written, which is logged. */
  keep(definitions: readonly KeptDefinition[]): Promise<void>;
  /** Removes those that are not needed. */
  prune(isNeeded: (definitionSha256: string) => boolean): Promise<void>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** Larger ones are not kept: nobody would read them. */
const MAX_BYTES = 1024 * 1024;
const DIGEST = /^[0-9a-f]{64}$/;

/** @param dir such as `data/definitions`; made when there is something to keep */
export function openDefinitionFiles({
  dir,
  log,
  disk = realDisk,
}: {
  readonly dir: string;
  readonly log: Log;
  readonly disk?: Disk;
}): DefinitionFiles {
  /** Found whole, or written, since the start. */
  const whole = new Set<string>();
  /** One thing at a time, so that what is being written is not pruned. */
  let turn: Promise<void> = Promise.resolve();

  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch((error: unknown) => {
      log(
        `The definitions in ${dir} cannot be kept, so people cannot be shown what changes: ${diskReason(error)}.`,
      );
    });
    return turn;
  }

  function read(sha256: string): JsonObject | undefined {
    if (!DIGEST.test(sha256)) return undefined;
    try {
      const kept: unknown = JSON.parse(readFileSync(join(dir, sha256), 'utf8'));
      if (!isJsonObject(kept) || !isJsonObject(kept.definition)) return undefined;
      const { definition, identity } = kept;
      return digestOf(identity === undefined ? definition : [definition, identity]) === sha256
        ? definition
        : undefined;
    } catch {
      // Missing, damaged, or no JSON: whatever it is, it is not the definition.
      return undefined;
    }
  }

  async function write({ definition, definition_sha256, identity }: KeptDefinition): Promise<void> {
    if (whole.has(definition_sha256)) return;
    if (read(definition_sha256) === undefined) {
      const text = JSON.stringify({ definition, ...(identity === undefined ? {} : { identity }) });
      if (Buffer.byteLength(text) > MAX_BYTES) return;
      await replaceFile(disk, dir, definition_sha256, Buffer.from(text));
    }
    whole.add(definition_sha256);
  }

  return {
    read,

    keep(definitions) {
      const missing = definitions.filter((each) => !whole.has(each.definition_sha256));
      if (missing.length === 0) return Promise.resolve();
      return inTurn(async () => {
        await makeFolder(disk, dir);
        for (const each of missing) await write(each);
      });
    },

    prune(isNeeded) {
      return inTurn(async () => {
        for (const name of await readdir(dir).catch(() => [])) {
          const digest = name.replace(/\.new$/, '');
          if (!DIGEST.test(digest) || (name === digest && isNeeded(digest))) continue;
          whole.delete(digest);
          await disk.remove(join(dir, name));
        }
      });
    },

    settled: () => turn,
  };
}
