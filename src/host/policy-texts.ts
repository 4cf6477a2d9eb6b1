import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** The policy files as they stand on the disk, people.yaml first, tests of rules among them. */
export async function policyTexts(
  dir: string,
): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const names = (await readdir(dir)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  const ordered = ['people.yaml', ...names.filter((name) => name !== 'people.yaml')];
  return Promise.all(
    ordered.map(async (name) => ({
      file: `${basename(dir)}/${name}`,
      text: await readFile(join(dir, name), 'utf8'),
    })),
  );
}
