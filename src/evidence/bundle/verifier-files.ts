import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const SOURCES = fileURLToPath(new URL('../verifier/', import.meta.url));

/** The independent verifier as source code in Go, which shares no line with Placet. */
export async function verifierFiles(): Promise<readonly { readonly name: string; readonly bytes: Buffer }[]> {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.go')).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(SOURCES, name)) })));
}
