import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestNote } from '../../src/evidence/bundle/manifest.ts';
import type { Signer } from '../../src/tlog/note.ts';
import { tempDir } from './temp.ts';

type Json = Record<string, unknown>;

/** A copy of a bundle in which an operator, who has the log's key, changes something and signs the manifest anew. */
export interface Forgery {
  readonly dir: string;
  /** Changes the lines of a file. */
  readonly lines: (path: string, change: (lines: string[]) => readonly string[]) => void;
  /** Changes the rows of a file of JSON Lines. */
  readonly rows: (path: string, change: (rows: Json[]) => readonly Json[]) => void;
  /** Changes what the manifest says. */
  readonly manifest: (change: (manifest: Record<string, Json>) => void) => void;
}

export function forged(bundle: string, signer: Signer, change: (forgery: Forgery) => void): string {
  const dir = join(tempDir(), 'bundle');
  cpSync(bundle, dir, { recursive: true });
  const read = (path: string) => readFileSync(join(dir, path), 'utf8');
  const head = JSON.parse(read('manifest.json')) as Record<string, Json>;
  for (const name of ['manifest.json', 'manifest.note']) rmSync(join(dir, name));
  const lines: Forgery['lines'] = (path, work) => {
    const found = read(path).split('\n').slice(0, -1);
    writeFileSync(
      join(dir, path),
      work(found)
        .map((line) => `${line}\n`)
        .join(''),
    );
  };
  change({
    dir,
    lines,
    rows: (path, work) =>
      lines(path, (all) =>
        work(all.map((line) => JSON.parse(line) as Json)).map((row) => JSON.stringify(row)),
      ),
    manifest: (work) => work(head),
  });
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort()
    .map((path) => {
      const bytes = readFileSync(join(dir, path));
      return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    });
  const manifest = `${JSON.stringify({ ...head, files: undefined }, null, 2).slice(0, -2)},\n  "files": [\n${files.map((file) => `    ${JSON.stringify(file)}`).join(',\n')}\n  ]\n}\n`;
  writeFileSync(join(dir, 'manifest.json'), manifest);
  writeFileSync(join(dir, 'manifest.note'), manifestNote(manifest, signer.verifier.name, signer));
  return dir;
}
